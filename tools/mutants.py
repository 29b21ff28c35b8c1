"""Change the modules that guard something, one thing at a time, and say which changes no test notices: `make mutants`.

mutmut makes the changes and runs the tests that reach each; `[tool.mutmut]` in pyproject.toml names modules and tests.
What was tried stays in `mutants/`: a run that was stopped goes on where it was, and after a change in a module only
what belongs to it is tried again.
"""

from __future__ import annotations

import argparse
import subprocess
import sys
from collections import Counter, defaultdict
from pathlib import Path

from rich.console import Console
from rich.table import Table

BAR = 0.95
MUTMUT = Path(sys.executable).with_name("mutmut")
NOTICED = ("killed", "timeout")
UNTRIED = "not checked"


def main() -> int:
    """Run mutmut and show what survived. Returns: 1 where fewer than `BAR` of a module's changes were noticed."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("names", nargs="*", help="only these, such as 'acrlab.lab.ownership*'")
    parser.add_argument("--at-once", type=int, default=2, help="how many at once")
    asked = parser.parse_args()
    subprocess.run([MUTMUT, "run", "--max-children", str(asked.at_once), *asked.names], check=False)
    return _shown(_results())


def _results() -> dict[str, dict[str, str]]:
    """Module -> mutant -> what became of it."""
    ran = subprocess.run([MUTMUT, "results", "--all", "true"], capture_output=True, text=True, check=True)
    found: dict[str, dict[str, str]] = defaultdict(dict)
    for line in ran.stdout.splitlines():
        name, _, became = line.strip().rpartition(": ")
        if name.startswith("acrlab."):
            found[name.rpartition(".x")[0]][name] = became
    return found


def _shown(results: dict[str, dict[str, str]]) -> int:
    console, low = Console(), 0
    table = Table("module", "changes", "noticed", "share", "not tried")
    for module, mutants in sorted(results.items()):
        count = Counter(mutants.values())
        tried = len(mutants) - count[UNTRIED]
        noticed = sum(count[word] for word in NOTICED)
        share = noticed / tried if tried else 0.0
        low += bool(tried) and share < BAR
        table.add_row(module, str(len(mutants)), str(noticed), f"{share:.1%}" if tried else "–", str(count[UNTRIED]))
    for mutants in results.values():
        for name, became in mutants.items():
            if became not in (*NOTICED, UNTRIED):
                console.print(f"{became}: {name}")
    console.print(table)
    console.print("A change: mutmut show NAME. By hand: mutmut apply NAME, then run its tests, then git restore.")
    return min(low, 1)


if __name__ == "__main__":
    sys.exit(main())
