"""Lanes that call models within their limits, and the recorder that commits what they answer."""
