"""The web server around the API: what every request must pass, and what may be taken of the machine."""
