"""Ask a snapshot the doctor's questions: a module for each part of the way; `hops` puts them in order."""
