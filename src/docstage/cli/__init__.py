"""The command line: a thin layer over the HTTP API, local or remote."""
