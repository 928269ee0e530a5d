"""Presentations of Office Open XML."""
