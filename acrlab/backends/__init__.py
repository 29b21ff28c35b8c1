"""What a lab talks to: the emulated Azure, a real subscription, or a recording."""
