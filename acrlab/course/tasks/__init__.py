"""What the learner does herself: one task a your-turn cell, judged by Azure's own state alone."""
