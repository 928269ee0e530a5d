"""Connections: how to reach language models, and whether they can be."""
