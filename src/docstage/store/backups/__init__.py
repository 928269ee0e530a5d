"""Backups: copies of a database at one moment, in a folder that says of itself what it holds."""
