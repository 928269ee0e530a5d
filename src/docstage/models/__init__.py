"""Language models behind one protocol, with typed failures."""
