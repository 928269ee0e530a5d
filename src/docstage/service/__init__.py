"""One function per user action: the only way in for the API and the CLI."""
