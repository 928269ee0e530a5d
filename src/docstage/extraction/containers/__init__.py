"""Archives, mailboxes and what is attached to documents: files that hold files."""
