"""The commands of an Ubuntu machine, one module a family."""
