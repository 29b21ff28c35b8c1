"""Controls without a browser: the plain twin for everybody, the widget for a person, and what a click does."""

from __future__ import annotations

import re
import subprocess
import sys

import pytest

import acrlab
from acrlab.doctor.drawing.lab import drawing
from acrlab.doctor.story import INTERNET
from acrlab.errors import ConfigurationError
from acrlab.widgets.control import VIEW, Speaker
from tests.widgets.clicks import all_of, named, shown, status


def controls(lab):
    return {
        "form": acrlab.settings_form(lab.settings),
        "bar": acrlab.section_bar(lab, "zone-link"),
        "panel": acrlab.approval_panel(lab),
        "pages": acrlab.endpoint_form(lab),
        "picture": acrlab.live_picture(lab),
    }


def test_nobody_gets_a_widget(asked):
    for name, control in controls(asked).items():
        assert set(control._repr_mimebundle_()) == {"text/plain", "text/html"}, name
        assert repr(control) == control._repr_mimebundle_()["text/plain"]


def test_a_person_gets_it_beside_the_same_words(asked, person):
    for name, control in controls(asked).items():
        bundle = control._repr_mimebundle_()
        assert bundle[VIEW]["model_id"] == control.widget.model_id, name
        assert bundle["text/plain"] == repr(control)


def test_no_widgets_are_even_imported_for_nobody(tmp_path):
    script = (
        "import sys, acrlab\n"
        f"lab = acrlab.connect(world={str(tmp_path / 'world.db')!r})\n"
        "controls = acrlab.section_bar(lab, 'group'), acrlab.live_picture(lab), acrlab.settings_form(lab.settings)\n"
        "assert all(map(repr, controls))\n"
        "assert not {'ipywidgets', 'anywidget'} & set(sys.modules)"
    )
    subprocess.run([sys.executable, "-c", script], check=True)


def test_a_bar_of_a_section_that_is_not_there(lab):
    with pytest.raises(ConfigurationError, match="there is no section 'nowhere'"):
        acrlab.section_bar(lab, "nowhere")


def test_what_went_wrong_is_told_and_buttons_work_again(lab):
    bar = acrlab.section_bar(lab, "registry")
    solve = named(bar, "Solve")
    acrlab.ensure_group(lab)
    other = acrlab.connect(lab.settings.model_copy(update={"resource_group": "anotherGroup"}))
    acrlab.bring_to(other, "registry")  # in the whole world a name is free only once

    solve.click()

    assert "Not done" in shown(bar)
    assert "Registry names are global" in shown(bar)
    assert not solve.disabled


def test_reset_asks_before_it_takes_something_away(lab):
    acrlab.bring_to(lab, "zone")
    bar = acrlab.section_bar(lab, "private-dns-zone")

    named(bar, "Reset").click()
    assert "Reset takes away: the zone privatelink.azurecr.io with its links and records." in status(bar)
    assert acrlab.verify(lab, "private-dns-zone").done
    named(bar, "Leave it").click()
    assert "Nothing was changed." in status(bar)
    assert acrlab.verify(lab, "private-dns-zone").done
    named(bar, "Reset").click()
    named(bar, "Yes, reset").click()

    assert "✗ private-dns-zone" in status(bar)
    assert not acrlab.verify(lab, "private-dns-zone").done


def test_verifying_what_has_not_changed_says_something_new(lab):
    bar = acrlab.section_bar(lab, "group")
    assert re.search(r"Verified at \d\d:\d\d:\d\d\.", status(bar))

    named(bar, "Verify").click()

    assert re.search(r"Verified again at \d\d:\d\d:\d\d: still so\.", status(bar))


def test_what_does_and_what_takes_away_does_not_look_like_the_rest(asked, person):
    looks = {}
    for control in controls(asked).values():
        for one in all_of(control.widget):
            for look in ("primary", "danger"):
                if f"acrlab-{look}" in getattr(one, "_dom_classes", ()):
                    looks[one.description] = look

    assert looks == {
        "Solve": "primary",
        "Reset": "danger",
        "Approve myManualEndpoint": "primary",
        "Reject myManualEndpoint": "danger",
        "Create": "primary",
    }


def test_the_question_of_a_confirmation_stands_with_its_button(lab):
    panel = acrlab.confirmation(lab)
    texts = [getattr(w, "value", "") or getattr(w, "description", "") for w in all_of(panel.widget)]
    texts = [str(text) for text in texts if text]

    assert "Create a lab in group" in texts[texts.index("Yes") - 1]


def test_a_picture_that_is_looked_at_again_marks_what_changed(lab):
    acrlab.bring_to(lab, "registry")
    picture = acrlab.live_picture(lab)
    assert "+" not in repr(picture)

    acrlab.deny_public_access(lab)
    picture.look()

    assert "+ registry Premium" in repr(picture)


def test_a_story_moves_along_the_picture_and_who_is_refused_stays_outside(lab):
    from acrlab.widgets.live_picture import stories

    acrlab.bring_to(lab, "pull-right", "records", "public-access-denied")
    seen = acrlab.picture(lab).snapshot
    inside, outside = stories(seen, lab.settings.login_server)

    assert (inside["arrives"], outside["arrives"]) == (True, False)
    ends = [tuple(hop["way"][-1]) for hop in inside["hops"]]
    assert [hop["who"] for hop in inside["hops"]][-3:] == ["endpoint", "connection", "registry"]
    assert (
        len(set(ends[:-1])) == len(ends) - 2
    )  # a security group stands where the resolver does; nothing else is alike
    (registry,) = [tuple(p) for p in drawing(seen).route(INTERNET, seen.registry.id.lower())]
    x, y = outside["hops"][-1]["way"][-1]
    assert x == registry[0]
    assert y > registry[1] + 100  # below it


def test_a_speaker_writes_text_and_not_markup():
    speaker = Speaker()
    speaker.say("<b>bold</b>")

    assert "&lt;b&gt;" in speaker.widget.children[0].value


def test_a_verdict_is_a_table_and_the_same_words_as_text(lab, person):
    bar = acrlab.section_bar(lab, "zone-link")

    assert repr(acrlab.verify(lab, "zone-link")).splitlines()[1].startswith("  expected      ")
    assert re.findall(r'<th scope="row"[^>]*>([^<]+)</th>', shown(bar)) == ["expected", "seen", "likely cause", "next"]
    assert 'role="status"' in shown(bar)
