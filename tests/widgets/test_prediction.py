"""A prediction asks and does not tell: text where no one can click, buttons where someone can."""

from __future__ import annotations

import pytest

import acrlab
from acrlab.errors import ConfigurationError

QUESTION = ("Could the VM push an image?", "yes", "no, it is refused")


def test_elsewhere_it_is_the_question_with_its_answers_to_choose_from():
    asked = acrlab.predict(*QUESTION)

    assert repr(asked) == "Predict: Could the VM push an image?\n  ( ) yes\n  ( ) no, it is refused"
    assert set(asked._repr_mimebundle_()) == {"text/plain", "text/html"}
    assert "<li>no, it is refused</li>" in asked._repr_mimebundle_()["text/html"]


def test_a_click_is_remembered_and_answered_by_the_next_cell_alone():
    asked = acrlab.predict(*QUESTION)
    frame = asked.widget
    _, buttons, speaker = frame.children

    buttons.children[0].click()
    first = speaker.children[0].value
    buttons.children[1].click()

    assert "You say: yes. Run the next cell to see." in first
    assert "Now you say: no, it is refused." in speaker.children[0].value
    assert asked.chosen == "no, it is refused"


def test_one_answer_is_no_question():
    with pytest.raises(ConfigurationError, match="needs two answers or more"):
        acrlab.predict("Is it?", "yes")
