"""Learners in pairs, owner and consumer of a registry, each in a subscription of their own of one served Azure."""
