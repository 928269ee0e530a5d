"""The installation as a whole: its health, copies of it, and what was spent."""
