"""A resource group captured as a template."""
