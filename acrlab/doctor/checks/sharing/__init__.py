"""Ask what goes wrong where several share something: one zone, one network, someone else's registry."""
