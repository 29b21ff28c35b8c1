"""Deployments of templates: their language, what a template asks for and in which order, and its carrying out."""
