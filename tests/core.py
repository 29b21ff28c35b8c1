"""The core's tests, and which of them need more than the core: a plugin of `make test-core` and `make test-pyodide`.

`make test` runs every test and does not load this. What is left out is said at the end of a run, with its reason.
"""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable, Iterable
from dataclasses import dataclass
from pathlib import Path

import pytest

from acrlab import capabilities

TESTS = Path(__file__).parent
# What concerns the core, below tests/.
FOLDERS = (
    *("azure", "course", "doctor", "emulator", "lab", "settings", "steps", "widgets"),
    *("site/test_kernel.py", "site/test_sender.py", "test_display.py", "test_settings.py"),
)
WORDS = ("tests", "-p", "tests.core", "--confcutdir", "tests", "-p", "no:cacheprovider", "-q")  # for pytest


@dataclass(frozen=True)
class Need:
    """Something that a test may need and that is not everywhere.

    Attributes:
        why: it is not there, said at the end of a run.
        there: says whether this Python has it.
        tests: below tests/: a folder, a file, or `file::test`, with its parameters or whatever they are.
        fixtures: a test that asks for one of them needs it as well.
    """

    why: str
    there: Callable[[], bool]
    tests: tuple[str, ...]
    fixtures: tuple[str, ...] = ()


def never() -> bool:
    """The core alone has no package that it does not name."""
    return False


def on_a_computer() -> bool:
    """Not in a browser's Python, which has neither programs nor every package."""
    return not capabilities.in_browser()


NEEDS = (
    Need(
        "the server (starlette, uvicorn, httpx, dnspython) is not of the core",
        never,
        (
            "emulator/core/test_fault_injection.py",
            "emulator/fabric",
            "emulator/invariants/test_odd_questions.py",
            "emulator/invariants/test_odd_requests.py",
            "emulator/network/test_dns_server.py",
            "emulator/registry/test_layers.py",
            "emulator/registry/test_login_server.py",
            "emulator/server",
        ),
        fixtures=("server",),
    ),
    Need(
        "the command line (typer, rich) is not of the core",
        never,
        (
            "doctor/test_all_registries.py",
            "doctor/test_rebuild.py",
            "doctor/test_rights.py",
            "emulator/core/test_a_file_that_goes.py::test_a_world_that_another_command_changes_is_the_same_file",
            "lab/test_waiting.py::test_a_long_wait_says_what_is_waited_for",
            "lab/test_waiting.py::test_a_terminal_gets_a_line_on_stderr",
        ),
    ),
    Need("the client of registries' tasks is not of the core", never, ("emulator/tasks",)),
    Need("the reader that YAML is compared with is not of the core", never, ("emulator/kubernetes/test_yaml_text.py",)),
    Need("the client of DNS Private Resolver is not of the core", never, ("emulator/types/test_dns_resolver.py",)),
    Need("the parser of Markdown (markdown-it-py) is not of the core", never, ("course/article",)),
    Need(
        "what asks a real Azure (azure-identity, requests) and keeps its lab's files (filelock) is not of the core",
        never,
        (
            "lab/test_lab.py::test_a_real_azure_gets_clients_for_the_given_subscription",
            "lab/test_lab.py::test_a_real_azure_without_a_credential_is_refused_in_one_line",
            "lab/test_lab.py::test_a_real_azures_connections_are_closed_with_the_lab",
            "lab/test_memory.py::test_a_text_is_read_as_it_was_written_replaced_and_deleted[files]",
            "lab/test_memory.py::test_files_are_for_nobody_else_and_a_killed_writer_leaves_nothing_in_the_way",
            "lab/test_memory.py::test_two_processes_do_not_overwrite_what_the_other_wrote",
            "lab/test_memory.py::test_writing_goes_on_while_it_is_held_alone[files]",
        ),
    ),
    Need(
        "no thread starts here",
        capabilities.can_start_threads,
        (
            "course/test_plan.py::test_after_a_failure_what_has_begun_is_waited_for_and_nothing_new_begins",
            "course/test_plan.py::test_an_interrupt_waits_for_what_has_begun_and_the_next_call_goes_on",
            "course/test_plan.py::test_the_plan_takes_its_longest_chain",
            "course/test_plan.py::test_what_the_vm_s_interface_needs_is_made_at_the_same_time",
            "doctor/test_across.py::test_an_approval_that_cannot_be_is_named_and_what_is_advised_lets_it_be",
            "emulator/core/test_threads.py::test_a_refusal_is_an_answer_to_wait_from_as_well",
            "emulator/core/test_threads.py::test_a_thread_waits_from_its_own_answer_on",
            "emulator/core/test_threads.py::test_nobody_sees_what_another_thread_has_half_done",
            "emulator/core/test_threads.py::test_threads_sign_in_read_and_write_through_the_sdk",
            "emulator/core/test_threads.py::test_threads_that_sign_in_and_read_do_not_disturb_one_that_writes",
            "emulator/core/test_threads.py::test_what_another_thread_takes_back_was_never_there",
            "emulator/core/test_threads.py::test_what_is_written_outside_a_transaction_is_there_whole_or_not_at_all",
            "emulator/core/test_world.py::test_writers_in_many_threads_lose_no_resource",
            "emulator/test_transport.py::test_threads_that_wait_together_take_the_time_of_the_longest",
            "lab/test_lab.py::test_a_provider_is_asked_for_once_however_many_threads_want_it",
            "lab/test_lab.py::test_every_request_by_path_counts_whichever_thread_sends_it",
            "lab/test_lab.py::test_requests_of_many_threads_are_all_counted",
            "lab/test_lab.py::test_threads_that_ask_for_a_client_at_once_get_the_same",
            "widgets/test_approval_panel.py::test_the_panel_follows_what_others_decide",
            "widgets/test_endpoint_form.py::test_what_is_deleted_elsewhere_the_portal_s_form_knows",
            "widgets/test_following.py::test_it_looks_when_the_world_is_written_to_and_not_before",
        ),
    ),
    Need(
        "steps come one after another, and a late world's VM asks for a name before its record is there",
        capabilities.can_start_threads,
        (
            "steps/test_late_names.py::test_a_record_that_is_missing_is_not_waited_for_in_a_pull",
            "steps/test_throttled.py::test_no_request_is_lost_to_throttling[healthy]",
        ),
    ),
    Need(
        "no other program starts here",
        on_a_computer,
        (
            "emulator/core/test_world.py::test_a_killed_process_loses_nothing_that_was_answered",
            "emulator/registry/test_images.py::test_the_program_prints_the_files_that_it_is_given",
            "widgets/test_controls.py::test_no_widgets_are_even_imported_for_nobody",
        ),
    ),
    Need(
        "Node.js can't wait for a promise inside a call, as browsers can; `make test-browser` does the same in one",
        on_a_computer,
        ("site/test_kernel.py", "site/test_sender.py"),
    ),
    Need(
        "a browser's Python has no cryptography, which these read keys with",
        on_a_computer,
        ("steps/test_virtual_machine.py::test_the_vm_gets_the_public_half_of_a_key_that_is_kept",),
    ),
    Need(
        "the site leaves the handouts out, and these look into them",
        on_a_computer,
        ("course/test_printed_commands.py",),
    ),
)

LEFT_OUT = pytest.StashKey[Counter[str]]()


def pytest_configure(config: pytest.Config) -> None:
    """Begin to count what is left out."""
    config.stash[LEFT_OUT] = Counter()


def pytest_ignore_collect(collection_path: Path, config: pytest.Config) -> bool | None:
    """Keep to the core's folders, and do not even import a file that needs what is not there."""
    if not collection_path.is_relative_to(TESTS):
        return None
    name = collection_path.relative_to(TESTS).as_posix()
    if not any(_within(name, one) or _within(one, name) for one in (*FOLDERS, "conftest.py")):
        return True
    if name != "." and (need := missing(name)):
        config.stash[LEFT_OUT][need.why] += 1
        return True
    return None


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Leave single tests out."""
    kept: list[pytest.Item] = []
    left: list[pytest.Item] = []
    for item in items:
        name = f"{item.path.relative_to(TESTS).as_posix()}::{item.nodeid.partition('::')[2]}"
        if need := missing(name, getattr(item, "fixturenames", ())):
            config.stash[LEFT_OUT][need.why] += 1
            left.append(item)
        else:
            kept.append(item)
    items[:] = kept
    config.hook.pytest_deselected(items=left)


def pytest_terminal_summary(terminalreporter: pytest.TerminalReporter, config: pytest.Config) -> None:
    """Say what was left out, and how much ran."""
    for why, count in sorted(config.stash[LEFT_OUT].items()):
        terminalreporter.write_line(f"left out: {why} (files and tests: {count})")
    ran = sum(len(terminalreporter.stats.get(how, ())) for how in ("passed", "failed"))
    terminalreporter.write_line(f"{ran} tests ran")


def missing(name: str, fixtures: Iterable[str] = ()) -> Need | None:
    """Find what a test needs and this Python has not. `name`: a folder, a file or `file::test`."""
    for need in NEEDS:
        concerned = {name, name.partition("[")[0]} & set(need.tests) or set(fixtures) & set(need.fixtures)
        if concerned and not need.there():
            return need
    return None


def _within(name: str, folder: str) -> bool:
    return folder == "." or name == folder or name.startswith(f"{folder}/")
