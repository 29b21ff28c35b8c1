"""A learner on this computer: a user of the system, a folder, a Python, and the server that runs for them."""
