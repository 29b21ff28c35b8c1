"""A kernel of `acrlab learn` runs this first (PYTHONSTARTUP): after a restart it says which cells have to run again."""


def _install() -> None:
    """Explain a chapter's name that is not there yet, in place of Python's NameError."""
    from typing import Any

    from IPython import get_ipython

    def explain(self: Any, kind: Any, problem: Any, trace: Any, tb_offset: Any = None) -> None:
        if not {"acrlab", "lab"} <= {*self.user_ns} and problem.name in ("acrlab", "lab", "settings"):
            said = "The kernel is new, as after a restart. Run the cells above again: Run, Run All Above Selected Cell."
            self._showtraceback(kind, problem, [f"\x1b[31m{problem}\x1b[0m. {said}"])
        else:
            self.showtraceback((kind, problem, trace), tb_offset=tb_offset)

    shell: Any = get_ipython()
    if shell is not None:  # a terminal of JupyterLab has the variable, too, and plain Python in it runs this
        shell.set_custom_exc((NameError,), explain)


_install()
del _install  # this is executed in the learner's own namespace
