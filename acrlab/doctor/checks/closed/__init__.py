"""Ask what a registry that is closed for good keeps out, or lets in, by other means than private link."""
