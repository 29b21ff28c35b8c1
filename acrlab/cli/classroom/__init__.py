"""The commands for a class."""
