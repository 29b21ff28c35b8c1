"""A class: its roster, what each learner's lab is called, and work that is done for all of them at once."""
