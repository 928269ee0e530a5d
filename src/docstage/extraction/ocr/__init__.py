"""Reads the words in pictures, by engines that are installed beside docstage."""
