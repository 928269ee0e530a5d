"""Deleting everywhere, also from the disk."""
