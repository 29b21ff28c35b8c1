"""What is a learner's own: a copy of the chapters, several notebooks at once, and the work in one file."""
