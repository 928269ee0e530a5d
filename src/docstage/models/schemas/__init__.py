"""JSON Schemas of answers: what users ask for, how each provider takes it, and the check of answers."""
