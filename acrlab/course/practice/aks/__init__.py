"""Tickets of an AKS cluster that pulls: where they are met, and what goes wrong there."""
