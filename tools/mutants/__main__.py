"""Try the modules that guard something one after another, and show what was not noticed: `make mutants`."""

from __future__ import annotations

import argparse
import os
import subprocess
import sys
from collections import Counter

from rich.console import Console
from rich.table import Table

from tools.mutants.changes import changed
from tools.mutants.guarded import HERE, Change, Guarded, guarded
from tools.mutants.trying import NOTICED

BAR = 0.95
LEAN = {"PYTEST_DISABLE_PLUGIN_AUTOLOAD": "1"}
TOLD = ("noticed", "explained", "unnoticed", "not tried")


def main() -> int:
    """Try, and show. Returns: 1 where a module's tests notice too little, or something that is not explained."""
    parser = argparse.ArgumentParser(description=__doc__)
    parser.add_argument("names", nargs="*", help="modules, as their files in tests/mutants/ are called; none: all")
    parser.add_argument("--at-once", default="2", help="how many changes are tried at once")
    parser.add_argument("--anew", action="store_true", help="forget what was tried before")
    parser.add_argument("--show", action="store_true", help="try nothing")
    asked = parser.parse_args()
    console, table = Console(soft_wrap=True), Table("module", "changes", *TOLD, "share")
    all_told, complaints = Counter[str](), []
    for module in guarded(*asked.names):
        if asked.anew and not asked.show:
            module.forget()
        if not asked.show:
            trying = [sys.executable, "-m", "tools.mutants.trying", module.name, "--at-once", asked.at_once]
            subprocess.run(trying, cwd=HERE, env=os.environ | LEAN, check=True)
        count, wrong = _became(module)
        table.add_row(module.name, *_row(count))
        all_told += count
        complaints += wrong
    table.add_section()
    table.add_row("all", *_row(all_told))
    for complaint in complaints:
        console.print(complaint, markup=False, highlight=False)
    console.print(table)
    return int(bool(complaints))


def _became(module: Guarded) -> tuple[Counter[str], list[str]]:
    """Count what became of a module's changes, and say what is wrong with that."""
    found, gone = module.found(), dict(module.explained)
    count, wrong = Counter[str](), []
    for mutant in changed(module.path).mutants:
        became, change = found.get(mutant.key, ""), mutant.change
        told = _told(became, explained=change in module.explained)
        count[told] += 1
        if told == "unnoticed":
            wrong.append(f"# {became} in {module.name}\n{_as_toml(change)}\n")
        if told != "noticed":
            gone.pop(change, None)
    wrong += [f"{module.name}: explained, but noticed or not there: {change}" for change in gone]
    if _share(count) < BAR:
        wrong.append(f"{module.name}: {_share(count):.1%} noticed, less than {BAR:.0%}")
    return count, wrong


def _told(became: str, *, explained: bool) -> str:
    if became in NOTICED:
        return "noticed"
    return "not tried" if not became else "explained" if explained else "unnoticed"


def _row(count: Counter[str]) -> list[str]:
    return [str(count.total()), *(str(count[told]) for told in TOLD), f"{_share(count):.1%}"]


def _share(count: Counter[str]) -> float:
    """Of all that were tried, explained ones too."""
    tried = count.total() - count["not tried"]
    return count["noticed"] / tried if tried else 1.0


def _as_toml(change: Change) -> str:
    """A change in the words of `tests/mutants/`, for one who can say why it may go unnoticed."""
    said = "\n".join(f"{name} = {_literal(value)}" for name, value in change._asdict().items())
    return f'[[explained]]\n{said}\nwhy = ""'


def _literal(text: str) -> str:
    return f"'{text}'" if "'" not in text else f'"""{text}"""'


if __name__ == "__main__":
    sys.exit(main())
