"""Old PowerPoint presentations."""
