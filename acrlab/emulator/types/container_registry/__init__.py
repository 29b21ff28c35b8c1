"""Microsoft.ContainerRegistry: registries as Resource Manager knows them, without their content."""
