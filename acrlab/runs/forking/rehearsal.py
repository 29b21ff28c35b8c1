"""A lab that is built and looked at before kernels are forked: what Python and the SDKs prepare at first use is shared.

The SDKs work out how each model is read when one is first met, patterns are compiled when they first match. Each kernel
would do so again, in the cells that a learner waits for.
"""

from __future__ import annotations

from contextlib import closing
from pathlib import Path
from tempfile import TemporaryDirectory

from acrlab.capabilities import without_threads

BUILT = ("records", "sample-image", "pull-right")  # with all that they need


def rehearse() -> None:
    """Build the article's lab in a world of its own, let the doctor look at it, and leave nothing.

    No thread is started, no setting of the learner's read, nothing open when it returns: the process may fork.
    """
    import acrlab.doctor
    from acrlab.course.progress import bring_to
    from acrlab.lab.lab import connect
    from acrlab.settings import Settings

    with TemporaryDirectory(prefix="acrlab-rehearsal-") as folder, without_threads():
        settings = Settings.alone(registry_name="rehearsal", world=str(Path(folder) / "world.db"))
        with closing(connect(settings)) as lab:
            bring_to(lab, *BUILT)
            acrlab.doctor.diagnose(lab)
