"""Ask what goes wrong between two subscriptions: one with the registry, one with the endpoint."""
