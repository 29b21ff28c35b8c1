"""The configuration file that JupyterHub is started with; it executes this, and puts `get_config` there."""

from __future__ import annotations

import os
from pathlib import Path

from acrlab.classroom.hub.config import configure
from acrlab.classroom.hub.room import VARIABLE, Room

configure(globals()["get_config"](), Room.read(Path(os.environ[VARIABLE])))
