"""Every task of the course, in the order of its chapters."""

from __future__ import annotations

from acrlab.course.tasks import (
    access,
    approval,
    clean_up,
    diagnosis,
    own_azure,
    portal,
    private_link,
    real_packets,
    registry,
    restore,
    vm,
)
from acrlab.course.tasks.beyond import aks, closed, hub, replicas

TASKS = (
    *registry.TASKS,
    *vm.TASKS,
    *private_link.TASKS,
    *approval.TASKS,
    *portal.TASKS,
    *access.TASKS,
    *restore.TASKS,
    *clean_up.TASKS,
    *diagnosis.TASKS,
    *real_packets.TASKS,
    *own_azure.TASKS,
    *replicas.TASKS,
    *hub.TASKS,
    *closed.TASKS,
    *aks.TASKS,
)
BY_NAME = {task.name: task for task in TASKS}
