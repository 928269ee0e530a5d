"""One question about one document: what is asked, of whom, and how. Runs and trials ask by it."""
