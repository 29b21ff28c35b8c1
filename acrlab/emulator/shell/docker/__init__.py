"""Docker on the emulated machine: the command line, the daemon's images, and the registry protocol they speak."""
