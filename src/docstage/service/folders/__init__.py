"""Folders: places documents come from, on the machine or sent to it."""
