"""Runs that are killed or interrupted at any moment, taken up again, and cleaned up: `make test-faults`.

The registry and its group were there before, with access settings of their own. After all of it they have to be as they
were, and nothing else may be there. Every second run is not taken up again but cleaned up as it lies.
"""

from __future__ import annotations

import argparse
import os
import random
import signal
import subprocess
import sys
import tempfile
import time
from collections.abc import Callable
from pathlib import Path
from typing import Any

import acrlab
from acrlab.emulator.azure import EmulatedAzure

ACRLAB = [sys.executable, "-c", "from acrlab.cli.app import main; main()"]
REGISTRY = "contoso42"
END_S, INTERRUPTED = 60, 130
Stop = Callable[["subprocess.Popen[bytes]"], str]
RULES = {"defaultAction": "Allow", "ipRules": [{"action": "Allow", "value": "203.0.113.7"}]}
BYPASS = {"networkRuleBypassOptions": "None", "networkRuleBypassAllowedForTasks": True}
ACCESS = {"networkRuleSet": RULES, **BYPASS}


def main(kills: int, interrupts: int, seed: int) -> int:
    """Returns: 1 where anything was not as before."""
    chance, wrong = random.Random(seed), 0
    with tempfile.TemporaryDirectory(prefix="acrlab-kill-") as folder:
        longest = _undisturbed(Path(folder) / "undisturbed")
        print(f"seed {seed}; an undisturbed run takes {longest:.1f} s")
        for number, stopped in enumerate([_kill] * kills + [_interrupt] * interrupts):
            after = chance.uniform(0.3, longest)
            said = _stopped(Path(folder) / f"{number:02}", after, stopped, resumed=number % 2 == 0)
            wrong += bool(said)
            word = "killed" if stopped is _kill else "interrupted"
            print(f"{number + 1:2}  {word} after {after:5.2f} s  {said or 'as before'}", flush=True)
    print(f"{kills + interrupts - wrong} of {kills + interrupts} right")
    return 1 if wrong else 0


def _undisturbed(folder: Path) -> float:
    _before(folder)
    begin = time.monotonic()
    subprocess.run(_run(folder), check=True, capture_output=True)
    return time.monotonic() - begin


def _stopped(folder: Path, after: float, stop: Stop, *, resumed: bool) -> str:
    """Stop a run at some moment, and tidy up behind it. Returns: what was not as before."""
    before = _before(folder)
    process = subprocess.Popen(
        _run(folder), stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL, start_new_session=True
    )
    try:
        process.wait(after)
    except subprocess.TimeoutExpired:
        if said := stop(process):
            return said
    if resumed and any((folder / "runs").glob("*/record.json")):
        done = subprocess.run(
            [*ACRLAB, "run", "--resume", "--out", str(folder / "runs")], capture_output=True, text=True
        )
        if done.returncode and "no unfinished run" not in done.stderr:  # it had just ended
            return f"the run could not be taken up: {done.stderr[-300:]}"
    words = ["clean-up", "--yes", "--registry", REGISTRY, "--world", str(folder / "world.db")]
    done = subprocess.run([*ACRLAB, *words], capture_output=True, text=True, env=_home(folder))
    if done.returncode:
        return f"the clean-up failed: {done.stderr[-300:]}"
    after_all = _resources(folder)
    return "" if after_all == before else f"too much: {sorted(after_all.keys() - before.keys())}, or changed"


def _kill(process: subprocess.Popen[bytes]) -> str:
    """Kill -9, with all that it started."""
    os.killpg(process.pid, signal.SIGKILL)
    process.wait()
    return ""


def _interrupt(process: subprocess.Popen[bytes]) -> str:
    """Ctrl-C. Returns: what is wrong with how it ended, if anything is; it may just have ended well."""
    process.send_signal(signal.SIGINT)
    code = process.wait(END_S)
    before_it_began = -signal.SIGINT
    return "" if code in (0, INTERRUPTED, before_it_began) else f"an interrupted run ended with exit code {code}"


def _before(folder: Path) -> dict[str, Any]:
    """A group and a closed registry of somebody's own. Returns: what is there."""
    folder.mkdir(parents=True)
    lab = acrlab.connect(world=str(folder / "world.db"), registry_name=REGISTRY)
    group = lab.settings.resource_group
    lab.resources.resource_groups.create_or_update(group, {"location": "westus"})
    body = {"location": "westus", "sku": {"name": "Premium"}, "properties": ACCESS}
    lab.registry.registries.begin_create(group, REGISTRY, body).result()
    lab.close()
    return _resources(folder)


def _run(folder: Path) -> list[str]:
    places = ["--world", str(folder / "world.db"), "--out", str(folder / "runs")]
    return [*ACRLAB, "run", "--from", "03", "--to", "07", *places, "-p", "registry_name", REGISTRY]


def _home(folder: Path) -> dict[str, str]:
    return {**os.environ, "ACRLAB_HOME": str(folder / "home")}


def _resources(folder: Path) -> dict[str, Any]:
    """Everything that is there, with who may connect to it."""
    azure = EmulatedAzure(folder / "world.db")
    found = azure.world.dump()
    azure.close()
    kept = ("publicNetworkAccess", "networkRuleSet", *BYPASS)
    return {
        id: {name: value for name, value in (one["body"].get("properties") or {}).items() if name in kept}
        for id, one in found.items()
    }


if __name__ == "__main__":
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("--kills", type=int, default=10)
    parser.add_argument("--interrupts", type=int, default=6)
    parser.add_argument("--seed", type=int, default=None)
    given = parser.parse_args()
    sys.exit(
        main(
            given.kills,
            given.interrupts,
            given.seed if given.seed is not None else random.SystemRandom().randrange(10**6),
        )
    )
