"""Measures what the documentation claims: `python -m benchmarks [NAME ...] [--quick]`."""
