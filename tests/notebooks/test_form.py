"""Chapters are prose first, and all of one form: it is checked here, so that reviewers can read for meaning."""

from __future__ import annotations

import ast
import re
import statistics
from collections.abc import Iterator
from functools import cache
from pathlib import Path
from typing import Any

import nbformat
import papermill
import pytest

from acrlab.course.practice.faults import named
from acrlab.course.tasks.table import TASKS
from acrlab.settings import PLANNED_HOURS

FOLDER = Path(__file__).resolve().parents[2] / "notebooks"
CHAPTERS = (
    "00-start-here",
    "01-registry",
    "02-docker-vm",
    "03-private-link",
    "04-manual-approval",
    "05-portal",
    "06-verify-access",
    "07-restore-access",
    "08-clean-up",
    "09-diagnose",
    "10-real-packets",
    "11-break-and-fix",
    "12-your-azure",
    "13-replicas-and-regions",
    "14-hub-and-spoke",
    "15-closed-for-good",
    "16-aks",
)
FILES = sorted(FOLDER.glob("*.ipynb"))
LONGEST_CELL, MEDIAN_CELL, WORDS_A_LINE = 20, 8, 5
PARAMETERS = ("backend", "subscription", "resource_group", "location", "registry_name", "vm_name")
TASK, LEAST_TASKS = "task:", 3
FEWER_TASKS = {"10": 1, "12": 2}  # with what the article does not have, much is shown
TICKET, LEAST_TICKETS = "ticket:", 3
WITH_TASKS = sorted({task.chapter for task in TASKS})
LOOKING = re.compile(r"acrlab\.(az|source|table|trace|diagnose)\(")  # shows, and does nothing
LIVE = "application/vnd.jupyter.widget-"


@pytest.fixture(params=FILES, ids=lambda path: path.stem)
def path(request: pytest.FixtureRequest) -> Path:
    return request.param


@pytest.fixture
def document(path: Path) -> Any:
    return nbformat.read(path, as_version=4)


def code(document: Any) -> list[Any]:
    return [cell for cell in document.cells if cell.cell_type == "code"]


def prose(document: Any) -> list[str]:
    return [cell.source for cell in document.cells if cell.cell_type == "markdown"]


def tags(cell: Any) -> list[str]:
    return cell.metadata.get("tags", [])


def lines(cell: Any) -> int:
    return len(cell.source.splitlines())


def tagged(document: Any, tag: str) -> list[Any]:
    return [cell for cell in document.cells if tag in tags(cell)]


def sections(document: Any) -> dict[str, list[Any]]:
    """Heading -> code cells, of each part that begins with `## `."""
    found: dict[str, list[Any]] = {}
    heading = ""
    for cell in document.cells:
        if cell.cell_type == "markdown" and (match := re.search(r"^## (.+)$", cell.source, re.MULTILINE)):
            heading = match[1]
            found[heading] = []
        elif cell.cell_type == "code" and heading:
            found[heading].append(cell)
    return found


def outputs(document: Any) -> list[Any]:
    return [output for cell in code(document) for output in cell.outputs]


def test_the_article_s_nine_chapters_are_there_and_those_that_go_beyond_it() -> None:
    assert [name for name in CHAPTERS if not (FOLDER / f"{name}.ipynb").exists()] == []


def test_there_is_nothing_beside_the_chapters_that_a_learner_has_to_pass_over() -> None:
    assert [path.name for path in FOLDER.iterdir() if path.suffix != ".ipynb" and not path.name.startswith(".")] == []


def test_it_is_a_valid_notebook(document: Any) -> None:
    nbformat.validate(document)
    assert len({cell.id for cell in document.cells}) == len(document.cells)


def test_it_opens_with_its_one_title(document: Any) -> None:
    titles = [text for text in prose(document) if re.search(r"^# ", text, re.MULTILINE)]

    assert document.cells[0].source.startswith("# ")
    assert len(titles) == 1


def test_it_says_before_any_code_what_you_will_be_able_to_do_and_what_it_takes(document: Any) -> None:
    opening = ""
    for cell in document.cells:
        if cell.cell_type == "code":
            break
        opening += cell.source.lower()

    assert [word for word in ("you will be able to", "time", "cost", "rights") if word not in opening] == []


def test_imports_live_in_the_imports_cell_and_nothing_else_does(document: Any) -> None:
    assert len(tagged(document, "imports")) == 1
    for cell in code(document):
        imports = [node for node in ast.walk(ast.parse(cell.source)) if isinstance(node, ast.Import | ast.ImportFrom)]
        assert bool(imports) == ("imports" in tags(cell)), cell.source


def test_there_is_one_parameters_cell_of_plain_assignments(document: Any) -> None:
    (cell,) = tagged(document, "parameters")

    nodes = ast.parse(cell.source).body
    names = [node.target.id for node in nodes if isinstance(node, ast.AnnAssign)]  # type: ignore[union-attr]

    assert len(names) == len(nodes)
    assert [name for name in PARAMETERS if name not in names] == [], "every chapter takes the lab's parameters"
    for node in nodes:
        ast.literal_eval(node.value)  # type: ignore[attr-defined]


def test_papermill_tells_the_type_and_the_meaning_of_every_parameter(path: Path) -> None:
    told = papermill.inspect_notebook(path)

    assert told
    assert [
        name for name, one in told.items() if one["inferred_type_name"] not in ("str", "float") or not one["help"]
    ] == []


def test_cells_are_short(document: Any) -> None:
    assert [cell.source for cell in code(document) if lines(cell) > LONGEST_CELL] == []
    assert statistics.median(lines(cell) for cell in code(document)) <= MEDIAN_CELL


def test_prose_outweighs_code(document: Any) -> None:
    words = sum(len(text.split()) for text in prose(document))
    written = sum(lines(cell) for cell in code(document) if not {"imports", "parameters"} & {*tags(cell)})

    assert words >= WORDS_A_LINE * written


def test_it_has_four_to_eight_sections(document: Any) -> None:
    assert 4 <= len(sections(document).keys() - {"What you know now"}) <= 8


def test_every_section_with_code_ends_in_a_check(document: Any) -> None:
    unchecked = [name for name, cells in sections(document).items() if cells and "check" not in tags(cells[-1])]

    assert unchecked == []


def test_a_check_only_asserts_and_says_what_to_do(document: Any) -> None:
    for cell in tagged(document, "check"):
        if _task_of(cell):
            assert cell.source == f'acrlab.check(lab, "{_task_of(cell)}")'
            continue
        if _ticket_of(cell):
            assert cell.source == f'acrlab.check(lab, "{_ticket_of(cell)}")'
            continue
        for node in ast.walk(ast.parse(cell.source)):
            assert not isinstance(node, ast.Assert) or node.msg, f"no word on failure: {cell.source}"
        assert any(isinstance(node, ast.Assert) for node in ast.walk(ast.parse(cell.source))), cell.source


def _task_of(cell: Any) -> str:
    """The task that a cell is about; empty: none."""
    return _named(cell, TASK)


def _ticket_of(cell: Any) -> str:
    """The ticket that a cell is about; empty: none."""
    return _named(cell, TICKET)


def _named(cell: Any, kind: str) -> str:
    return next((tag.removeprefix(kind) for tag in tags(cell) if tag.startswith(kind)), "")


def test_chapter_11_opens_its_tickets_leaves_them_to_the_reader_and_checks_them() -> None:
    """No cell between says what it is; where no one sits in front, the check shows it."""
    document = nbformat.read(FOLDER / "11-break-and-fix.ipynb", as_version=4)
    opened = [cell for cell in document.cells if _ticket_of(cell) and cell.source.startswith("ticket = ")]

    assert len(opened) >= LEAST_TICKETS
    for cell in opened:
        name, at = _ticket_of(cell), document.cells.index(cell)
        statement, own, check = document.cells[at + 1 : at + 4]
        assert cell.source == f'ticket = acrlab.ticket(lab, "{name}")\nticket'
        assert statement.source.startswith("### Your turn: ")
        assert (tags(own), ast.parse(own.source).body) == (["your-turn", f"ticket:{name}"], [])
        assert tags(check) == ["check", f"ticket:{name}"]
        assert f"It was {named(name).code}: " in str(check.outputs)
        assert named(name).code not in "".join(one.source for one in document.cells)


def test_every_task_of_the_table_is_in_its_chapter_stated_left_open_and_checked(document: Any, path: Path) -> None:
    stated = [cell for cell in document.cells if "task" in tags(cell)]
    open_cells, checks = tagged(document, "your-turn"), [cell for cell in tagged(document, "check") if _task_of(cell)]
    tasks = [task for task in TASKS if task.chapter == path.name[:2]]

    if path.name.startswith("11"):
        return  # whose tasks are tickets
    assert [_task_of(cell) for cell in open_cells] == [task.name for task in tasks]
    assert [_task_of(cell) for cell in checks] == [task.name for task in tasks]
    for task, statement, own, check in zip(tasks, stated, open_cells, checks, strict=True):
        at = document.cells.index(statement)
        assert document.cells[at + 1 : at + 3] == [own, check], "a task is a statement, an open cell and its check"
        assert re.match(rf"### Your turn: .+\n\n{re.escape(task.goal)}", statement.source), statement.source
        assert ast.parse(own.source).body == [], "the code is hers"
        assert f"✓ {task.name}: " in str(check.outputs), "where no one sits in front the solution is shown and checked"
        assert "The solution" in str(check.outputs)


def test_chapters_with_tasks_have_three_of_them_or_more_and_a_third_of_what_is_done_is_the_learner_s() -> None:
    for chapter in WITH_TASKS:
        (path,) = FOLDER.glob(f"{chapter}-*.ipynb")
        cells = code(nbformat.read(path, as_version=4))
        plain = {"imports", "parameters", "check", "screen", "predict", "your-turn"}
        shown = [c for c in cells if not plain & {*tags(c)} and not LOOKING.match(c.source)]
        hers = [c for c in cells if "your-turn" in tags(c)]
        assert len(hers) >= FEWER_TASKS.get(chapter, LEAST_TASKS), chapter
        enough = len(hers) / (len(hers) + len(shown)) >= 0.25
        assert enough or chapter in FEWER_TASKS, (chapter, len(hers), len(shown))


def test_every_prediction_is_answered_by_an_output_before_the_next_heading(document: Any) -> None:
    asked = False
    for cell in document.cells:
        if "predict" in tags(cell):
            assert not asked, f"two questions and no answer before: {cell.source}"
            asked = True
        elif "answer" in tags(cell):
            assert asked, f"an answer that no one asked for: {cell.source}"
            assert cell.outputs, cell.source
            asked = False
        elif cell.cell_type == "markdown" and cell.source.startswith("## "):
            assert not asked, f"no answer before {cell.source.splitlines()[0]}"
    assert not asked


def test_chapters_with_tasks_ask_for_two_predictions_or_more_and_show_a_step_s_source() -> None:
    for chapter in WITH_TASKS:
        (path,) = FOLDER.glob(f"{chapter}-*.ipynb")
        document = nbformat.read(path, as_version=4)
        assert len(tagged(document, "predict")) >= 2, chapter
        assert "**Predict:**" not in str(prose(document)), "a prediction is a click"
        assert re.search(r"lab\.(resources|registry|network|dns)\b|acrlab\.source\(", str(document)), chapter


def test_no_cell_prints_or_leaves_python(document: Any) -> None:
    for cell in code(document):
        assert not re.search(r"^\s*[!%]|\bsys\.path\b|\bprint\(|get_ipython", cell.source, re.MULTILINE), cell.source


def test_it_was_executed_from_top_to_bottom_and_nothing_failed(document: Any) -> None:
    assert [cell.execution_count for cell in code(document)] == list(range(1, len(code(document)) + 1))
    assert [output for output in outputs(document) if output.output_type == "error"] == []
    assert outputs(document) != [], "outputs are committed: run `make record`"


def test_its_outputs_are_text_that_every_run_repeats(document: Any) -> None:
    """No address of an object, no live widget, nothing on stderr, nothing printed."""
    assert [output for output in outputs(document) if output.output_type == "stream"] == []
    assert not re.search(r"<[^>]* at 0x[0-9a-f]+", str(outputs(document)))
    assert [name for output in outputs(document) for name in output.get("data", ()) if name.startswith(LIVE)] == []


def test_nothing_of_the_execution_is_stored_but_outputs(document: Any) -> None:
    assert document.metadata.kernelspec.name == "python3"
    assert set(document.metadata) == {"kernelspec", "language_info"}
    assert document.metadata.language_info == {"name": "python"}
    assert {name for cell in document.cells for name in cell.metadata} <= {"tags", "acrlab"}
    assert {name for cell in document.cells for name in cell.metadata.get("acrlab", {})} <= {"instructor", "picture"}


def test_it_ends_with_what_you_know_and_the_way_on(document: Any, path: Path) -> None:
    last = document.cells[-1]
    foot = last.source.splitlines()[-1]

    assert last.cell_type == "markdown"
    assert "## What you know now" in last.source
    assert foot == " · ".join(_ways_on(FILES.index(path)))


def _ways_on(at: int) -> Iterator[str]:
    """What stands at the foot of a chapter."""
    if at > 0:
        yield f"Previous: {_link(at - 1)}"
    if at + 1 < len(FILES):
        yield f"Next: {_link(at + 1)}"
    if at > 0:
        yield f"[All chapters]({FILES[0].name})"


def _link(at: int) -> str:
    return f"[{_listed()[at][0]}]({FILES[at].name})"


@cache
def _listed() -> list[tuple[str, int]]:
    """Name and minutes of every chapter, as chapter 00 lists them."""
    (table,) = [text for text in prose(nbformat.read(FILES[0], as_version=4)) if text.startswith("**All chapters.**")]
    rows = re.findall(r"^\| \[?(\d\d - [^]|]+?)\]?(?:\(([^)]+)\))? \| [^|]+ \| (\d+) \|$", table, re.MULTILINE)
    assert [target for _, target, _ in rows] == ["", *(path.name for path in FILES[1:])], "a chapter is not listed"
    return [(name, int(minutes)) for name, _, minutes in rows]


def _opening(path: Path) -> str:
    return str(nbformat.read(path, as_version=4).cells[0].source)


def test_the_list_of_chapters_has_their_titles_and_times() -> None:
    for (name, minutes), path in zip(_listed(), FILES, strict=True):
        assert f"| time | {minutes} minutes" in _opening(path), path.name
        if path is not FILES[0]:
            assert _opening(path).startswith(f"# {name}"), path.name


def test_the_readme_says_the_same_of_each_chapter() -> None:
    readme = (FOLDER.parent / "README.md").read_text("utf-8")
    rows = dict(re.findall(r"^\| `(\d\d-[\w-]+)` \| (.+) \|$", readme, re.MULTILINE))
    (table,) = [text for text in prose(nbformat.read(FILES[0], as_version=4)) if text.startswith("**All chapters.**")]

    assert [*rows] == [path.stem for path in FILES]
    assert list(rows.values()) == re.findall(r"^\| \[?\d\d - [^|]+ \| (.+) \| \d+ \|$", table, re.MULTILINE)


def test_the_whole_course_takes_the_sum_of_its_chapters() -> None:
    minutes = [minutes for _, minutes in _listed()]
    told = f"{sum(minutes[:9])} for the article, which is chapters 00 to 08; {sum(minutes)} for the whole course"

    assert told in _opening(FILES[0])
    assert 0 <= PLANNED_HOURS * 60 - sum(minutes[:9]) < 15, "the confirmed cost is for the time that is announced"


def test_its_links_to_files_lead_somewhere(document: Any) -> None:
    targets = re.findall(r"\]\((?!https?:|#|data:)([^)#]+)", "\n".join(prose(document)))

    assert [target for target in targets if not (FOLDER / target).exists()] == []
