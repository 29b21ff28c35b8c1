"""What a script is made of, once it has been read. Source: POSIX.1-2017, Shell & Utilities, 2.9 and 2.10."""

from __future__ import annotations

from dataclasses import dataclass


class SyntaxProblem(Exception):
    """A script that can't be read, or uses a form that isn't emulated.

    Attributes:
        line: where, counted from 1.
    """

    def __init__(self, message: str, line: int) -> None:
        super().__init__(message)
        self.line = line


@dataclass(frozen=True)
class Literal:
    text: str
    quoted: bool = False


@dataclass(frozen=True)
class Parameter:
    """`$name` or `${name}`, `${name:-word}`, `${#name}`, `${name%pattern}` and their like."""

    name: str
    operator: str = ""
    word: Word = ()
    quoted: bool = False


@dataclass(frozen=True)
class Substitution:
    """`$(script)`: read when it runs."""

    script: str
    quoted: bool = False


@dataclass(frozen=True)
class Arithmetic:
    """`$((expression))`."""

    expression: Word
    quoted: bool = False


Part = Literal | Parameter | Substitution | Arithmetic
Word = tuple[Part, ...]


@dataclass(frozen=True)
class Redirect:
    """`operator`: `<`, `>`, `>>`, `>&`, `<&`, `<<`; a here-document's text is its target."""

    stream: int
    operator: str
    target: Word


@dataclass(frozen=True)
class Simple:
    """A command with its words; `assignments`: name, value, and whether the value is added (`+=`)."""

    assignments: tuple[tuple[str, Word, bool], ...]
    words: tuple[Word, ...]
    redirects: tuple[Redirect, ...]
    line: int


@dataclass(frozen=True)
class Sequence:
    items: tuple[Node, ...]


@dataclass(frozen=True)
class AndOr:
    """`first`, then each of `rest` where its operator, `&&` or `||`, says so."""

    first: Node
    rest: tuple[tuple[str, Node], ...]


@dataclass(frozen=True)
class Pipeline:
    commands: tuple[Node, ...]
    negated: bool = False


@dataclass(frozen=True)
class Group:
    """`{ …; }`, or with `apart` `( … )`: what it sets is forgotten."""

    body: Node
    apart: bool
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True)
class If:
    branches: tuple[tuple[Node, Node], ...]
    otherwise: Node | None
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True)
class For:
    """`words` is None for `for name; do`: the script's arguments."""

    name: str
    words: tuple[Word, ...] | None
    body: Node
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True)
class While:
    """`wanted`: the loop goes on while the condition's success is this."""

    condition: Node
    body: Node
    wanted: bool
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True)
class Case:
    word: Word
    arms: tuple[tuple[tuple[Word, ...], Node], ...]
    redirects: tuple[Redirect, ...] = ()


@dataclass(frozen=True)
class Function:
    name: str
    body: Node
    redirects: tuple[Redirect, ...] = ()


Node = Simple | Sequence | AndOr | Pipeline | Group | If | For | While | Case | Function


def plain(word: Word) -> str:
    """Write a word as it was written, nearly, for messages."""
    return "".join(
        p.text if isinstance(p, Literal) else f"${p.name}" if isinstance(p, Parameter) else "$(…)" for p in word
    )
