"""A class on this computer: JupyterHub with a JupyterLab for every learner, opened, watched over and closed."""
