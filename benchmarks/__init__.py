"""What things cost, measured side by side: a whole run, a request, a request in a big world. `python -m benchmarks`."""
