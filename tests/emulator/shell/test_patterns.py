"""What patterns mean, compared with the computer's own grep; and that none of them takes longer than its text."""

from __future__ import annotations

import random
import shutil
import subprocess
from concurrent.futures import ThreadPoolExecutor

import pytest

from acrlab.emulator.shell.patterns import glob, regular, vm
from acrlab.emulator.shell.patterns.tree import MOST_STATES, PatternProblem
from acrlab.emulator.shell.patterns.vm import Automaton, Matcher

GNU = shutil.which("grep") or ""
PIECES = {
    regular.BASIC: ["a", "b", r"\(a", r"\)", r"\|", "*", r"\+", r"\?", ".", "^", "$", "[ab]", "[^a]", r"\{2\}", "(",
                    "+", r"\w", "{", "[[:digit:]]", "[]a]", r"\{1,2\}"],
    regular.EXTENDED: ["a", "b", "(a", ")", "|", "*", "+", "?", ".", "^", "$", "[ab]", "[^a]", "{2}", "{1,2}", r"\w",
                       "}", r"\(", "[a-c1-3]", r"\b", r"\>"],
    regular.PERL: ["a", "b", "(?:a", ")", "|", "*", "+", "?", ".", "[ab]", "[^a]", "{2}", r"\b", r"\d", "*?", "+?",
                   "??", "(b"],
}  # fmt: skip
OPTIONS = {regular.BASIC: "-G", regular.EXTENDED: "-E", regular.PERL: "-P"}


def matcher(text, form=regular.EXTENDED):
    return Matcher(Automaton(regular.read(text, form), longest=form != regular.PERL), lambda steps: None)


def gnu(option, pattern, lines):
    """What the computer's grep finds, with the line's number; None: it refuses the pattern."""
    words = [GNU, option, "-n", "-o", "-e", pattern]
    done = subprocess.run(words, input="\n".join(lines) + "\n", capture_output=True, text=True, env={"LC_ALL": "C"})
    return None if done.returncode == 2 else done.stdout.splitlines()


@pytest.mark.skipif(
    "GNU" not in (GNU and subprocess.getoutput(f"{GNU} --version")), reason="no GNU grep to compare with"
)
@pytest.mark.parametrize("form", PIECES)
def test_expressions_match_what_they_match_in_gnu_grep(form):
    chance, compared = random.Random(42), 0
    for _ in range(120):
        pattern = "".join(chance.choice(PIECES[form]) for _ in range(chance.randint(1, 6)))
        lines = ["".join(chance.choice("abc12 (+_") for _ in range(chance.randint(0, 8))) for _ in range(10)]
        try:
            vm = matcher(pattern, form)
        except PatternProblem:
            continue  # refusing more than grep does is allowed
        theirs = gnu(OPTIONS[form], pattern, lines)
        if theirs is None:
            assert "{" in pattern, pattern  # that a brace may stand for itself depends on the version
            continue
        ours = [f"{number}:{part}" for number, line in enumerate(lines, 1) for part in vm.found(line)]
        assert ours == theirs, pattern
        compared += 1

    assert compared > 30


@pytest.mark.parametrize(
    ("pattern", "text", "found"),
    [
        ("a|ab", "ab", ["ab"]),  # the longest, whichever was written first
        ("(a|ab)(c|bcd)", "abcd", ["abcd"]),
        ("x*", "abc", []),
        ("^a", "aa", ["a"]),
        (r"\bfoo\b", "foo foobar", ["foo"]),
        ("[[:upper:]-]+", "a-B", ["-B"]),
    ],
)
def test_of_what_begins_first_the_longest_counts(pattern, text, found):
    assert matcher(pattern).found(text) == found


def test_perls_expressions_take_what_was_written_first():
    assert matcher("a|ab", regular.PERL).found("ab") == ["a"]
    assert matcher("<.+?>", regular.PERL).found("<a><b>") == ["<a>", "<b>"]


def test_case_is_ignored_in_sets_too():
    matches = Matcher(Automaton(regular.read("[a-c]x", regular.EXTENDED, folded=True)), lambda steps: None)

    assert matches.found("BX ax") == ["BX", "ax"]


@pytest.mark.parametrize(
    ("pattern", "form", "problem"),
    [
        ("a{1000}{1000}", regular.EXTENDED, "Regular expression too big"),
        ("a{99999}", regular.EXTENDED, "Regular expression too big"),
        ("(" * 1000, regular.EXTENDED, "Regular expression too big"),
        ("a" + "*" * 1000, regular.EXTENDED, "Regular expression too big"),
        ("a" * (MOST_STATES + 1), regular.EXTENDED, "Regular expression too big"),
        (r"(a)\1", regular.EXTENDED, r"not emulated: the backreference \1"),
        (r"\(a\)\1", regular.BASIC, r"not emulated: the backreference \1"),
        ("(?=a)", regular.PERL, "not emulated: (?=a… of Perl's expressions"),
        (r"a\K", regular.PERL, r"not emulated: \K of Perl's expressions"),
        ("a++", regular.PERL, "not emulated: possessive quantifiers of Perl's expressions"),
        ("a**", regular.PERL, "quantifier does not follow a repeatable item"),
        ("[a", regular.EXTENDED, "Unmatched [, [^, [:, [., or [="),
        ("[[:nothing:]]", regular.EXTENDED, "Invalid character class name"),
        ("[:space:]", regular.EXTENDED, "character class syntax is [[:space:]], not [:space:]"),
        ("[[.a.]]", regular.EXTENDED, "not emulated: [.a.] in a set"),
        ("[b-a]", regular.EXTENDED, "Invalid range end"),
        ("(a", regular.EXTENDED, r"Unmatched ( or \("),
        (r"a\)", regular.BASIC, r"Unmatched ) or \)"),
        (r"a\{1", regular.BASIC, r"Unmatched { or \{"),
        (r"a\{x\}", regular.BASIC, r"Invalid content of \{\}"),
        ("a{2,1}", regular.EXTENDED, r"Invalid content of \{\}"),
        ("*a", regular.EXTENDED, "Invalid preceding regular expression"),
        ("a\\", regular.EXTENDED, "Trailing backslash"),
    ],
)
def test_what_cannot_be_matched_in_steps_is_refused(pattern, form, problem):
    with pytest.raises(PatternProblem) as caught:
        regular.read(pattern, form)
    assert str(caught.value) == problem


@pytest.mark.parametrize(
    ("value", "pattern", "like"),
    [
        ("contoso.azurecr.io", "*.azurecr.io", True),
        ("a]b", "a[]]b", True),
        ("abc", "a?c", True),
        ("b", "[!a-c]", False),
        ("d", "[^a-c]", True),
        ("a[b", "a[b", True),
        ("a*b", "a[*]b", True),
        ("axb", "a[*]b", False),
        ("", "*", True),
        ("a\nb", "a*b", True),
        ("x", "[[:alpha:]]", True),
    ],
)
def test_globs_match_whole_values(value, pattern, like):
    assert glob.matching(pattern, lambda steps: None)(value) is like


@pytest.mark.parametrize(
    ("form", "pattern", "kept"),
    [
        ("#", "*/", "b/c"),
        ("##", "*/", "c"),
        ("%", "/*", "a/b"),
        ("%%", "/*", "a"),
        ("#", "x", "a/b/c"),
        ("%", "*", "a/b/c"),
    ],
)
def test_globs_are_taken_off_values(form, pattern, kept):
    assert glob.trimmed("a/b/c", form, pattern, lambda steps: None) == kept


@pytest.mark.parametrize("pattern", ["^(a+)+$", "(a|aa)+b", "(a*)*c", "(.*a){12}$"])
def test_the_steps_grow_with_the_text_and_no_faster(pattern):
    def steps(length):
        taken = []
        Matcher(Automaton(regular.read(pattern, regular.EXTENDED)), taken.append).is_in("a" * length + "!")
        return sum(taken)

    assert steps(4000) < 5 * steps(1000)


def test_what_an_automaton_has_learned_is_not_worked_out_again():
    automaton = Automaton(regular.read("(a|aa)+b", regular.EXTENDED))
    first, second = [], []

    assert Matcher(automaton, first.append).found("aab aab") == ["aab", "aab"]
    assert Matcher(automaton, second.append).found("aab aab") == ["aab", "aab"]

    assert sum(second) < sum(first)


def test_what_an_automaton_remembers_is_bounded(monkeypatch):
    monkeypatch.setattr(vm, "KEPT", 10)
    automaton = Automaton(regular.read(".*[b-y]{2}z", regular.EXTENDED))

    found = [Matcher(automaton, lambda steps: None).is_in(f"{chr(97 + n)}bcz") for n in range(26)]

    assert all(found)
    assert len(automaton._fronts) <= 11


def test_threads_share_an_automaton(monkeypatch):
    monkeypatch.setattr(vm, "KEPT", 5)
    automaton = Automaton(regular.read("(a|b|c)+d", regular.EXTENDED))
    texts = [f"{one}{other}d" for one in "abcx" for other in "abcx"]

    def look(_):
        return [Matcher(automaton, lambda steps: None).is_in(text) for text in texts * 50]

    with ThreadPoolExecutor(4) as pool:
        seen = list(pool.map(look, range(8)))

    assert seen == [[text[1] != "x" for text in texts * 50]] * 8
