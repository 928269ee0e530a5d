"""Tables of results: their columns and rows, and the formats of the files in which they leave."""
