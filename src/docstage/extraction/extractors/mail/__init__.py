"""Mails, mailboxes, appointments."""
