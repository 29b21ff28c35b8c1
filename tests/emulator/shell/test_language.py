"""The shell's own language, on scripts as people write them."""

import itertools

import pytest
from hypothesis import given
from hypothesis import strategies as st

from acrlab.capabilities import thread_time
from acrlab.emulator.shell import PROGRAMS, ScriptOutcome
from tests.examples import often

PIECES = st.sampled_from(
    [
        *"abc$(){}[]|&;<>!#*?~=\"'`\\ \n\t0129-@%:,/.",
        "echo ", "$(", "${", "<<EOF\n", "EOF\n", "if ", "then ", "fi\n", "for x in ", "do ", "done\n", "case a in ",
        "esac\n", "while ", "$((", "))", "&&", "||", ">>", "2>&1", "[[ ", " ]]", "${x:-", "${x%%", "function ",
        "set -e\n", "cat ", "grep ", "sort ", "printf '%s' ", "exit ", "read x\n", "cd /\n", "sudo ", "bash -c ",
        "docker ", "curl ", "dig ", "az ", "$@", "x=1 ", "-n ", "\0", "é", "\udc80",
    ]
)  # fmt: skip


@often(300)
@given(st.lists(PIECES, max_size=25).map("".join))
def test_any_text_is_a_script(tools, text):
    assert isinstance(tools.run(text), ScriptOutcome)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("echo a b   c", "a b c\n"),
        ("echo 'a  b' \"c  d\"", "a  b c  d\n"),
        ("X=1; echo $X ${X} '$X' \"$X\"", "1 1 $X 1\n"),
        ("X='a  b'; echo $X; echo \"$X\"", "a b\na  b\n"),
        ("echo a; # a comment\necho b # another", "a\nb\n"),
        ("echo one \\\n  two", "one two\n"),
        ("echo a\\ b", "a b\n"),
        ("true && echo yes || echo no", "yes\n"),
        ("false && echo yes || echo no", "no\n"),
        ("echo $(echo inner $(echo deeper))", "inner deeper\n"),
        ("echo `echo old`", "old\n"),
        ("X=$(printf 'a\\nb\\n'); echo \"$X\"", "a\nb\n"),
        ("echo ${NOT:-default} ${NOT:=kept} $NOT", "default kept kept\n"),
        ("X=abc.tar.gz; echo ${X%.*} ${X%%.*} ${X#*.} ${#X}", "abc.tar abc tar.gz 10\n"),
        ("echo $((2 + 3 * 4)) $(( (7 - 1) / 2 ))", "14 3\n"),
        ("for i in 1 2 3; do echo -n $i; done; echo", "123\n"),
        ("for i in $(echo a b); do echo $i; done", "a\nb\n"),
        ("if [ 1 -lt 2 ]; then echo less; else echo more; fi", "less\n"),
        ("if false; then echo a; elif true; then echo b; fi", "b\n"),
        ("i=0; while [ $i -lt 3 ]; do i=$((i+1)); done; echo $i", "3\n"),
        ("i=0; until [ $i = 2 ]; do i=$((i+1)); done; echo $i", "2\n"),
        ("for i in 1 2 3; do [ $i = 2 ] && continue; echo $i; done", "1\n3\n"),
        ("for i in 1 2 3; do [ $i = 2 ] && break; echo $i; done", "1\n"),
        ("case hello in h*) echo matched;; *) echo other;; esac", "matched\n"),
        ("greet() { echo hello $1; return 3; }; greet you; echo $?", "hello you\n3\n"),
        ("(X=inner; echo $X); echo \"[$X]\"", "inner\n[]\n"),
        ("{ echo a; echo b; } | wc -l", "2\n"),
        ("echo hello | tr a-z A-Z", "HELLO\n"),
        ("printf '%s-%d\\n' a 1 b 2", "a-1\nb-2\n"),
        ("cat <<EOF\nvalue $((1+1)) \"quoted\"\nEOF\necho after", "value 2 \"quoted\"\nafter\n"),
        ("cat <<'EOF'\n$NOT expanded\nEOF", "$NOT expanded\n"),
        ("cat <<< word", "word\n"),
        ("set -- a 'b c'; for x in \"$@\"; do echo \"<$x>\"; done; echo $#", "<a>\n<b c>\n2\n"),
        ("! false && echo negated", "negated\n"),
        ("[[ abc == a* && 2 -gt 1 ]] && echo both", "both\n"),
        ("test -z '' && [ -n x ] && echo ok", "ok\n"),
        ("true | false; echo $?; false | true; echo $?", "1\n0\n"),
        ("set -o pipefail; false | true; echo $?", "1\n"),
        ("X=1; export X; bash -c 'echo $X$Y'", "1\n"),
        ("Y=2 bash -c 'echo $Y'; echo \"[$Y]\"", "2\n[]\n"),
        ("echo 'echo from stdin $1' | bash -s", "from stdin\n"),
        ("bash -c 'exit 7'; echo $?", "7\n"),
        ("eval 'X=5'; echo $X", "5\n"),
        ("echo 'echo sourced' > /srv/x; . /srv/x", "sourced\n"),
        ("cd /tmp; pwd; touch a1 a2; echo a*; echo 'a*'", "/tmp\na1 a2\na*\n"),
        ("printf 'k v w\\n' | { read a b; echo \"$b\"; }", "v w\n"),
    ],
)  # fmt: skip
def test_scripts_do_what_a_shell_does(terminal, script, expected):
    outcome = terminal.run(script)
    assert (outcome.stdout, outcome.stderr) == (expected, "")


@pytest.mark.parametrize(
    ("script", "stderr", "status"),
    [
        ("nonsense", "bash: line 1: nonsense: command not found\n", 127),
        ("true\n\nnonsense x", "bash: line 3: nonsense: command not found\n", 127),
        ("/no/such", "bash: line 1: /no/such: No such file or directory\n", 127),
        ("echo 'open", "bash: line 1: unexpected EOF while looking for matching `''\n", 2),
        ("if true; then", "bash: line 1: syntax error: unexpected end of file\n", 2),
        ("echo )", "bash: line 1: syntax error near unexpected token `)'\n", 2),
        ("cat < /no/such", "bash: line 1: /no/such: No such file or directory\n", 1),
        ("echo x > /no/such/file", "bash: line 1: /no/such/file: No such file or directory\n", 1),
        ("set -u; echo $NOT", "bash: line 1: NOT: unbound variable\n", 1),
        ("echo ${NOT:?is needed}", "bash: line 1: NOT: is needed\n", 1),
        ("echo $((1/0))", "bash: line 1: 1/0: division by 0\n", 1),
        ("select x in a; do :; done", "bash: line 1: not emulated: select\n", 2),
        ("exit 3", "", 3),
        ("false", "", 1),
        ("cat /no/such", "cat: /no/such: No such file or directory\n", 1),
    ],
)
def test_failures_have_the_shells_words_and_codes(terminal, script, stderr, status):
    outcome = terminal.run(script)
    assert (outcome.stderr, outcome.exit_code) == (stderr, status)


@pytest.mark.parametrize(
    ("script", "expected"),
    [
        ("set -e; false; echo not reached", ""),
        ("set -e; if false; then :; fi; false || true; echo reached", "reached\n"),
        ("set -e; false && true; echo reached", "reached\n"),
        ("(\nset -e\nfalse\necho not reached\n)\necho \"code $?\"", "code 1\n"),
        ("(\nset -e\nset -o pipefail\nfalse | cat\n)\necho \"code $?\"", "code 1\n"),
        ("set -e; X=$(false); echo not reached", ""),
        ("set -e; ! true; echo reached", "reached\n"),
        ("false; echo $?; X=$?; echo $X", "1\n0\n"),
    ],
)  # fmt: skip
def test_errexit_stops_where_a_shell_stops(terminal, script, expected):
    assert terminal.run(script).stdout == expected


def test_streams_go_where_they_are_sent(terminal):
    script = "{ echo out; nonsense; } > /srv/both 2>&1; cat /srv/both; echo x 2>/dev/null >&2; nonsense 2> /srv/e"
    outcome = terminal.run(f"{script}; cat /srv/e")
    missing = "bash: line 1: nonsense: command not found\n"
    assert (outcome.stdout, outcome.stderr) == (f"out\n{missing}{missing}", "")


def test_appending_keeps_what_was_there(terminal):
    assert terminal.out("echo a > /srv/f; echo b >> /srv/f; cat < /srv/f") == "a\nb\n"


def test_script_without_an_end_is_stopped(terminal):
    outcome = terminal.run("while true; do :; done")
    assert (outcome.exit_code, outcome.stderr) == (124, "bash: stopped: more than 20000 commands\n")


def test_script_that_starts_itself_is_stopped(terminal):
    assert terminal.run("f() { f; }; f").exit_code == 124


def test_script_that_floods_its_output_is_stopped(terminal):
    script = "X=xxxxxxxxxx; for i in 1 2 3 4 5; do X=$X$X$X$X$X$X$X$X$X$X; done; echo $X$X$X$X$X"
    assert terminal.run(script).exit_code == 124


@pytest.mark.parametrize(
    "script", ["X=(a b)", "trap 'echo x' EXIT", "coproc cat", "echo x |& cat", "function f { :; }"]
)
def test_forms_that_are_not_emulated_are_refused(terminal, script):
    outcome = terminal.run(script)
    assert (outcome.exit_code, outcome.stdout) == (2, "")
    assert "not emulated" in outcome.stderr


def test_a_value_that_doubles_for_ever_is_not_allocated(terminal):
    outcome = terminal.run("x=aaaaaaaaaa; while true; do x=$x$x; done")

    assert outcome.exit_code != 0
    assert "xrealloc: cannot allocate 1310720 bytes" in outcome.stderr


def test_many_long_values_end_the_script(terminal):
    long = "x=aaaaaaaaaaaaaaaa; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15; do x=$x$x; done; "
    outcome = terminal.run(long + 'while true; do set -- "$@" "$x"; done')

    assert (outcome.exit_code, outcome.stderr) == (124, "bash: stopped: more than 64000000 characters expanded\n")


@pytest.mark.parametrize(
    "script",
    [
        "echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! | grep -E '^(a+)+$'",
        "echo aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! | grep '^\\(a*\\)*$'",
        "r='^(a+)+$'; [[ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! =~ $r ]]",
        "[[ aaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaaa! == *a*a*a*a*a*a*a*a*a*a*b ]]",
    ],
)
def test_no_pattern_takes_longer_than_its_text(terminal, script):
    assert terminal.run(script).exit_code == 1


LONG = "x=a; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16 17 18; do x=$x$x; done; "


@pytest.mark.parametrize(
    ("script", "reason"),
    [
        (
            LONG + "while true; do echo $x! | grep -c '^\\(a*\\)*$'; done",
            "more than 1000000 steps of looking for patterns",
        ),
        (LONG + "while true; do y=${x%%b*}; done", "more than 1000000 steps of looking for patterns"),
        ("x=a' '; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do x=$x$x; done; echo $x", "more than 20000 words"),
    ],
)
def test_a_script_that_works_for_too_long_is_stopped(terminal, script, reason):
    outcome = terminal.run(script)

    assert outcome.exit_code == 124
    assert f"bash: stopped: {reason}" in outcome.stderr


def test_a_script_may_use_the_processor_for_a_second(terminal, monkeypatch):
    seconds = itertools.count()
    monkeypatch.setattr("acrlab.emulator.shell.control.thread_time", lambda: next(seconds) / 2)

    outcome = terminal.run("while true; do :; done")

    assert (outcome.exit_code, outcome.stderr) == (124, "bash: stopped: more than 1 s of work\n")


MANY = 'x="true a\n"; for i in 1 2 3 4 5 6 7 8 9 10 11 12 13 14 15 16; do x=$x$x; done; '
WORST_S = 4  # of the processor, on a slow computer; a second was allowed


@pytest.mark.table
@pytest.mark.parametrize(
    "script",
    [
        "true;" * 13_000,
        "true;" * 800_000,
        "echo " + "a" * 65_000,
        "echo " + '"a"' * 20_000,
        "echo " + "${a}" * 16_000,
        MANY + 'while true; do eval "$x"; done',
        MANY + 'while true; do echo "$x" | sort -n | uniq -c; done',
        MANY + 'echo "$x" | grep -c "^\\(t*\\)*$"',
        MANY + "while true; do echo $((x)); done",
        "while true; do seq 1 999999 > /dev/null; done",
        "while true; do dig contoso.azurecr.io > /dev/null; done",
        "for i in $(seq 1 3000); do echo > /srv/f$i; done; while true; do echo /*/* > /dev/null; done",
        'set -- a; while true; do set -- "$@" "$@"; [ ! "$@" -o "$@" ]; done',
    ],
    ids=lambda script: script[-30:],
)
def test_no_script_holds_the_processor_for_long(terminal, script):
    before = thread_time()

    terminal.run(script)

    assert thread_time() - before < WORST_S


WORDS = st.sampled_from(
    [
        "-", "--", "-n", "-x", "-e", "-o", "-c", "-1", "99999999999999999999", "%", "%d",
        "''", "'*'", "'['", "'\\'", "!",
        "(", ")", "=", "/", "..", "/etc/passwd", "@x", "http://x", "contoso.azurecr.io/a:b", "$(echo a)", "pull", "run",
        "install", "-H", "a:b", "é", "> /f", "< /f", "<<< a", "| cat", "&& true",
    ]
)  # fmt: skip


@often(200)
@given(st.lists(st.tuples(st.sampled_from(sorted(PROGRAMS)), st.lists(WORDS, max_size=4)), max_size=3))
def test_any_words_are_a_command(tools, commands):
    before = thread_time()

    outcome = tools.run("\n".join(" ".join([name, *words]) for name, words in commands))

    assert isinstance(outcome.exit_code, int)
    assert thread_time() - before < WORST_S
