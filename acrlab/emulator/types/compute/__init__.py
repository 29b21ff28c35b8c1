"""Microsoft.Compute: VMs, their disks, extensions and run-commands, and the sets that they stand in."""
