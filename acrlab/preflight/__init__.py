"""What to look at before a run on a real subscription: rights, names, quota, cost."""
