"""The process that stages and analyses; the port through which others wake and stop it."""
