"""Binary Word documents."""
