"""Try the changes of one module: `python -m tools.mutants.trying NAME`.

The tests are collected and run once, which tells which of them reach which function and how long they take. Each
change is then tried in a fork of that process, the fastest test first, until one fails: what it is worth is the time
of its tests, and neither pytest's start nor that of the SDKs.
"""

from __future__ import annotations

import argparse
import gc
import os
import resource
import signal
import sys
import time
from collections import defaultdict
from pathlib import Path

import pytest
from mutmut.mutation import trampoline

from tools.mutants.changes import Changed, Instead, Mutant, changed
from tools.mutants.guarded import Guarded, guarded

KILLED, SURVIVED, ENDLESS, UNREACHED = "killed", "survived", "endless", "not reached"
NOTICED = (KILLED, ENDLESS)
CRASHED = 255  # exit code of a try that ended with no test's failure; below: the number of the test that failed
CPU_S, WALL_S = 20, 300  # more than that, and a change has made something endless; or has it wait for ever
OPTIONS = ("-q", "-p", "no:cacheprovider", "--tb=short", "-o", "tmp_path_retention_policy=none")


class Trying:
    """A plugin that has pytest try changes instead of running its tests once."""

    def __init__(self, module: Guarded, made: Changed, at_once: int) -> None:
        self._module, self._made, self._at_once = module, made, at_once
        self._running: dict[int, tuple[Mutant, list[pytest.Item]]] = {}

    @pytest.hookimpl(tryfirst=True)
    def pytest_runtestloop(self, session: pytest.Session) -> bool:
        """Run the tests as they are, then once for each change that was not noticed yet."""
        reached = self._reached(session)
        if session.testsfailed:
            raise session.Failed("the tests fail without any change")
        gc.freeze()  # what is not looked at in a fork need not be copied
        found = self._module.found()
        left = [one for one in self._made.mutants if found.get(one.key) not in NOTICED]
        for number, mutant in enumerate(left, 1):
            sys.__stdout__.write(f"\r{self._module.name} {number}/{len(left)}")  # type: ignore[union-attr]
            sys.__stdout__.flush()  # type: ignore[union-attr]
            tests = reached[mutant.function]
            if not tests:
                self._module.note(mutant.key, UNREACHED)
                continue
            while len(self._running) >= self._at_once:
                self._reap()
            self._running[self._fork(session, mutant, tests)] = mutant, tests
        while self._running:
            self._reap()
        return True

    def _reached(self, session: pytest.Session) -> dict[str, list[pytest.Item]]:
        """mutmut's name of a function -> the tests that reach it, the fastest first."""
        hits: set[str] = set()
        trampoline.record_trampoline_hit = lambda name, caller=None: hits.add(name.rpartition(".")[2])
        trampoline.set_mutant_under_test("stats")
        took: list[tuple[float, pytest.Item, set[str]]] = []
        for item in session.items:
            hits.clear()
            began = time.process_time()
            item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
            took.append((time.process_time() - began, item, set(hits)))
        reached = defaultdict(list)
        for _, item, names in sorted(took, key=lambda one: one[0]):
            for name in names:
                reached[name].append(item)
        return reached

    def _fork(self, session: pytest.Session, mutant: Mutant, tests: list[pytest.Item]) -> int:
        pid = os.fork()
        if pid:
            return pid
        status = CRASHED
        try:
            session.config.get_terminal_writer()._file = Path(os.devnull).open("w")  # noqa: SIM115
            limit = int(time.process_time()) + CPU_S
            resource.setrlimit(resource.RLIMIT_CPU, (limit, limit + 5))
            signal.signal(signal.SIGXCPU, signal.SIG_DFL)
            signal.signal(signal.SIGALRM, signal.SIG_DFL)
            signal.alarm(WALL_S)
            trampoline.set_mutant_under_test(f"{self._module.module}.{mutant.name}")
            for number, item in enumerate(tests):
                item.config.hook.pytest_runtest_protocol(item=item, nextitem=None)
                if session.testsfailed:
                    status = min(number + 1, CRASHED)
                    break
            else:
                status = 0
        finally:
            os._exit(status)

    def _reap(self) -> None:
        pid, status = os.wait()
        code = os.waitstatus_to_exitcode(status)
        mutant, tests = self._running.pop(pid)
        by_limit = code in (-signal.SIGXCPU, -signal.SIGKILL, -signal.SIGALRM)
        self._module.note(mutant.key, ENDLESS if by_limit else KILLED if code else SURVIVED)
        if 0 < code <= len(tests):  # what noticed this change may notice the next one, which is much like it
            tests.insert(0, tests.pop(code - 1))


def main() -> int:
    """Try what was not tried, and again what nothing noticed: a test may have joined since."""
    parser = argparse.ArgumentParser(description=__doc__.partition("\n")[0])
    parser.add_argument("name", help="a module's, as its file in tests/mutants/ is called")
    parser.add_argument("--at-once", type=int, default=2)
    asked = parser.parse_args()
    (module,) = guarded(asked.name)
    made = changed(module.path)
    sys.meta_path.insert(0, Instead(module.module, module.path, made.source))
    return pytest.main([*OPTIONS, *module.tests], plugins=[Trying(module, made, asked.at_once)])


if __name__ == "__main__":
    sys.exit(main())
