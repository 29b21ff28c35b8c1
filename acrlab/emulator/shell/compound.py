"""`if`, `for`, `while`, `until` and `case`: which bodies run, and how often."""

from __future__ import annotations

from acrlab.emulator.shell.control import Leave
from acrlab.emulator.shell.expansion import Expansion
from acrlab.emulator.shell.process import Shell
from acrlab.emulator.shell.streams import Streams
from acrlab.emulator.shell.syntax import Case, For, If, Node, While


def run(shell: Shell, node: If | For | While | Case, streams: Streams) -> None:
    """Run a compound command; the shell's status is that of the last command in it, or 0."""
    match node:
        case If():
            _choose(shell, node, streams)
        case For():
            _for(shell, node, streams)
        case While():
            _while(shell, node, streams)
        case Case():
            _case(shell, node, streams)


def _choose(shell: Shell, node: If, streams: Streams) -> None:
    for condition, body in node.branches:
        if shell.tested(condition, streams) == 0:
            shell.execute(body, streams)
            return
    shell.status = 0
    if node.otherwise:
        shell.execute(node.otherwise, streams)


def _for(shell: Shell, node: For, streams: Streams) -> None:
    words = shell.arguments if node.words is None else Expansion(shell, streams).fields(node.words)
    shell.status = 0
    for value in list(words):
        shell.variables[node.name] = value
        if not _turn(shell, node.body, streams):
            break


def _while(shell: Shell, node: While, streams: Streams) -> None:
    status = 0
    while (shell.tested(node.condition, streams) == 0) == node.wanted:
        if not _turn(shell, node.body, streams):
            break
        status = shell.status
    shell.status = status


def _turn(shell: Shell, body: Node, streams: Streams) -> bool:
    """Go once through a loop's body; False: the loop is left."""
    shell.budget.spend()
    try:
        shell.execute(body, streams)
    except Leave as leave:
        if leave.what == "return":
            raise
        if leave.count > 1:
            raise Leave(leave.what, leave.count - 1) from None
        return leave.what == "continue"
    return True


def _case(shell: Shell, node: Case, streams: Streams) -> None:
    expansion = Expansion(shell, streams)
    value = expansion.text(node.word)
    shell.status = 0
    for patterns, body in node.arms:
        if any(expansion.matches(value, pattern) for pattern in patterns):
            shell.execute(body, streams)
            return
