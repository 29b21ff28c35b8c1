"""The instructor's console: how a class stands, a section solved for a learner, a fault planted for some or for all.

In a notebook: `from acrlab.classroom.console.status import status`, and so on; in a terminal: `acrlab class status`,
`solve`, `plant`, `deal`.
"""
