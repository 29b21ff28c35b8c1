"""The commands of an Ubuntu VM, one module a family."""
