"""The sandbox in which documents are read: workers that can be killed, and the extractors in them."""
