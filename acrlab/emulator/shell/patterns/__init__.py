"""Patterns that a script's author writes: regular expressions and globs, matched in time that grows with the text."""
