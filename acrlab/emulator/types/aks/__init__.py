"""Microsoft.ContainerService: clusters, their node pools, and the resource group in which their parts lie."""
