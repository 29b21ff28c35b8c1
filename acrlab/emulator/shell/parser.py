"""Reads a script: words and operators become commands. A form that isn't understood is refused, never skipped."""

from __future__ import annotations

import re
from functools import lru_cache

from acrlab.emulator.shell.lexer import Lexer, Token
from acrlab.emulator.shell.syntax import (
    AndOr,
    Case,
    For,
    Function,
    Group,
    If,
    Literal,
    Node,
    Pipeline,
    Redirect,
    Sequence,
    Simple,
    SyntaxProblem,
    While,
    Word,
    plain,
)

ASSIGNMENT = re.compile(r"([A-Za-z_][A-Za-z0-9_]*)(\+?)=")
REDIRECTIONS = ("<", ">", ">>", ">|", ">&", "<&", "&>", "&>>", "<<", "<<<")
RESERVED = ("then", "elif", "else", "fi", "do", "done", "esac", "}", "in")
NOT_EMULATED = ("select", "coproc", "time")
DEEPEST = 60
LONGEST_KEPT = 8_192  # characters of a script that is not read again


def parse(script: str) -> Sequence:
    """Parse a script. Raises: SyntaxProblem: it is not one, or has a form that isn't emulated."""
    return _parsed(script) if len(script) > LONGEST_KEPT else _kept(script)


def _parsed(script: str) -> Sequence:
    parser = _Parser(Lexer(script).tokens())
    body = parser.body(())
    if parser.token.kind != "end":
        raise parser.unexpected()
    return body


_kept = lru_cache(maxsize=64)(_parsed)  # a diagnosis asks in the same words again and again; nothing changes a tree


class _Parser:
    """One token ahead, no way back."""

    def __init__(self, tokens: list[Token]) -> None:
        self._tokens, self._at, self._depth = tokens, 0, 0

    @property
    def token(self) -> Token:
        return self._tokens[self._at]

    def unexpected(self) -> SyntaxProblem:
        token = self.token
        if token.kind == "end":
            return SyntaxProblem("syntax error: unexpected end of file", token.line)
        shown = "newline" if token.kind == "newline" else token.text or plain(token.word)
        return SyntaxProblem(f"syntax error near unexpected token `{shown}'", token.line)

    def body(self, ends: tuple[str, ...]) -> Sequence:
        """Parse commands up to one of the reserved words or operators in `ends`, or to where nothing can follow."""
        self._depth += 1
        if self._depth > DEEPEST:
            raise SyntaxProblem("nested too deep", self.token.line)
        items: list[Node] = []
        self._skip()
        while not self._is(*ends, ")", ";;") and self.token.kind != "end":
            items.append(self._and_or())
            if not self._separator():
                break
        self._depth -= 1
        return Sequence(tuple(items))

    def _separator(self) -> bool:
        """Pass what ends a command. `&` is as good as `;`: nothing here takes time in the background."""
        found = self._is(";", "&") or self.token.kind == "newline"
        if found:
            self._at += 1
            self._skip()
        return found

    def _skip(self) -> None:
        while self.token.kind == "newline":
            self._at += 1

    def _is(self, *texts: str) -> bool:
        return self.token.kind in ("operator", "word") and self.token.text in texts

    def _take(self, text: str) -> None:
        if not self._is(text):
            raise self.unexpected()
        self._at += 1

    def _and_or(self) -> Node:
        first, rest = self._pipeline(), []
        while self._is("&&", "||"):
            operator = self.token.text
            self._at += 1
            self._skip()
            rest.append((operator, self._pipeline()))
        return AndOr(first, tuple(rest)) if rest else first

    def _pipeline(self) -> Node:
        negated = self._is("!")
        self._at += negated
        commands = [self._command()]
        while self._is("|", "|&"):
            if self._is("|&"):
                raise SyntaxProblem("not emulated: |&; write 2>&1 |", self.token.line)
            self._at += 1
            self._skip()
            commands.append(self._command())
        return Pipeline(tuple(commands), negated) if negated or len(commands) > 1 else commands[0]

    # -- commands ----------------------------------------------------------------------------------------------------

    def _command(self) -> Node:
        token = self.token
        if self._is(*NOT_EMULATED, "function"):
            raise SyntaxProblem(f"not emulated: {token.text}", token.line)
        for text, read in (
            ("(", self._subshell), ("{", self._group), ("if", self._if), ("for", self._for), ("while", self._while),
            ("until", self._while), ("case", self._case),
        ):  # fmt: skip
            if self._is(text):
                return read()
        if self._is(*RESERVED) and not self._is("in"):
            raise self.unexpected()
        following = self._tokens[self._at + 1 : self._at + 3]
        if token.kind == "word" and token.text and [t.text for t in following] == ["(", ")"]:
            return self._function()
        return self._simple()

    def _simple(self) -> Node:
        line = self.token.line
        assignments: list[tuple[str, Word, bool]] = []
        words: list[Word] = []
        redirects: list[Redirect] = []
        while True:
            if self._redirection(redirects):
                continue
            if self.token.kind == "operator" and words and plain(words[0]) == "[[" and plain(words[-1]) != "]]":
                words.append((Literal(self.token.text),))  # `[[` has a grammar of its own; its command reads it
            elif self.token.kind != "word":
                break
            elif not words and (assignment := _assignment(self.token)):
                following = self._tokens[self._at + 1]
                if not assignment[1] and following.kind == "operator" and following.text == "(":
                    raise SyntaxProblem("not emulated: arrays", self.token.line)
                assignments.append(assignment)
            else:
                words.append(self.token.word)
            self._at += 1
        if not (assignments or words or redirects):
            raise self.unexpected()
        return Simple(tuple(assignments), tuple(words), tuple(redirects), line)

    def _redirection(self, redirects: list[Redirect]) -> bool:
        number = self.token.kind == "number"
        stream = int(self.token.text[:4]) if number else None
        self._at += number
        operator = self.token.text
        if self.token.kind != "operator" or operator not in REDIRECTIONS:
            return False
        self._at += 1
        if self.token.kind not in ("word", "text"):
            raise self.unexpected()
        target = self.token.word
        self._at += 1
        if operator in ("&>", "&>>"):
            redirects += [Redirect(1, operator[1:], target), Redirect(2, ">&", (Literal("1"),))]
            return True
        if operator == "<<<":
            operator, target = "<<", (*target, Literal("\n", True))
        default = 0 if operator.startswith("<") else 1
        redirects.append(Redirect(default if stream is None else stream, operator.replace(">|", ">"), target))
        return True

    def _redirects(self) -> tuple[Redirect, ...]:
        found: list[Redirect] = []
        while self._redirection(found):
            pass
        return tuple(found)

    def _subshell(self) -> Node:
        self._take("(")
        body = self.body(())
        if not body.items:
            raise self.unexpected()
        self._take(")")
        return Group(body, True, self._redirects())

    def _group(self) -> Node:
        self._take("{")
        body = self.body(("}",))
        self._take("}")
        return Group(body, False, self._redirects())

    def _if(self) -> Node:
        branches: list[tuple[Node, Node]] = []
        while not branches or self._is("elif"):
            self._at += 1
            condition = self._filled("then")
            self._take("then")
            branches.append((condition, self._filled("elif", "else", "fi")))
        otherwise = None
        if self._is("else"):
            self._at += 1
            otherwise = self._filled("fi")
        self._take("fi")
        return If(tuple(branches), otherwise, self._redirects())

    def _filled(self, *ends: str) -> Node:
        body = self.body(ends)
        if not body.items:
            raise self.unexpected()
        return body

    def _for(self) -> Node:
        self._at += 1
        name, words = self.token.text, None
        if self.token.kind != "word" or not re.fullmatch(r"[A-Za-z_]\w*", name):
            raise self.unexpected()
        self._at += 1
        self._skip()
        if self._is("in"):
            self._at += 1
            words = []
            while self.token.kind == "word":
                words.append(self.token.word)
                self._at += 1
        self._separator()
        return For(name, None if words is None else tuple(words), self._loop(), self._redirects())

    def _while(self) -> Node:
        wanted = self._is("while")
        self._at += 1
        condition = self._filled("do")
        return While(condition, self._loop(), wanted, self._redirects())

    def _loop(self) -> Node:
        self._take("do")
        body = self._filled("done")
        self._take("done")
        return body

    def _case(self) -> Node:
        self._at += 1
        word = self.token.word
        if self.token.kind != "word":
            raise self.unexpected()
        self._at += 1
        self._skip()
        self._take("in")
        self._skip()
        arms: list[tuple[tuple[Word, ...], Node]] = []
        while not self._is("esac"):
            arms.append(self._arm())
        self._take("esac")
        return Case(word, tuple(arms), self._redirects())

    def _arm(self) -> tuple[tuple[Word, ...], Node]:
        self._at += self._is("(")
        patterns: list[Word] = []
        while not patterns or self._is("|"):
            self._at += bool(patterns)
            if self.token.kind != "word":
                raise self.unexpected()
            patterns.append(self.token.word)
            self._at += 1
        self._take(")")
        body = self.body(("esac",))
        if not self._is("esac"):
            self._take(";;")
        self._skip()
        return tuple(patterns), body

    def _function(self) -> Node:
        name = self.token.text
        self._at += 3
        self._skip()
        return Function(name, self._command())


def _assignment(token: Token) -> tuple[str, Word, bool] | None:
    first = token.word[0] if token.word else None
    if not isinstance(first, Literal) or first.quoted or not (match := ASSIGNMENT.match(first.text)):
        return None
    rest = first.text[match.end() :]
    value = ((Literal(rest),) if rest else ()) + token.word[1:]
    return match[1], value, bool(match[2])
