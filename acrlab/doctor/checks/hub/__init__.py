"""Questions about what a hub shares: DNS Private Resolver and its rulesets."""
