"""Spreadsheets: of Office Open XML, of OpenDocument, and old ones."""
