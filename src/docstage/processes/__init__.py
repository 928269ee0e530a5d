"""How processes start and end one another; both the web and the engine need it."""
