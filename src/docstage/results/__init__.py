"""Result tables and their export."""
