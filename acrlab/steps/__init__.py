"""The article's steps, one function each: the small library that a notebook calls."""
