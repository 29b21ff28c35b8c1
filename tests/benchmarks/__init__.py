"""What things cost, side by side: a whole run, a request, a request in a big world. `python -m tests.benchmarks`."""
