"""The plan's steps, as many at once as can be, on one fresh world after another: part of `make test-pythons`.

Where threads share a world unsafely, most of these worlds fail. All that do not have to hold the same.
"""

from __future__ import annotations

import argparse
import os
import platform
import tempfile
import time
import traceback
from collections import Counter
from typing import Any

import acrlab

STEPS = ("public-access-as-before", "sample-image", "pull-right", "records")


def main(worlds: int) -> int:
    """Returns: 1 where a world failed, or holds something else than the others."""
    begin, seen = time.monotonic(), Counter(_brought() for _ in range(worlds))
    (common, right), *others = seen.most_common()
    right *= not common.startswith("failed: ")
    seconds = time.monotonic() - begin
    print(f"Python {platform.python_version()}: {right} of {worlds} worlds right, {seconds:.0f} s")
    for one, times in others if right else seen.items():
        print(f"{times} times {one}")
    return 0 if right == worlds else 1


def _brought() -> str:
    """Bring a fresh world to where the last steps leave it. Returns: what it holds, or what failed."""
    with tempfile.TemporaryDirectory(prefix="acrlab-threads-") as folder:
        os.environ["ACRLAB_HOME"] = folder
        lab = acrlab.connect(registry_name="contoso42")
        try:
            acrlab.bring_to(lab, *STEPS)
            return _held(lab.backend.azure.world)
        except Exception as problem:  # whatever two threads do to each other, it is counted
            return f"failed: {''.join(traceback.format_exception_only(problem)).strip()}"
        finally:
            lab.close()


def _held(world: Any) -> str:
    """The ids of all that there is, and what is going on with it."""
    return ", ".join(f"{id} {world.find(id).phase}" for id in world.dump())


if __name__ == "__main__":
    os.environ.pop("ACRLAB_WORLD", None)
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--worlds", type=int, default=40)
    raise SystemExit(main(parser.parse_args().worlds))
