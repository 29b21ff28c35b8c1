"""Recordings of HTTP: their format, recording, sanitizing, scanning and replay."""
