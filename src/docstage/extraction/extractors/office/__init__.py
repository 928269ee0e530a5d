"""What Office documents of several kinds have in common."""
