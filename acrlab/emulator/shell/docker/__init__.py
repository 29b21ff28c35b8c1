"""Docker on the emulated VM: the command line, the daemon's images, and the registry protocol they speak."""
