"""The pure heart of docstage: rules and values, no input or output."""
