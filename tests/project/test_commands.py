"""The commands that the README promises are the ones that exist."""

from __future__ import annotations

import re
from pathlib import Path

ROOT = Path(__file__).resolve().parents[2]
README = (ROOT / "README.md").read_text("utf-8")
MAKEFILE = (ROOT / "Makefile").read_text("utf-8")
TARGETS = set(re.findall(r"^([a-z-]+):", MAKEFILE, re.MULTILINE))
TEST = re.search(r"^test:.*\n((?:\t.*\n)+)", MAKEFILE, re.MULTILINE)
TEST_COMMANDS = re.findall(r"^\t\$\(BIN\)/(python -m pytest .*)", TEST[1] if TEST else "", re.MULTILINE)


def test_readme_s_targets_exist() -> None:
    named = set(re.findall(r"(?:^|`)make ([a-z-]+)", README, re.MULTILINE))
    assert named >= {"run", "test", "lab"}
    assert named - TARGETS == set()


def test_help_names_every_target() -> None:
    explained = set(re.findall(r"^([a-z-]+):.*## ", MAKEFILE, re.MULTILINE))
    assert explained == TARGETS


def test_plain_commands_test_what_make_tests() -> None:
    assert len(TEST_COMMANDS) == 2
    assert [command for command in TEST_COMMANDS if command not in README] == []


def test_cells_are_never_shuffled() -> None:
    """For nbval each cell is a test, and pytest-randomly changes the order of tests."""
    commands = [line for text in (README, MAKEFILE) for line in text.splitlines() if "pytest --nbval" in line]
    assert len(commands) == 3
    assert [line for line in commands if "-p no:randomly" not in line] == []


def test_ci_runs_the_readme_s_test_command() -> None:
    text = (ROOT / ".ci" / "run").read_text("utf-8")
    targets = re.search(r"^targets=\((.*)\)$", text, re.MULTILINE)
    assert targets
    assert targets[1].split()[0] == "test"
    assert set(targets[1].split()) <= TARGETS


def test_readme_s_links_lead_somewhere() -> None:
    links = re.findall(r"\]\((?!https?:|#)([^)#]+)", README) + re.findall(
        r'(?:src|href)="(?!https?:|#)([^"#]+)"', README
    )
    assert [link for link in links if not (ROOT / link).exists()] == []
