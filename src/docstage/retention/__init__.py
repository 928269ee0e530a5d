"""Deleting means gone: what was deleted goes from the disk too, in steps, and old runs go by themselves."""
