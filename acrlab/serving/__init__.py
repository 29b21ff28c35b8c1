"""Clients of a served emulated Azure: how to reach it, its world's file, az, a VM's position."""
