"""Prompts: what is asked about every document, and trying one."""
