"""Practice: faults to plant and find, and for every section of the article verify, hint, solve and reset."""
