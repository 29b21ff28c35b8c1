"""What a learner does with a section or a task: begin there, verify, get a hint, have it solved, reset.

Each function takes any name of a section, and any of a task. How far one is with the sections is what Azure itself
shows; of the tasks it is remembered who did them.
"""

from __future__ import annotations

from collections.abc import Iterable, Mapping

from acrlab.course import attempt, marks
from acrlab.course.commands import Command
from acrlab.course.lookup import needed, sections_of
from acrlab.course.reporting import report
from acrlab.course.runner import perform
from acrlab.course.section import Section
from acrlab.course.sections import SECTIONS
from acrlab.course.tasks.table import BY_NAME
from acrlab.course.verify import Verdict, pulled
from acrlab.display import Table, table
from acrlab.errors import ConfigurationError, RefusedError
from acrlab.lab.azure_errors import asking
from acrlab.lab.lab import Lab
from acrlab.lab.memory import PRACTICE, kept
from acrlab.lab.ownership import NOT_OURS
from acrlab.settings import Settings

PRACTICE_CHAPTER = "11"
NAMES = frozenset(section.name for section in SECTIONS)
TAKEN = "taken back: an earlier run had made it"


def bring_to(lab: Lab, *steps: str, without: Iterable[str] = ()) -> Table:
    """Bring the lab to where a chapter begins, back as well as forward: after an earlier run of it, whole or not, too.

    A fault that was planted to practise on is fixed. What is not the lab's own is left, and the table says so.

    Args:
        steps: to be done with all that they need, as far as they are not; independent ones together.
        without: what the chapter makes itself, to be taken back: `zone`, with its links and records, `endpoint`,
            `manual-endpoint`, `portal-lab`; or what a task of it makes, e.g. `push-right`, whose mark stays.

    Returns: the steps with what each leaves behind, after what was taken back.

    Raises:
        ConfigurationError: there is no such step, or nothing to take back by that name.
        RefusedError: Azure refused one of them; the message says what there is now.
    """
    names = list(without)
    wanted, unwanted = needed(steps), _to_take_back(name for name in names if name not in BY_NAME)
    back = [(f"the fault {name}", "fixed") for name in _fixed(lab)]
    back += [(name, told) for name, section in unwanted if (told := _taken_back(lab, section))]
    back += [(name, TAKEN) for name in names if name in BY_NAME and attempt.undone(lab, BY_NAME[name])]
    perform(lab, wanted)
    there = [*back, *((step.name, step.does) for step in wanted)]
    return table([{"step": name, "there is now": told} for name, told in there], caption="Where this chapter starts")


def _fixed(lab: Lab) -> list[str]:
    """Fix what was planted to practise on. Returns: its name, if there was something."""
    if kept(lab, PRACTICE) is None:
        return []
    from acrlab.course.practice import exercise  # which brings the doctor along

    return [name for name in [exercise.take_back(lab)] if name]


def _ticket(lab: Lab) -> str:
    """Name the practice ticket that was opened last; empty: none was."""
    return str((kept(lab, PRACTICE) or {}).get("fault", ""))


def _to_take_back(names: Iterable[str]) -> list[tuple[str, Section]]:
    """Find the sections with the names that they were given by, the last of the article first."""
    found = {section.name: (name, section) for name in names for section in _with_reset(name)}
    return [found[section.name] for section in reversed(SECTIONS) if section.name in found]


def _taken_back(lab: Lab, section: Section) -> str:
    """Take back what a section made. Returns: what there is to say of it; empty: there was nothing."""
    try:
        return TAKEN if _reset(lab, section) else ""
    except RefusedError as problem:
        if problem.code != NOT_OURS:
            raise
        return str(problem)


def az(settings: Settings, name: str) -> Command:
    """Give a section's commands with the lab's names in them: the article's, or the lab's own by their name.

    Args:
        name: of a section, e.g. `create-an-association-link`, of the lab's own commands, e.g. `enable-again`, or of a
            task, whose solution they are.

    Raises: ConfigurationError: there is no such name, or the article gives no command there.
    """
    if name in BY_NAME:
        return Command(BY_NAME[name].az.format(**settings.names()))
    found = sections_of(name)
    own = [section.own[name] for section in found if name in section.own]
    templates = [text.strip() for text in own or [section.az.text for section in found] if text]
    if not templates:
        raise ConfigurationError("section", f"the article gives no command in {name}")
    return Command("\n\n".join(templates).format(**settings.names()))


def verify(lab: Lab, section: str) -> Verdict:
    """Verify by Azure's own state whether a section is done: expected, seen, likely cause, next step. Changes nothing.

    Args:
        section: its name, as `progress` shows it, e.g. `private-dns-zone`; or its anchor, a step or a finding of it;
            or the name of a task, e.g. `second-tag`, or of the practice ticket that was opened last.

    Raises: ConfigurationError: there is no such section, or nothing to verify in it.
    """
    found = _verdicts(lab, section)
    for one in found:
        _tell(lab, one)
    return _summed_up(lab, section, found)


def look(lab: Lab, section: str) -> Verdict:
    """Look as `verify` does, where it is not the learner who asked: no one is told."""
    return _summed_up(lab, section, _verdicts(lab, section))


def note_begun(lab: Lab, section: str) -> None:
    """Tell the class's board that the learner has a section or a task before her."""
    for name in [section] if section in BY_NAME else [one.name for one in _verifiable(section)]:
        report(lab, name, "begun")


def _verdicts(lab: Lab, section: str) -> list[Verdict]:
    if section in BY_NAME:
        return [attempt.verified(lab, BY_NAME[section])]
    if section == _ticket(lab):
        from acrlab.course.practice import exercise

        return [exercise.verified(lab)]
    return [_verified(lab, one) for one in _verifiable(section)]


def _summed_up(lab: Lab, section: str, verdicts: list[Verdict]) -> Verdict:
    unfinished = [verdict for verdict in verdicts if not verdict.done]
    if unfinished or len(verdicts) == 1:
        return [*unfinished, *verdicts][0]
    return Verdict(section, True, expected(lab, section), "; ".join(verdict.seen for verdict in verdicts))


def _tell(lab: Lab, verdict: Verdict) -> None:
    """Tell the class's board what was seen; who did a section of the article, no one remembers."""
    if not verdict.done:
        marks.note_attempt(lab, verdict.section, verdict.seen)
    elif verdict.section in NAMES:
        report(lab, verdict.section, "solved", mark=marks.DONE)


def _verified(lab: Lab, section: Section) -> Verdict:
    wanted = section.expected.format(**lab.settings.names())
    assert section.verify is not None
    with asking(f"Verifying {section.name}", lab.group_id()):
        seen = section.verify(lab)
    if seen.done:
        return Verdict(section.name, True, wanted, seen.value)
    following = f"{section.hint} Or: acrlab.solve(lab, {section.name!r})"
    return Verdict(section.name, False, wanted, seen.value, section.cause, following)


def expected(lab: Lab, section: str) -> str:
    """Say what is there when a section or a task is done. Raises: ConfigurationError: as `verify`."""
    if section in BY_NAME:
        return BY_NAME[section].expected.format(**lab.settings.names())
    return _told(lab, (one.expected for one in _verifiable(section)), ", ")


def hint(lab: Lab, section: str) -> str:
    """Say what to try, without the answer; of a task or ticket the next hint.

    Raises: ConfigurationError: as `verify`.
    """
    if section in BY_NAME:
        return attempt.next_hint(lab, BY_NAME[section])
    if section == _ticket(lab):
        from acrlab.course.practice import exercise

        return exercise.hint(lab)
    for one in _verifiable(section):
        report(lab, one.name, "hint", hints=1)  # it has no more
    return _told(lab, (one.hint for one in _verifiable(section)), " ")


def taken_by_reset(lab: Lab, section: str) -> str:
    """Say what a reset takes away. Raises: ConfigurationError: there is no such section, or nothing to take back."""
    if section in BY_NAME:
        return BY_NAME[section].undone.format(**lab.settings.names())
    return _told(lab, (one.taken for one in _with_reset(section)), "; ")


def _told(lab: Lab, templates: Iterable[str], between: str) -> str:
    return between.join(templates).format(**lab.settings.names())


def solve(lab: Lab, section: str) -> Verdict:
    """Bring the world to where a section ends, with the library's own steps, and verify it.

    A task is solved by its solution, whose code is shown, and counts as *shown* from then on. A ticket is given up,
    with its diagnosis and the fix that the doctor would print.

    Raises: ConfigurationError: as `verify`. RefusedError: Azure refused a step.
    """
    if section in BY_NAME:
        return attempt.solved(lab, BY_NAME[section])
    if section == _ticket(lab):
        from acrlab.course.practice import exercise

        return exercise.give_up(lab)
    perform(lab, needed(step for one in _verifiable(section) for step in one.ends))
    for one in _verifiable(section):
        report(lab, one.name, "shown", mark=marks.SHOWN)
    return verify(lab, section)


def reset(lab: Lab, section: str) -> Verdict:
    """Take back what a section or a task made; what it stands on stays. Of a task the mark is taken back, too.

    Raises: ConfigurationError: as `verify`.
    """
    if section in BY_NAME:
        return attempt.taken_back(lab, BY_NAME[section])
    for one in reversed(_verifiable(section)):
        _reset(lab, one)
        report(lab, one.name, "reset")
    return look(lab, section)


def _reset(lab: Lab, section: Section) -> bool:
    assert section.reset is not None
    with asking(f"Resetting {section.name}", lab.group_id()):
        return section.reset(lab)


def progress(lab: Lab) -> Table:
    """Show which sections Azure shows as done, without trying a pull, and who did the tasks and tickets of chapters."""
    verdicts = [_verified(lab, s) for s in SECTIONS if s.verify not in (None, pulled)]
    rows = [{"section": v.section, "done": "✓" if v.done else "", "seen": v.seen if v.done else "–"} for v in verdicts]
    for chapter, tasks in _by_chapter(marks.read(lab)).items():
        rows.append({"section": f"chapter {chapter}", "done": _all_marks([*tasks.values()]), "seen": ""})
        rows += [{"section": f"  {name}", "done": mark, "seen": _goal(name)} for name, mark in tasks.items()]
    return table(rows, caption="Progress")


def where_you_are(lab: Lab) -> Table:
    """Show how many tasks of each chapter are finished, and by whom; its caption says where to go on. Asks no Azure."""
    known = marks.read(lab)
    chapters = _by_chapter(known)
    last = next((of for of, tasks in chapters.items() if [*known][-1:] and [*known][-1] in tasks), "01")
    following = [
        (of, name) for of, tasks in chapters.items() for name, mark in tasks.items() if of >= last and not mark
    ]
    caption = "Every task from here on is finished"
    if following:
        chapter, name = following[0]
        caption = f"Continue in chapter {chapter}: {_goal(name)}" if known else "Begin with chapter 01"
    rows = [{"chapter": of, "tasks": _all_marks([*tasks.values()])} for of, tasks in chapters.items()]
    return table(rows, caption=caption)


def _by_chapter(known: Mapping[str, marks.Mark]) -> dict[str, dict[str, str]]:
    """Chapter -> each of its tasks, and of the tickets that were opened -> its mark."""
    chapters = {name: task.chapter for name, task in BY_NAME.items()}
    chapters |= {name: PRACTICE_CHAPTER for name in known if name not in BY_NAME}
    told: dict[str, dict[str, str]] = {chapter: {} for chapter in sorted({*chapters.values()})}
    for name, chapter in chapters.items():
        told[chapter][name] = known[name].told if name in known else ""
    return told


def _goal(name: str) -> str:
    return BY_NAME[name].goal if name in BY_NAME else "a ticket"


def _all_marks(marked: list[str]) -> str:
    """Sum up the marks of a chapter's tasks."""
    counted = ", ".join(f"{marked.count(mark)} {mark}" for mark in marks.FINISHED if mark in marked)
    return f"{sum(mark in marks.FINISHED for mark in marked)} of {len(marked)}" + (f": {counted}" if counted else "")


def _verifiable(name: str) -> tuple[Section, ...]:
    if found := tuple(section for section in sections_of(name) if section.verify):
        return found
    raise ConfigurationError("section", f"there is nothing to verify in {name}")


def _with_reset(name: str) -> tuple[Section, ...]:
    if found := tuple(section for section in sections_of(name) if section.reset):
        return found
    raise ConfigurationError("section", f"there is nothing to reset in {name}")
