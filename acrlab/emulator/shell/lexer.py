"""Cuts a script into words and operators. Quotes, `$…` and here-documents are understood here and nowhere else."""

from __future__ import annotations

import re
from dataclasses import dataclass

from acrlab.emulator.shell.syntax import Arithmetic, Literal, Parameter, Part, Substitution, SyntaxProblem, Word

OPERATORS = (
    "&>>", "<<<", "<<-", ";;", "&&", "||", "|&", ">>", "<<", ">&", "<&", ">|", "&>", "<", ">", "|", "&", ";", "(", ")",
)  # fmt: skip
NAME = re.compile(r"[A-Za-z_][A-Za-z0-9_]*")
SPECIAL = "?#@*$!-0123456789"
PLAIN = re.compile(r"[^\\'\"$` \t\r\n;&|<>(){}]+")  # of a word: these characters stand for themselves, wherever it is
QUOTED = re.compile(r"[^\\\"$`\0]+")  # the same between double quotes
FORMS = re.compile(r":[-=+?]|[-=+?]|%%|%|##|#")
DEEPEST = 40
TEXT_END = "\0"  # stands for the quotes around text that has none


@dataclass(frozen=True)
class Token:
    """`kind`: `word`, `operator`, `number` (of a stream, before a redirection), `newline`, `text` or `end`."""

    kind: str
    text: str
    word: Word
    line: int


class Lexer:
    """Reads one text from its beginning to its end."""

    def __init__(self, text: str, line: int = 1, depth: int = 0, at: int = 0) -> None:
        if depth > DEEPEST:
            raise SyntaxProblem("nested too deep", line)
        self._text, self._at, self._line, self._depth = text, at, line, depth
        self._documents: list[tuple[int, str, bool, bool]] = []
        self._tokens: list[Token] = []

    def tokens(self) -> list[Token]:
        """Split a script. Raises: SyntaxProblem: a quote or a parenthesis has no end."""
        while self._at < len(self._text):
            self._next()
        self._read_documents()
        self._add("end", "")
        return self._tokens

    def _add(self, kind: str, text: str, word: Word = ()) -> None:
        self._tokens.append(Token(kind, text, word, self._line))

    def _next(self) -> None:
        rest = self._text[self._at : self._at + 3]
        if rest[:2] == "\\\n":
            self._at, self._line = self._at + 2, self._line + 1
        elif rest[0] in " \t\r":
            self._at += 1
        elif rest[0] == "#":
            self._at = _end_of_line(self._text, self._at)
        elif rest[0] == "\n":
            self._add("newline", "\n")
            self._at, self._line = self._at + 1, self._line + 1
            self._read_documents()
        elif operator := next((o for o in OPERATORS if rest.startswith(o)), ""):
            self._operator(operator)
        else:
            self._word()

    def _operator(self, operator: str) -> None:
        self._at += len(operator)
        self._add("operator", "<<" if operator == "<<-" else operator)
        if operator in ("<<", "<<-"):
            while self._text[self._at : self._at + 1] in (" ", "\t"):
                self._at += 1
            word = self._parts("")
            if not word:
                raise SyntaxProblem("syntax error near unexpected token `newline'", self._line)
            mark = "".join(p.text for p in word if isinstance(p, Literal))
            literal = any(isinstance(p, Literal) and p.quoted for p in word)
            self._documents.append((len(self._tokens), mark, literal, operator == "<<-"))
            self._add("text", mark)

    def _word(self) -> None:
        line = self._line
        word = self._parts("")
        plain = word[0].text if len(word) == 1 and isinstance(word[0], Literal) and not word[0].quoted else ""
        redirected = self._text[self._at : self._at + 1] in ("<", ">") and plain.isascii() and plain.isdigit()
        self._tokens.append(Token("number" if redirected else "word", plain, word, line))

    # -- words -------------------------------------------------------------------------------------------------------

    def _parts(self, closing: str) -> Word:
        """Read a word up to an unquoted blank or operator, or with `closing` up to that character."""
        parts: list[Part] = []
        plain: list[str] = []
        while self._at < len(self._text):
            if found := PLAIN.match(self._text, self._at):
                plain.append(found[0])
                self._at = found.end()
                continue
            char = self._text[self._at]
            if char == closing or (not closing and char in " \t\r\n;&|<>()"):
                break
            if char not in "\\'\"$`":
                plain.append(char)
                self._at += 1
                self._line += char == "\n"
                continue
            parts += [Literal("".join(plain))] if plain else []
            plain.clear()
            parts += self._special(char)
        return (*parts, *([Literal("".join(plain))] if plain else []))

    def _special(self, char: str) -> list[Part]:
        if char == "\\":
            following = self._text[self._at + 1 : self._at + 2]
            self._at += 2
            self._line += following == "\n"
            return [] if following == "\n" else [Literal(following or "\\", True)]
        if char == "'":
            return [Literal(self._until("'"), True)]
        if char == '"':
            return self._double()
        return [self._dollar(quoted=False) if char == "$" else self._backquoted(quoted=False)]

    def _double(self, mark: str = '"') -> list[Part]:
        self._at += 1
        parts: list[Part] = [Literal("", True)]
        while (char := self._text[self._at : self._at + 1]) != mark:
            if not char:
                raise SyntaxProblem("unexpected EOF while looking for matching `\"'", self._line)
            if char == "$":
                parts.append(self._dollar(quoted=True))
            elif char == "`":
                parts.append(self._backquoted(quoted=True))
            else:
                parts.append(Literal(self._in_double(char, mark), True))
        self._at += 1
        return parts

    def _in_double(self, char: str, mark: str) -> str:
        if found := QUOTED.match(self._text, self._at):
            self._at = found.end()
            self._line += found[0].count("\n")
            return found[0]
        following = self._text[self._at + 1 : self._at + 2]
        self._line += char == "\n"
        if char == "\\" and following and following in f"$`\\\n{mark}":
            self._at += 2
            self._line += following == "\n"
            return "" if following == "\n" else following
        self._at += 1
        return char

    def _until(self, mark: str) -> str:
        end = self._text.find(mark, self._at + 1)
        if end < 0:
            raise SyntaxProblem(f"unexpected EOF while looking for matching `{mark}'", self._line)
        found, self._at = self._text[self._at + 1 : end], end + 1
        self._line += found.count("\n")
        return found

    def _backquoted(self, *, quoted: bool) -> Part:
        return Substitution(self._until("`"), quoted)

    def _dollar(self, *, quoted: bool) -> Part:
        text, at = self._text, self._at
        if text.startswith("$((", at):
            inner = self._balanced(at + 1)
            if inner.startswith("(") and inner.endswith(")"):
                return Arithmetic(_within(inner[1:-1], self._line, self._depth), quoted)
            return Substitution(inner, quoted)
        if text.startswith("$(", at):
            return Substitution(self._balanced(at + 1), quoted)
        if text.startswith("${", at):
            return self._braced(quoted)
        if name := NAME.match(text, at + 1):
            self._at = name.end()
            return Parameter(name[0], quoted=quoted)
        if text[at + 1 : at + 2] and text[at + 1] in SPECIAL:
            self._at += 2
            return Parameter(text[at + 1], quoted=quoted)
        self._at += 1
        return Literal("$", quoted)

    def _balanced(self, at: int) -> str:
        """The text between the parenthesis at `at` and the one that closes it, quotes respected."""
        level, i, text = 0, at, self._text
        while i < len(text):
            if text[i] == "\\":
                i += 1
            elif text[i] in "'\"":
                i = _end_of_quote(text, i)
            level += {"(": 1, ")": -1}.get(text[i] if i < len(text) else "", 0)
            if level == 0:
                self._at = i + 1
                self._line += text.count("\n", at, i)
                return text[at + 1 : i]
            i += 1
        raise SyntaxProblem("unexpected EOF while looking for matching `)'", self._line)

    def _braced(self, quoted: bool) -> Part:
        start = self._at
        name = re.compile(r"\$\{(#?)([A-Za-z_][A-Za-z0-9_]*|[?@*$!#0-9-])").match(self._text, start)
        if name is None:
            raise SyntaxProblem(f"{self._text[start : start + 12].splitlines()[0]}: bad substitution", self._line)
        self._at = name.end()
        form = "length" if name[1] else ""
        if not form and (found := FORMS.match(self._text, self._at)):
            form, self._at = found[0], found.end()
        inner = Lexer(self._text, self._line, self._depth + 1, self._at)
        word = inner._parts("}")
        self._at, self._line = inner._at, inner._line
        if self._text[self._at : self._at + 1] != "}" or (word and not form):
            raise SyntaxProblem(f"{self._text[start : self._at + 1].splitlines()[0]}: bad substitution", self._line)
        self._at += 1
        return Parameter(name[2], form, word, quoted)

    # -- here-documents ----------------------------------------------------------------------------------------------

    def _read_documents(self) -> None:
        for index, mark, literal, tabs in self._documents:
            lines: list[str] = []
            while self._at < len(self._text):
                end = _end_of_line(self._text, self._at)
                line, self._at, self._line = self._text[self._at : end], min(end + 1, len(self._text)), self._line + 1
                line = line.lstrip("\t") if tabs else line
                if line == mark:
                    break
                lines.append(f"{line}\n")
            body = "".join(lines)
            word = (Literal(body, True),) if literal else _within(body, self._line, self._depth)
            self._tokens[index] = Token("text", mark, word, self._line)
        self._documents.clear()


def _within(text: str, line: int, depth: int) -> Word:
    """Read text as if it stood in double quotes, where a double quote itself means nothing."""
    return tuple(Lexer(f"{TEXT_END}{text.replace(TEXT_END, '')}{TEXT_END}", line, depth + 1)._double(TEXT_END))


def _end_of_line(text: str, at: int) -> int:
    end = text.find("\n", at)
    return len(text) if end < 0 else end


def _end_of_quote(text: str, at: int) -> int:
    """Tell where the quote that begins at `at` ends; the text's end where it doesn't."""
    i = at + 1
    while i < len(text) and text[i] != text[at]:
        i += 2 if text[i] == "\\" and text[at] == '"' else 1
    return i
