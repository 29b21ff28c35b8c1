"""Private Link: endpoints, their interfaces and zone groups, and the connections that a registry approves."""
