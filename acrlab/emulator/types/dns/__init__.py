"""Private DNS: zones, their records and links; DNS Private Resolver and its forwarding rulesets."""
