"""Chapters as learners do them: in their own words, with hints and solutions, with a restart; and one ticket."""

from __future__ import annotations

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Locator, expect

import acrlab
from acrlab.course.tasks.table import TASKS
from tests.real_clients.browser.lab_page import LabPage, Server
from tests.real_clients.browser.test_controls import pressed, world

LIGHT = pytest.mark.parametrize("theme", ["light"], indirect=True, scope="session")
Opened = Callable[[str], LabPage]
CHAPTER = "hands-on/01-registry"
OF_01 = [task.name for task in TASKS if task.chapter == "01"]
# The first line of each open cell, and what a learner types there, which is not the solution.
TYPED = {
    "group-tag": (
        "# group = lab.resources.resource_groups.get(...)",
        (
            "groups, name = lab.resources.resource_groups, settings.resource_group\n"
            "kept = groups.get(name).tags\n"
            "kept['purpose'] = 'private-link'\n"
            "groups.update(name, {'tags': kept})"
        ),
    ),
    "second-tag": (
        "# lab.registry.registries.begin_import_image",
        (
            "image = {'registryUri': 'mcr.microsoft.com', 'sourceImage': 'hello-world:latest'}\n"
            "wanted = {'source': image, 'targetTags': ['hello-world:v2'], 'mode': 'Force'}\n"
            "importing = lab.registry.registries.begin_import_image\n"
            "importing(settings.resource_group, settings.registry_name, wanted).result()"
        ),
    ),
    "deleted-tag": ("# lab.content...", "lab.content.delete_tag('hello-world', 'v2')"),
}


@pytest.fixture
def fresh(server: Server) -> None:
    """The world as no one has touched it."""
    with world(server) as lab:
        acrlab.reset(lab, "group")
        for name in OF_01:
            acrlab.reset(lab, name)


def typed(page: LabPage, task: str) -> None:
    """Write into the open cell of a task, key by key as the editor takes it."""
    mark, text = TYPED[task]
    page.cell(mark).locator(".cm-content").click()
    page.page.keyboard.press("Control+A")
    page.page.keyboard.insert_text(text)


def check(task: str) -> str:
    return f'acrlab.check(lab, "{task}")'


def marks(server: Server) -> dict[str, str]:
    with world(server) as lab:
        return {row[0].strip(): row[1] for row in acrlab.progress(lab).rows if row[0].strip() in (*OF_01, "chapter 01")}


def waits(page: LabPage, task: str) -> Locator:
    """What the check of a task shows where it is not done: its sentence, and buttons. Returns: the buttons' frame."""
    (said,) = page.errors()
    goal = next(one.goal for one in TASKS if one.name == task)
    assert said.strip().startswith(f"Your turn: {goal} Expected: ")
    assert "Traceback" not in said
    assert len(said.strip().splitlines()) == 1
    frame = page.output(check(task)).locator(".acrlab-frame")
    expect(frame).to_contain_text("✗ ")
    return frame


@LIGHT
def test_run_all_stops_at_the_first_task_with_its_sentence(opened: Opened, fresh: None, theme: str) -> None:
    page = opened(CHAPTER)

    page.run_all()

    waits(page, "group-tag")
    expect(page.cell("acrlab.ensure_registry(lab)").locator(".jp-InputPrompt")).not_to_contain_text(re.compile(r"\d"))


@LIGHT
def test_a_learner_who_types_her_own_code_has_done_it(opened: Opened, server: Server, fresh: None, theme: str) -> None:
    page = opened(CHAPTER)

    for task in OF_01:
        typed(page, task)
    page.run_all()

    assert page.errors() == []
    expect(page.output(check("deleted-tag"))).to_contain_text("✓ deleted-tag: hello-world has v1")
    assert marks(server) == {"chapter 01": "3 of 3: 3 done"} | dict.fromkeys(OF_01, "done")


@LIGHT
def test_hints_solutions_and_a_restart_in_the_middle_are_told_apart(
    opened: Opened, server: Server, fresh: None, theme: str
) -> None:
    page = opened(CHAPTER)
    page.run_all()
    frame = waits(page, "group-tag")
    pressed(frame, "Hint")
    expect(frame).to_contain_text("Hint 1 of 2: Every change in Azure")
    typed(page, "group-tag")
    page.run_all()

    frame = waits(page, "second-tag")
    pressed(frame, "Solve")
    expect(frame).to_contain_text("registries.begin_import_image(")
    expect(frame).to_contain_text("✓ second-tag")
    page.menu("Kernel", "Restart Kernel…")
    page.page.get_by_role("button", name="Confirm Kernel Restart").click()
    page.page.locator("text=/ipykernel\\) \\| Idle/").wait_for()
    page.run_all()

    waits(page, "deleted-tag")
    assert marks(server)["chapter 01"] == "2 of 3: 1 with hints, 1 shown"
    typed(page, "deleted-tag")
    page.run_all()
    assert page.errors() == []
    assert marks(server) == {
        "chapter 01": "3 of 3: 1 done, 1 with hints, 1 shown",
        "group-tag": "with hints",
        "second-tag": "shown",
        "deleted-tag": "done",
    }


@LIGHT
def test_a_prediction_is_clicked_and_the_next_output_answers_it(opened: Opened, fresh: None, theme: str) -> None:
    page = opened("01-registry")  # as it runs with `hands_on = "off"`
    asked = page.run_to("Who can reach it?").locator(".acrlab-frame")

    pressed(asked, "no one, until you allow it")
    expect(asked).to_contain_text("You say: no one, until you allow it. Run the next cell to see.")
    pressed(asked, "anyone on the internet")
    expect(asked).to_contain_text("Now you say: anyone on the internet.")
    page.run_the_rest()

    assert page.errors() == []
    expect(page.output("acrlab.tables.registry_table(registry)")).to_contain_text("publicNetworkAccess")
    expect(page.output(check("second-tag"))).to_contain_text("The solution:")


@LIGHT
def test_a_ticket_is_answered_and_given_up_by_clicks(opened: Opened, server: Server, theme: str) -> None:
    page = opened("hands-on/11-break-and-fix")
    page.run_all()
    (said,) = page.errors()
    assert said.strip().startswith("Your turn: Both names resolve to private addresses")
    assert len(said.strip().splitlines()) == 1
    frame = page.output('ticket = acrlab.ticket(lab, "the-wrong-neighbour")').locator(".acrlab-frame")

    pressed(frame, "Answer")
    expect(frame).to_contain_text("Choose what it is, then answer.")
    frame.get_by_text("The zone has no record for the data endpoint.").click()
    pressed(frame, "Answer")
    expect(frame).to_contain_text("✗ data-record-missing: not that. If it were, the login server's name would lead to")
    frame.get_by_text("Each of the two records has the other's address.").click()
    pressed(frame, "Answer")
    expect(frame).to_contain_text("✓ records-swapped: Each of the two records has the other's address.")
    pressed(frame, "Hint")
    expect(frame).to_contain_text("Hint 2 of 3: ")
    pressed(frame, "Check")
    expect(frame).to_contain_text("✗ the-wrong-neighbour")
    pressed(frame, "Give up")
    pressed(frame, "Yes, give up")
    expect(frame).to_contain_text("acrlab.remedies.write_record(lab, ")
    expect(frame).to_contain_text("✓ the-wrong-neighbour: the VM pulls, and it was records-swapped")
    with world(server) as lab:
        rows = {row[0].strip(): row[1] for row in acrlab.progress(lab).rows}
        assert rows["the-wrong-neighbour"] == "shown"
        acrlab.bring_to(lab, "records")
        acrlab.delete_lab(lab)
