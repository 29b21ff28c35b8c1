"""Long operations show that they are alive, where somebody looks, and leave nothing behind."""

import sys

import pytest

from acrlab.errors import NotReadyError
from acrlab.lab.waiting import follow, look_until


class Poller:
    """An SDK poller that is done after so many looks."""

    def __init__(self, looks):
        self.looks = looks

    def wait(self, seconds):
        self.looks -= 1

    def done(self):
        return self.looks <= 0

    def result(self):
        return "made"


@pytest.fixture(autouse=True)
def nobody(monkeypatch):
    monkeypatch.delenv("ACRLAB_WIDGETS", raising=False)
    monkeypatch.delenv("JPY_SESSION_NAME", raising=False)


def test_what_is_quick_shows_nothing(capsys):
    assert follow(Poller(1), "Making it") == "made"
    assert capsys.readouterr() == ("", "")


def test_a_terminal_gets_a_line_on_stderr(capsys, monkeypatch):
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    assert follow(Poller(3), "Making it") == "made"
    out, err = capsys.readouterr()
    assert (out, "Making it" in err) == ("", True)


def test_a_notebook_that_nobody_watches_stores_nothing(capsys):
    assert follow(Poller(3), "Making it") == "made"
    assert capsys.readouterr() == ("", "")


def test_jupyterlab_gets_a_bar_that_is_cleared_away(monkeypatch):
    import IPython.display

    shown, cleared = [], []
    monkeypatch.setenv("JPY_SESSION_NAME", "notebooks/03-private-link.ipynb")
    monkeypatch.setattr(IPython.display, "display", shown.append)
    monkeypatch.setattr(IPython.display, "clear_output", lambda wait: cleared.append(wait))

    assert follow(Poller(4), "Making <b>") == "made"
    (box,) = shown
    assert box.children[0].value > 0
    assert (box.children[1].value, cleared) == ("Making &lt;b&gt;", [True])


def test_it_can_be_turned_off(capsys, monkeypatch):
    monkeypatch.setenv("ACRLAB_WIDGETS", "off")
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)

    follow(Poller(3), "Making it")

    assert capsys.readouterr() == ("", "")


def test_what_is_known_to_last_is_waited_for_longer():
    pauses: list[float] = []

    with pytest.raises(NotReadyError) as caught:
        look_until(lambda seen: False, lambda: 50, what="It", resource_id="x", pause=pauses.append, lasts_s=lambda s: s)

    assert (caught.value.waited_s, sum(pauses)) == (660, 660)
    assert pauses[:61] == [10] * 60 + [60]


def test_a_long_wait_says_what_is_waited_for(capsys, monkeypatch):
    moments = iter((0.0, 6.0, 12.0, 18.0))
    monkeypatch.setattr("acrlab.lab.waiting.monotonic", lambda: next(moments))
    monkeypatch.setattr(sys.stderr, "isatty", lambda: True)
    seen = iter(("old", "old", "new"))

    found = look_until(
        lambda s: s == "new", lambda: next(seen), what="It is new", resource_id="x", pause=lambda s: None
    )

    assert (found, "It is new: waiting, for 600 s at most. Seen: old" in capsys.readouterr().err) == ("new", True)
