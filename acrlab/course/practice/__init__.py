"""Practice: a fault is planted in a lab that works; the learner says what it is, fixes it, and Azure shows whether."""
