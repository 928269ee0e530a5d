"""Tables, queries and migrations over SQLite and PostgreSQL."""
