"""Batches: what they are made of, what is done with them, and what that will take."""
