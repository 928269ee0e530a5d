"""Text in any encoding, and what is kept as text."""
