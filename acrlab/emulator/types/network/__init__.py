"""Microsoft.Network: networks, subnets, interfaces, and what decides where packets go."""
