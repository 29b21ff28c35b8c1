"""Microsoft.Storage: accounts, as far as a VM names one."""
