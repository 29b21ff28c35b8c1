"""Everything acrlab raises on purpose.

```
AcrLabError
  ConfigurationError   before any request: the settings or the environment are wrong   .field
  RefusedError         Azure answered no                                .status .code .resource_id
  NotReadyError        it did not finish in time                        .resource_id .waited_s .last_state
  NotVisibleError      this identity may not read what is needed        .resource_id .permission
  NotRecordedError     a replayed recording has no answer to this       .method .uri
  UnfinishedError      a task waits for the reader                      .task
```

A message says what failed, on which resource, what was seen and what to do. Never a token, nor a part of one.
"""

from __future__ import annotations

import os
import traceback

TRACEBACK = "ACRLAB_TRACEBACK"  # `full`: notebooks show where in the code an error was raised, too


class AcrLabError(Exception):
    """The common ancestor: catch this to catch everything that acrlab says on purpose."""

    def _render_traceback_(self) -> list[str]:
        """Give the lines that a notebook shows, which IPython asks an exception for: the sentence says what to do."""
        if os.environ.get(TRACEBACK) == "full":
            # Python's own, and not IPython's: that one shows values, and a value may be a secret.
            return "".join(traceback.format_exception(self)).splitlines()
        name = type(self).__name__
        return [f"\x1b[31m{name}\x1b[0m: {self}", f"({TRACEBACK}=full shows where in the code.)"]


class ConfigurationError(AcrLabError):
    """The settings or the environment are wrong; no request was sent.

    Attributes:
        field: the setting that is wrong, as it is written in a `parameters` cell.
    """

    def __init__(self, field: str, message: str) -> None:
        super().__init__(f"{field}: {message}")
        self.field = field


class RefusedError(AcrLabError):
    """Azure answered no.

    Attributes:
        status: HTTP status of the answer.
        code: Azure's error code, e.g. `AlreadyInUse`.
        resource_id: ARM id of the resource that the request was about.
    """

    def __init__(self, message: str, *, status: int, code: str, resource_id: str) -> None:
        super().__init__(message)
        self.status, self.code, self.resource_id = status, code, resource_id


class NotReadyError(AcrLabError):
    """Something did not reach the wanted state in time.

    Attributes:
        resource_id: ARM id of what was waited for.
        waited_s: how long, in seconds (virtual on the emulator).
        last_state: the last state seen.
    """

    def __init__(self, message: str, *, resource_id: str, waited_s: float, last_state: str) -> None:
        super().__init__(message)
        self.resource_id, self.waited_s, self.last_state = resource_id, waited_s, last_state


class NotVisibleError(AcrLabError):
    """This identity may not read what is needed.

    Attributes:
        resource_id: ARM id of what could not be read.
        permission: the action that is missing, e.g. `Microsoft.Network/privateEndpoints/read`.
    """

    def __init__(self, message: str, *, resource_id: str, permission: str) -> None:
        super().__init__(message)
        self.resource_id, self.permission = resource_id, permission


class NotRecordedError(AcrLabError):
    """A recording that is replayed has no answer to a request.

    Attributes:
        method: of the request.
        uri: its address, as it would stand in the recording.
    """

    def __init__(self, message: str, *, method: str, uri: str) -> None:
        super().__init__(message)
        self.method, self.uri = method, uri


class UnfinishedError(AcrLabError):
    """A task waits for the reader: nothing went wrong, and the cells below have to wait with it.

    Attributes:
        task: its name.
    """

    def __init__(self, message: str, *, task: str) -> None:
        super().__init__(message)
        self.task = task

    def _render_traceback_(self) -> list[str]:
        """Give the one line that a notebook shows: where in the code it was raised says nothing here."""
        return [f"\x1b[33mYour turn\x1b[0m: {self}"]
