"""An emulated Azure, faithful enough that unmodified SDKs work against it. It knows nothing of the lab around it."""
