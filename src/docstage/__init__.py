"""docstage: run prompts over whole folders of documents with several language models."""

__version__ = "0.1.0"
