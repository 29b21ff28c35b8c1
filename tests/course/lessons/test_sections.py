"""Every section: not done in an empty world, solved by its own steps, taken back by its own undoing."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.course.sections import SECTIONS, hint, progress, reset, solve, verify

NAMES = [s.name for s in SECTIONS]


@pytest.mark.parametrize("name", [n for n in NAMES if n != "access-restored"])
def test_a_section_is_not_done_before_it_is_solved(lab, name):
    acrlab.ensure_group(lab)
    if name == "group":
        reset(lab, name)

    before = verify(lab, name)
    after = solve(lab, name)

    assert (before.done, after.done) == (False, True)
    assert "acrlab.solve" in before.next


@pytest.mark.parametrize("name", NAMES)
def test_a_section_can_be_taken_back_and_solved_again(lab, name):
    solve(lab, name)

    assert not reset(lab, name).done
    assert solve(lab, name).done


def test_a_verdict_says_four_things_where_it_is_not_done(lab):
    solve(lab, "private-dns-zone")

    shown = repr(verify(lab, "zone-link"))

    assert shown.splitlines() == [
        "✗ zone-link",
        "  expected      the zone linked to myDockerVMVNET",
        "  seen          not there, or not so",
        "  likely cause  there is no link, or one to another network",
        "  next          A zone answers only in networks that it is linked to. Or: acrlab.solve(lab, 'zone-link')",
    ]


def test_progress_is_what_azure_shows(lab):
    solve(lab, "private-dns-zone")

    done = [row[0] for row in progress(lab).rows if row[1]]

    assert done == ["group", "private-dns-zone"]


def test_an_unknown_section_is_refused_with_the_names_of_all(lab):
    with pytest.raises(acrlab.ConfigurationError, match="there is no section zone; there are: group, registry"):
        hint(lab, "zone")
