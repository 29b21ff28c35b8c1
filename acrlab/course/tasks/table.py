"""Every task of the course, in the order of its chapters."""

from __future__ import annotations

from acrlab.course.tasks import approval, clean_up, portal, registry, vm

TASKS = (*registry.TASKS, *vm.TASKS, *approval.TASKS, *portal.TASKS, *clean_up.TASKS)
BY_NAME = {task.name: task for task in TASKS}
