"""Pollers of the SDK's clients where no thread can start: a long operation has ended when `begin_*` returns.

`LROPoller` starts a thread for each operation that goes on. It starts none where its polling method says that it is
finished, so this one polls before it is asked.
"""

from __future__ import annotations

from collections.abc import Callable
from functools import wraps
from typing import Any

from azure.core.exceptions import AzureError
from azure.mgmt.core.polling.arm_polling import ARMPolling

from acrlab.azure.cloud import MANAGEMENT

POLL_S = 30  # where Azure does not say how long to wait: as the SDK's clients have it


class InPlacePolling(ARMPolling):
    """Polls to the end when a poller is made of it. What went wrong is raised where the result is asked for."""

    def __init__(self, timeout: float = POLL_S, **options: Any) -> None:
        super().__init__(timeout, path_format_arguments={"endpoint": MANAGEMENT}, **options)
        self._problem: AzureError | None = None

    def initialize(self, client: Any, initial_response: Any, deserialization_callback: Callable[[Any], Any]) -> None:
        """Take in the first answer, and poll until the operation has ended."""
        super().initialize(client, initial_response, deserialization_callback)
        if super().finished():
            return
        try:
            self.run()
        except AzureError as problem:
            self._problem = problem

    def finished(self) -> bool:
        """Say that it is: also where polling itself failed, and the last status seen is not a final one."""
        return self._problem is not None or super().finished()

    def resource(self) -> Any:
        """Give what the operation made. Raises: AzureError: of the operation, or of polling."""
        if self._problem is not None:
            raise self._problem
        return super().resource()


def poll_in_place(client: Any) -> None:
    """Let each `begin_*` of a client return when its operation has ended.

    The SDK takes a polling method with each call, and none with a client: so it is each group's methods that get one.
    """
    for operations in (*vars(client).values(), client):
        for name in dir(type(operations)):
            if name.startswith("begin_"):
                setattr(operations, name, _in_place(getattr(operations, name)))


def _in_place(begin: Callable[..., Any]) -> Callable[..., Any]:
    @wraps(begin)
    def begun(*arguments: Any, polling: Any = True, polling_interval: float = POLL_S, **named: Any) -> Any:
        method = InPlacePolling(polling_interval) if polling is True else polling
        return begin(*arguments, polling=method, **named)

    return begun
