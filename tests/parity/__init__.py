"""The emulated Azure held against recorded traffic of the real one: `python -m tests.parity`."""
