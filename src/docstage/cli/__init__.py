"""The command line: a thin layer over the HTTP API, local or remote."""

from os import environ

# Pydantic would look through everything that is installed for plugins, for longer than many commands take.
environ.setdefault("PYDANTIC_DISABLE_PLUGINS", "__all__")
