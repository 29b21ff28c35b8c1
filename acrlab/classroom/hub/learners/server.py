"""A learner's server, run as the learner: chapters that are not in the folder yet are copied, then it is JupyterHub's.

What is written in a learner's folder is written by the learner's own processes.
"""

from __future__ import annotations

import os
import sys
from pathlib import Path

from acrlab.learner.course_copy import copy_chapters, trust

if __name__ == "__main__":
    here = Path.cwd()
    new = copy_chapters(here).new
    if new:
        trust(here / name for name in new)
    os.execv(sys.executable, [sys.executable, "-m", "jupyterhub.singleuser", *sys.argv[1:]])
