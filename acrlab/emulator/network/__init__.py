"""Names as seen from a position in the network, what is reachable from there, and where requests go."""
