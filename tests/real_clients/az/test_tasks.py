"""Every task done with the commands that its solution prints, typed as printed; the check sees Azure alone."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.course import marks
from acrlab.course.practice import plant
from acrlab.course.tasks.table import TASKS
from acrlab.steps.beyond import aks, replicas
from tests.course.test_tasks import begin_hub, lead_up_to

BEGIN = {
    "01": ("sample-image",),
    "02": ("sample-image", "pull-right"),
    "03": ("sample-image", "pull-right", "endpoint"),
    "04": ("registry", "subnet-policies"),
    "05": ("registry",),
    "06": ("sample-image", "pull-right", "records", "public-access-denied"),
    "07": ("sample-image", "public-access-denied"),
    "08": ("records",),
    "09": ("sample-image", "pull-right", "records"),
    "10": ("registry", "public-access-denied"),
    "12": ("group",),
    "13": ("records",),
    "14": ("sample-image", "pull-right", "records", "public-access-denied"),
    "15": ("sample-image", "pull-right", "records"),
    "16": ("sample-image", "dns-records", "public-access-denied"),
}


@pytest.fixture(scope="module")
def lab(world):
    """The reader's lab, on the world that the shell talks to; she does the tasks."""
    opened = acrlab.connect(world=str(world), registry_name="contoso42", hands_on="on")
    yield opened
    opened.close()


@pytest.mark.parametrize("chapter", BEGIN)
def test_the_commands_of_a_chapter_s_solutions_do_its_tasks(shell, lab, chapter):
    acrlab.bring_to(lab, *BEGIN[chapter])
    if chapter == "04":
        acrlab.ensure_manual_endpoint(lab)
    if chapter == "05":
        acrlab.steps.ensure_portal_endpoint(lab)
    if chapter == "13":
        replicas.ensure_replica(lab, "eastus")
    if chapter == "09":
        plant.delete_data_record(lab)
    if chapter == "16":
        aks.ensure_cluster(lab)
    if chapter == "14":
        begin_hub(lab)

    for task in TASKS:
        if task.chapter == chapter:
            lead_up_to(lab, task)
            with pytest.raises(acrlab.AcrLabError):
                acrlab.check(lab, task.name)
            shell.run(f"set -e\n{acrlab.az(lab.settings, task.name)}\nset +e")
            assert acrlab.check(lab, task.name).done, task.name
            assert marks.read(lab)[task.name].told == "done"
