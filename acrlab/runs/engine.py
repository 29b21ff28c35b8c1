"""Execute one notebook with papermill, in a kernel that is up already."""

from __future__ import annotations

import logging
from collections.abc import Callable, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import TYPE_CHECKING, Any

from acrlab.runs.interrupts import held

if TYPE_CHECKING:
    from jupyter_client.asynchronous.client import AsyncKernelClient
    from jupyter_client.manager import AsyncKernelManager

ENGINE = "acrlab"


@dataclass(frozen=True)
class Executed:
    """How a notebook's execution went.

    Attributes:
        cells: code cells that were executed.
        slowest_cell: seconds of the slowest of them, the imports left out.
    """

    cells: int
    slowest_cell: float


class CellFailure(Exception):
    """A cell raised an exception.

    Attributes:
        number: which execution it was: the 7 of `In [7]`.
        section: heading that the cell stands under.
        error: the exception's type, as the notebook names it.
        message: its text.
    """

    def __init__(self, number: int, *, section: str, error: str, message: str) -> None:
        super().__init__(f"{error}: {message}")
        self.number, self.section, self.error, self.message = number, section, error, message

    def told(self) -> dict[str, Any]:
        return {"number": self.number, "section": self.section, "error": self.error, "message": self.message}


def execute(
    source: Path,
    target: Path,
    parameters: Mapping[str, Any],
    manager: AsyncKernelManager,
    client: AsyncKernelClient,
    after_cell: Callable[[], None],
) -> Executed:
    """Execute a notebook with parameters and write the executed copy; the kernel is stopped, whatever happens.

    Raises: CellFailure: a cell failed; the copy holds its traceback.
    """
    with held():
        import papermill
        from nbclient.exceptions import DeadKernelError

        _register()
    done = 0

    def count() -> None:
        nonlocal done
        done += 1
        after_cell()

    try:
        executed = papermill.execute_notebook(
            _literally(source),
            _literally(target),
            dict(parameters),
            engine_name=ENGINE,
            progress_bar=False,
            request_save_on_cell_execute=False,  # the copy is written once, when it is complete
            kernel=(manager, client),
            after_cell=count,
        )
    except papermill.PapermillExecutionError as failed:
        raise _failure(target, failed) from failed
    except KeyboardInterrupt:
        _hush()
        raise
    except DeadKernelError as failed:
        message = "Python itself ended in this cell; the run's kernels.log may say why"
        raise CellFailure(done + 1, section="", error="DeadKernelError", message=message) from failed
    return _measured(executed)


def _hush() -> None:
    """Let an interrupted cell end without asyncio's report of tasks that are not awaited any more."""
    from jupyter_core.utils import ensure_event_loop

    ensure_event_loop().set_exception_handler(lambda loop, context: None)


def _literally(path: Path) -> str:
    """Papermill takes a path for a format string."""
    return str(path).replace("{", "{{").replace("}", "}}")


def _register() -> None:
    """Teach papermill to use a kernel that it is given; importing papermill is slow, hence not at the top."""
    logging.getLogger("papermill").setLevel(logging.ERROR)  # it warns of settings that no cell names
    from papermill.clientwrap import PapermillNotebookClient
    from papermill.engines import NBClientEngine, papermill_engines

    class GivenKernel(NBClientEngine):  # type: ignore[misc]
        @classmethod
        def execute_managed_notebook(cls, nb_man: Any, kernel_name: str, **options: Any) -> Any:
            manager, client = options["kernel"]
            after_cell = options["after_cell"]
            runner = PapermillNotebookClient(
                nb_man,
                km=manager,
                timeout=None,
                shutdown_kernel="immediate",
                coalesce_streams=True,
                on_cell_executed=lambda **_: after_cell(),
            )
            runner.kc = client
            return runner.execute(cleanup_kc=True)

    papermill_engines.register(ENGINE, GivenKernel)


def _measured(notebook: Any) -> Executed:
    code = [cell for cell in notebook.cells if cell.cell_type == "code" and cell.execution_count]
    waited = [cell.metadata.papermill.duration or 0.0 for cell in code if "imports" not in cell.metadata.tags]
    return Executed(cells=len(code), slowest_cell=round(max(waited, default=0.0), 3))


def _failure(copy: Path, failed: Any) -> CellFailure:
    import nbformat

    section = ""
    executed = nbformat.read(copy, as_version=4)  # type: ignore[no-untyped-call]
    for cell in executed.cells:
        if cell.get("execution_count") == failed.exec_count and cell.cell_type == "code":
            break
        if cell.cell_type == "markdown" and cell.source.startswith("#"):
            section = cell.source.splitlines()[0].lstrip("# ")
    return CellFailure(failed.exec_count or 0, section=section, error=failed.ename, message=failed.evalue)
