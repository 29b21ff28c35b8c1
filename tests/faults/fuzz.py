"""Ask every plane what no client means, for as long as told: `python -m tests.faults.fuzz --minutes 30`.

Rounds of the property-based tests, each with a seed of its own and many more examples than in `make test`: no answer
may be a 5xx but 501, none may take for ever, and what they leave has to keep the laws of `tests/emulator/invariants`.
A round that fails ends it, and its seed brings the failure back.
"""

from __future__ import annotations

import argparse
import os
import secrets
import subprocess
import sys
import time

TESTS = (
    "tests/emulator/invariants",
    "tests/emulator/shell/test_language.py",
    "tests/emulator/deployments/test_language.py",
    "tests/recordings/test_hostile.py",
)
PATIENCE_S = 1800  # for a round: above it, something hangs


def main() -> int:
    parser = argparse.ArgumentParser(description=__doc__.partition(":")[0])
    parser.add_argument("--minutes", type=float, default=30, help="how long to begin further rounds")
    parser.add_argument("--seed", type=int, help="only the round with this seed")
    asked = parser.parse_args()
    end = time.monotonic() + asked.minutes * 60
    rounds = 0
    while rounds == 0 or (asked.seed is None and time.monotonic() < end):
        seed = secrets.randbelow(2**32) if asked.seed is None else asked.seed
        rounds += 1
        print(f"round {rounds}, seed {seed}", flush=True)
        if code := _round(seed):
            print(f"It failed. Again: python -m tests.faults.fuzz --seed {seed}", file=sys.stderr)
            return code
    print(f"{rounds} rounds in {asked.minutes:g} minutes or a little more: nothing failed")
    return 0


def _round(seed: int) -> int:
    command = [
        sys.executable,
        "-m",
        "pytest",
        *TESTS,
        "-p",
        "no:nbval",
        "-q",
        "-x",
        "-n",
        "auto",
        "--maxprocesses",
        "4",
    ]
    environment = {**os.environ, "ACRLAB_FUZZING": "1"}
    try:
        return subprocess.run([*command, f"--hypothesis-seed={seed}"], env=environment, timeout=PATIENCE_S).returncode
    except subprocess.TimeoutExpired:
        print(f"no end after {PATIENCE_S} s", file=sys.stderr)
        return 1


if __name__ == "__main__":
    sys.exit(main())
