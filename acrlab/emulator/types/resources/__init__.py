"""Microsoft.Resources: subscriptions, groups, deployments and tags, and the lists of all resources."""
