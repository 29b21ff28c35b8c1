"""The Azure CLI on the emulated VM: what the article asks of it there, and an honest no to everything else."""
