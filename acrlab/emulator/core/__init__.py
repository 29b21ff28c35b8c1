"""What is stored and declared: the world, its clock, and how a resource type is written. Knows no type."""
