"""A kernel of `acrlab learn` runs this first (PYTHONSTARTUP): it says what a notebook does not show by itself.

After a restart, which cells have to run again; and what another notebook did to the lab meanwhile.
"""


def _install() -> None:
    """Explain a chapter's name that is not there yet, in place of Python's NameError, and watch over its lab."""
    import sys
    from typing import Any

    from IPython import get_ipython

    watching: list[Any] = []  # the watch over the lab that the notebook has now

    def explain(self: Any, kind: Any, problem: Any, trace: Any, tb_offset: Any = None) -> None:
        if not {"acrlab", "lab"} <= {*self.user_ns} and problem.name in ("acrlab", "lab", "settings"):
            said = "The kernel is new, as after a restart. Run the cells above again: Run, Run All Above Selected Cell."
            self._showtraceback(kind, problem, [f"\x1b[31m{problem}\x1b[0m. {said}"])
        else:
            self.showtraceback((kind, problem, trace), tb_offset=tb_offset)

    def begins(_: Any) -> None:
        if watching:
            say(watching[0].cell_begins())

    def ended(result: Any) -> None:
        lab = shell.user_ns.get("lab")
        if watching and watching[0].lab is lab:
            say(watching[0].cell_ended(failed=not result.success))
        elif "acrlab.lab.lab" in sys.modules and isinstance(lab, sys.modules["acrlab.lab.lab"].Lab):
            from acrlab.learner.other_notebooks import Watch, name_of_this

            watching[:] = [Watch(lab, name_of_this())]
            say(watching[0].opened())

    def say(text: str) -> None:
        if text:
            print(text, file=sys.stderr)  # noqa: T201

    shell: Any = get_ipython()
    if shell is not None:  # a terminal of JupyterLab has the variable, too, and plain Python in it runs this
        shell.set_custom_exc((NameError,), explain)
        shell.events.register("pre_run_cell", begins)
        shell.events.register("post_run_cell", ended)


_install()
del _install  # this is executed in the learner's own namespace
