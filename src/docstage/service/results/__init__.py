"""What runs brought: tasks and answers, documents, failures."""
