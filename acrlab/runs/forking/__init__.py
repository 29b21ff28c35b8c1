"""Kernels by fork: the process that they are forked from, what it prepares, and how Jupyter starts them."""
