"""The board of a class: a service of JupyterHub on which teachers see, live, how far each learner is and who is stuck.

`python -m acrlab.classroom.board` starts it where the hub has set its variables. Learners post as themselves alone;
teachers read. Nothing leaves the hub.
"""
