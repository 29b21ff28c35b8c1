"""Faults, kills and load: tables and a soak that take minutes, for `make test-faults`, `test-doctor` and `soak`."""
