"""What the course knows of one section of the article, one step of the lab, and one fault to practise on."""

from __future__ import annotations

from collections.abc import Callable, Mapping
from dataclasses import dataclass, field
from typing import Any, Literal

from acrlab.course.commands import ArticleCommands
from acrlab.lab.lab import Lab

Request = Callable[[Lab], object]
Looks = Literal["no such name", "refused", "silence", "wrong answer"]


@dataclass(frozen=True)
class Seen:
    """What Azure shows of a section or a task.

    Attributes:
        value: what is there now, in words and values.
        cause: why it may not be as expected; empty where it is.
        next: what to do about it, without the answer.
        ready: what it stands on is there, so that its solution can run.
    """

    done: bool
    value: str
    cause: str = ""
    next: str = ""
    ready: bool = True


@dataclass(frozen=True)
class Step:
    """One step of the lab.

    Attributes:
        name: kebab-case.
        does: what it leaves behind, for people.
        ensure: the library's function; running it twice changes nothing.
        needs: names of the steps before it.
        after: names of steps that it waits for where they are performed, too; it does not need them.
    """

    name: str
    does: str
    ensure: Callable[[Lab], Any]
    needs: tuple[str, ...] = ()
    after: tuple[str, ...] = ()


@dataclass(frozen=True, kw_only=True)
class Section:
    """One section of the article, or one of several things that a section of the article makes.

    Attributes:
        name: kebab-case.
        title: the article's heading; sections of one heading stand together.
        az: the article's commands, and what the lab changes in them.
        own: the lab's own commands, for what the article leaves out, by name.
        steps: that make it.
        also: other functions of the library for it, by public name.
        solved_by: names of the steps that bring the lab to its end, where they are not `steps`.
        rights: actions that it asks Azure for, beside what only reads.
        findings: of the doctor that are about it, by code.
        expected: what is there when it is done, with the settings' names in braces.
        verify: reads Azure, and changes nothing.
        cause: why it may be missing.
        hint: what to try, without the answer.
        reset: takes back what it made. Returns: whether there was something.
        taken: what that takes away, with the settings' names in braces.
    """

    name: str
    title: str
    az: ArticleCommands = field(default_factory=ArticleCommands)
    own: Mapping[str, str] = field(default_factory=dict)
    steps: tuple[Step, ...] = ()
    also: tuple[str, ...] = ()
    solved_by: tuple[str, ...] = ()
    rights: tuple[str, ...] = ()
    findings: tuple[str, ...] = ()
    expected: str = ""
    verify: Callable[[Lab], Seen] | None = None
    cause: str = ""
    hint: str = ""
    reset: Callable[[Lab], bool] | None = None
    taken: str = ""

    @property
    def anchor(self) -> str:
        """The heading as the article's links spell it."""
        return self.title.lower().replace(" ", "-")

    @property
    def ends(self) -> tuple[str, ...]:
        """Names of the steps that bring the lab to where it ends."""
        return self.solved_by or tuple(step.name for step in self.steps)

    @property
    def functions(self) -> tuple[str, ...]:
        """What the library offers for it, by public name."""
        return (*(step.ensure.__name__ for step in self.steps), *self.also)


@dataclass(frozen=True)
class Stage:
    """What has to stand before a fault can be planted, beside the lab itself, and where it is met.

    It is built after the lab works, with steps that each find what is there; it stays while tickets of it are opened
    one after the other, and is taken away before a ticket of another stage, and when practice ends.

    Attributes:
        name: kebab-case.
        build: steps that make it.
        clear: takes away what they made, in order; each does nothing where there is nothing.
        at: gives the lab as it is seen from where the fault is met; the doctor and the checks look from there.
        where: that place, in words for the symptom's reader; empty: the lab's own VM.
        cluster: name of the AKS cluster whose nodes are the clients, in place of a VM; empty: none is.
        in_the_way: pulls there, where the doctor can't, and says what is in the way; empty: nothing.
        chapter: whose rights and costs it has.
        rights_of: further chapters whose rights it needs.
    """

    name: str
    build: tuple[Request, ...] = ()
    clear: tuple[Request, ...] = ()
    at: Callable[[Lab], Lab] = lambda lab: lab
    where: str = ""
    cluster: str = ""
    in_the_way: Callable[[Lab], str] = lambda lab: ""
    chapter: str = "11"
    rights_of: tuple[str, ...] = ()


LAB = Stage("lab")


@dataclass(frozen=True)
class Diagnosis:
    """One thing that may be wrong.

    Attributes:
        code: of the finding, which is also the fault's.
        says: what is wrong, in one sentence.
        shows: what one would see if it were so, to go on after "if it were,".
        looks: how it looks from outside; what looks alike is offered together.
        stages: names of those on which it can be wrong; `lab`: on each.
    """

    code: str
    says: str
    shows: str
    looks: Looks
    stages: tuple[str, ...] = ("lab",)


@dataclass(frozen=True)
class Fault:
    """One thing that goes wrong for people, to practise on, made with ordinary Azure requests.

    Attributes:
        name: kebab-case; it does not give the fault away.
        code: the finding that names it.
        symptom: what a user reports, in their words.
        hints: three, each clearer than the one before.
        plant: the requests that make it so, on a lab that works.
        fix: what makes it right, in one sentence.
        solution: the author's own steps.
        story: how it happens.
        expect: what public access is meant to be, where the fault is about that.
        stage: what has to stand first.
    """

    name: str
    code: str
    symptom: str
    hints: tuple[str, str, str]
    plant: tuple[Request, ...]
    fix: str
    solution: tuple[Request, ...]
    story: str
    expect: str = ""
    stage: Stage = LAB
