"""Azure Resource Manager: its verbs, written once, and what stands before and around them."""
