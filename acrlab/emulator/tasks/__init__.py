"""Runs of registries' tasks: an agent somewhere signs in, builds what needs no processor, pulls and pushes for real.

It comes from the addresses of the region's service tag, or from the subnet of an agent pool, and meets what any client
meets on its way.
"""
