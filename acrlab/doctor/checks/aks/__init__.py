"""Questions about AKS clusters: who pulls for their nodes, and what their pods wait for."""
