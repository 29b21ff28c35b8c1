"""Facts about Azure that the library and the emulated Azure both know. Imports nothing of either."""
