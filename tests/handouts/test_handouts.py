"""Handouts as they are read: complete in themselves, the learner's without what the instructor's shows."""

from __future__ import annotations

import ast
import itertools
import re
from datetime import date
from html import escape, unescape
from pathlib import Path

import pytest

from acrlab.course.practice.faults import FAULTS
from acrlab.course.tasks.table import TASKS
from acrlab.doctor.checks.hops import HOPS
from acrlab.handouts import ALL, EDITIONS, make
from acrlab.handouts import pdf as printing
from acrlab.handouts.cheat_sheet import QUESTIONS, commands
from acrlab.handouts.instructor import notes
from acrlab.runs.notebooks import find
from acrlab.settings import Settings

NOTEBOOKS = Path(__file__).resolve().parents[2] / "notebooks"
DAY = date(2026, 1, 5)


@pytest.fixture(scope="module")
def made(tmp_path_factory):
    """Every page of both editions, by edition and chapter."""
    out = tmp_path_factory.mktemp("handouts")
    for edition in EDITIONS.values():
        make(find(NOTEBOOKS), edition=edition, formats=["html"], out=out, dated=DAY, version="0.0")
    return {path.stem: path.read_text("utf-8") for path in out.glob("*.html")}


def test_there_is_a_file_for_each_chapter_one_of_all_and_a_cheat_sheet(made):
    chapters = [*(n.name for n in find(NOTEBOOKS)), ALL, "cheat-sheet"]

    assert sorted(made) == sorted(f"{c}-{e}" for c in chapters for e in EDITIONS)


def test_nothing_is_fetched_when_a_page_is_read(made):
    for text in made.values():
        assert re.findall(r'(?:src|srcset)="(?!data:)', text) == []
        assert "<script" not in text
        assert "<link" not in text
        assert "@import" not in text


def test_a_page_says_its_language_and_title_and_has_one_first_heading(made):
    for text in made.values():
        assert '<html lang="en">' in text
        assert re.search(r"<title>[^<]+</title>", text)
        assert len(re.findall(r"<h1[ >]", text)) == 1


def test_headings_do_not_skip_a_level(made):
    for name, text in made.items():
        levels = [int(n) for n in re.findall(r"<h([1-6])[ >]", text)]
        assert all(b <= a + 1 for a, b in itertools.pairwise(levels)), name


def test_links_within_a_page_lead_somewhere(made):
    for name, text in made.items():
        anchors = set(re.findall(r'id="([^"]+)"', text))
        assert [t for t in re.findall(r'href="#([^"]+)"', text) if t not in anchors] == [], name


def test_no_anchor_is_there_twice(made):
    for name, text in made.items():
        anchors = re.findall(r'\bid="([^"]+)"', re.sub(r"<svg.*?</svg>", "", text, flags=re.DOTALL))
        assert sorted(set(anchors)) == sorted(anchors), name


def test_links_to_another_chapter_lead_to_its_file_of_the_same_edition(made):
    assert 'href="02-docker-vm-learner.html"' in made["01-registry-learner"]
    assert 'href="#02-docker-vm"' in made[f"{ALL}-learner"]
    assert 'href="00-start-here-learner.html#00-start-here-the-words-of-this-course"' in made["01-registry-learner"]
    assert 'href="#00-start-here-the-words-of-this-course"' in made[f"{ALL}-learner"]


def test_a_picture_that_a_cell_carries_is_in_the_page(made):
    for name in ("00-start-here-learner", f"{ALL}-instructor"):
        assert re.search(r'<img src="data:image/svg\+xml;base64,[^"]+" alt="[^"]{100,}"', made[name])


def test_the_cheat_sheet_has_the_answers_the_parts_and_the_doctor_s_order(made):
    sheet = made["cheat-sheet-learner"]

    assert re.findall(r"<h[12][^>]*>(.+?)</h[12]>", sheet) == [
        "Cheat sheet",
        "Where a name leads",
        "The five parts",
        "When a pull fails, ask in this order",
        "With a hub, or several regions, ask as well",
    ]
    parts = ["private endpoint", "network interface", "connection", "private DNS zone", "virtual network link"]
    assert re.findall(r"<td>\s*<strong>(.+?)</strong>", sheet) == parts
    hops = [one.hop for one in QUESTIONS]
    assert list(dict.fromkeys(hops)) == [hop.name for hop in HOPS]
    assert all(escape(command) in sheet for command in commands(Settings.from_parameters(registry_name="myregistry")))


def test_the_words_of_the_course_explain_those_of_hubs_regions_and_clusters_once(made):
    page = made["00-start-here-learner"]
    words = ("hub and spoke", "peering", "private resolver", "forwarding ruleset", "replica", "regional endpoint")
    more = ("repository permissions (ABAC)", "trusted services", "service tag", "agent pool", "kubelet identity")

    assert [word for word in (*words, *more) if page.count(f"<strong>{word}</strong>") != 1] == []


def test_what_is_only_for_clicking_is_not_printed(made):
    assert [name for name, page in made.items() if "section_bar" in page] == []


def test_the_learner_has_room_to_write_and_does_not_see_the_answer(made):
    learner, instructor = made["07-restore-access-learner"], made["07-restore-access-instructor"]

    assert learner.count('class="room"') == 6, "three predictions and three tasks"
    assert "Where this chapter starts" not in learner
    assert learner.count('class="kept"') == 3
    assert "403 DENIED" not in learner
    assert "403 DENIED" in instructor
    assert 'class="room"' not in instructor


@pytest.mark.parametrize("task", TASKS, ids=lambda task: task.name)
def test_the_learner_has_room_for_a_task_and_only_the_instructor_reads_its_solution(made, task):
    (name,) = [n.name for n in find(NOTEBOOKS) if n.number == task.chapter]
    learner, instructor = made[f"{name}-learner"], made[f"{name}-instructor"]
    shown = escape(task.code)

    assert shown in instructor
    assert f"✓ {task.name}" in instructor
    assert shown not in learner
    assert "The solution" not in learner
    assert f"✓ {task.name}: " not in learner


@pytest.mark.parametrize("chapter", sorted({task.chapter for task in TASKS}))
def test_a_prediction_is_asked_in_both_editions_and_answered_in_the_instructor_s(made, chapter):
    (notebook,) = [n for n in find(NOTEBOOKS) if n.number == chapter]
    tagged = {tag: [c for c in notebook.cells if tag in c["metadata"].get("tags", ())] for tag in ("predict", "answer")}
    learner, instructor = made[f"{notebook.name}-learner"], made[f"{notebook.name}-instructor"]
    tasks = len([task for task in TASKS if task.chapter == chapter])

    for page in (learner, instructor):
        assert page.count("<strong>Predict:</strong>") == len(tagged["predict"])
    assert learner.count('class="kept"') == len(tagged["answer"])
    assert 'class="kept"' not in instructor
    assert f"<li>predictions to ask for: {len(tagged['predict'])}</li><li>tasks: {tasks}</li>" in instructor


def test_the_instructor_reads_what_goes_wrong_and_how_long_it_takes(made):
    text = made["07-restore-access-instructor"]

    assert "For the instructor" in text
    assert "time: 10 minutes" in text
    assert "someone changed the registry at the same time: run the cell again" in text


def test_every_edition_shows_all_the_code(made):
    for edition in EDITIONS:
        assert "restore_access" in made[f"07-restore-access-{edition}"]


def test_the_cover_says_edition_date_version_and_parameters(made):
    cover = made[f"{ALL}-learner"].partition("</header>")[0]

    said = ("Learner&#x27;s edition", "2026-01-05", "acrlab 0.0", "location = westus")
    assert [words for words in said if words not in cover] == []


def test_the_same_notebooks_give_the_same_bytes(made, tmp_path):
    make(find(NOTEBOOKS), edition=EDITIONS["learner"], formats=["html"], out=tmp_path, dated=DAY, version="0.0")

    assert (tmp_path / f"{ALL}-learner.html").read_text("utf-8") == made[f"{ALL}-learner"]


def test_without_a_browser_a_pdf_is_refused_with_what_to_do(monkeypatch, tmp_path):
    monkeypatch.delenv("ACRLAB_BROWSER", raising=False)
    monkeypatch.setenv("PATH", str(tmp_path))

    with pytest.raises(printing.ConfigurationError, match="Install Chromium, or name one in ACRLAB_BROWSER"):
        printing.browser()


@pytest.fixture(scope="module")
def printed(tmp_path_factory, pypdf):
    """One chapter as a PDF."""
    out = tmp_path_factory.mktemp("printed")
    chapter = [n for n in find(NOTEBOOKS) if n.number == "07"]
    (file,) = make(chapter, edition=EDITIONS["learner"], formats=["pdf"], out=out, dated=DAY, version="0.0")
    assert [p.name for p in out.iterdir()] == [file.name]
    return pypdf.PdfReader(file)


def test_a_pdf_is_tagged_and_says_its_language_and_title(printed):
    root = printed.trailer["/Root"]

    assert root["/MarkInfo"]["/Marked"]
    assert "/StructTreeRoot" in root
    assert str(root["/Lang"]).startswith("en")
    assert "Open again, exactly as it was" in printed.metadata.title


def test_a_pdf_can_be_searched_and_its_pages_are_numbered(printed):
    pages = [page.extract_text() for page in printed.pages]

    assert "The trap: enabled, and still closed" in " ".join(" ".join(pages).split())
    assert all(f"{number} / {len(pages)}" in text for number, text in enumerate(pages, 1))


def test_links_in_a_pdf_lead_to_places_and_pages(printed):
    annotations = [a.get_object() for page in printed.pages for a in page.get("/Annots", [])]
    links = [a for a in annotations if a["/Subtype"] == "/Link"]

    assert [a for a in links if "/Dest" in a or a.get("/A", {}).get("/S") in ("/GoTo", "/URI")] == links
    assert len(links) >= 5
    assert printed.outline


def test_an_address_stays_whole_and_a_long_name_goes_on_after_a_dot(made):
    text = made["03-private-link-instructor"]

    assert re.search(r'<td class="whole"[^>]*>192\.0\.2\.64</td>', text)
    assert ">myregistrybe60c510.<wbr>azurecr.<wbr>io</td>" in text


def _sections(notebook):
    """Each section's cells: from one heading of the second level to the next."""
    found: list = []
    for cell in notebook.cells:
        if cell["cell_type"] == "markdown" and "".join(cell["source"]).startswith("## "):
            found.append([])
        if found:
            found[-1].append(cell)
    return found


def _tagged(cells, tag):
    return [c for c in cells if any(t == tag or t.startswith(f"{tag}:") for t in c["metadata"].get("tags", ()))]


def _options(question):
    """The options of a prediction's cell."""
    (call,) = [n for n in ast.walk(ast.parse("".join(question["source"]))) if isinstance(n, ast.Call)]
    return [ast.literal_eval(argument) for argument in call.args[1:]]


CHAPTERS = find(NOTEBOOKS)
BOX = re.compile(r'<aside class="teach">.*?</aside>', re.DOTALL)


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda notebook: notebook.name)
def test_each_section_with_something_to_do_tells_the_instructor_what_goes_wrong_and_what_to_say(notebook):
    asked = [cells for cells in _sections(notebook) if any(_tagged(cells, t) for t in ("predict", "task", "ticket"))]

    assert asked
    for cells in asked:
        text = notes(cells[0])
        title = "".join(cells[0]["source"]).partition("\n")[0]
        assert re.search(r"\*\*(Usual (misconception|mistake):|What goes wrong:|Answer:)", text), title
        assert len(re.findall(r"^- ", text, re.MULTILINE)) <= 4, title


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda notebook: notebook.name)
def test_each_prediction_has_its_answer_in_the_instructor_s_edition_as_one_of_its_options(made, notebook):
    page = unescape(made[f"{notebook.name}-instructor"])

    for question in _tagged(notebook.cells, "predict"):
        told = re.match(r"\*\*Answer: (.+?)\.?\*\*", notes(question))
        assert told, question["source"]
        assert told[1] in _options(question)
        assert f"<strong>Answer: {told[1]}" in page


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda notebook: notebook.name)
def test_each_task_tells_the_instructor_what_goes_wrong(notebook):
    turns = [c for c in notebook.cells if c["cell_type"] == "markdown" and "### Your turn" in "".join(c["source"])]

    assert [c["id"] for c in turns if "**What goes wrong:**" not in notes(c)] == []


@pytest.mark.parametrize("notebook", CHAPTERS, ids=lambda notebook: notebook.name)
def test_nothing_that_is_for_the_instructor_is_in_the_learner_s_edition_or_in_a_cell(made, notebook):
    for name in (notebook.name, ALL):
        learner, instructor = made[f"{name}-learner"], made[f"{name}-instructor"]
        assert "For the instructor" not in learner
        assert BOX.findall(learner) == []
        assert len(BOX.findall(instructor)) >= len([c for c in notebook.cells if notes(c)])
        for box in BOX.findall(instructor):
            for line in re.findall(r"<(?:p|li)>(.{30,}?)</(?:p|li)>", box, re.DOTALL):
                assert line not in learner
    shown = "\n".join("".join(c["source"]) + str(c.get("outputs", "")) for c in notebook.cells)
    assert "**Usual misconception:**" not in shown
    assert "**Answer:" not in shown


@pytest.mark.parametrize("fault", FAULTS, ids=lambda fault: fault.name)
def test_the_instructor_reads_each_fault_s_story_and_fix(made, fault):
    page = unescape(made["11-break-and-fix-instructor"])

    assert f"<td><em>{fault.name}</em></td>" in page
    assert fault.fix in page
    assert fault.story in page


def test_the_instructor_has_a_minute_plan_for_both_lengths_which_ends_on_time(made):
    told = "\n".join(notes(cell) for cell in CHAPTERS[0].cells)

    for title, length in (("**90 minutes**", 90), ("**Half a day", 210)):
        plan = told.partition(title)[2].partition("\nSkip")
        minutes = [(int(a), int(b)) for a, b in re.findall(r"^\| (\d+)–(\d+) \|", plan[0], re.MULTILINE)]
        assert minutes[0][0] == 0
        assert minutes[-1][1] == length
        assert all(before[1] == after[0] for before, after in itertools.pairwise(minutes))
        assert plan[1], "it says what to skip"


MOST_PAGES = 66  # about four for each chapter


@pytest.mark.long
def test_a_learner_s_edition_of_all_chapters_does_not_cost_more_paper_than_needed(tmp_path, pypdf):
    made = make(CHAPTERS, edition=EDITIONS["learner"], formats=["pdf"], out=tmp_path, dated=DAY, version="0.0")
    (file,) = [path for path in made if path.name.startswith(ALL)]

    assert len(pypdf.PdfReader(file).pages) <= MOST_PAGES


def test_a_sign_in_a_heading_is_a_sign_in_the_contents(made):
    assert "23:40 · Refused" in made["11-break-and-fix-learner"].partition("<main>")[0]
