"""Texts, presentations and drawings of OpenDocument."""
