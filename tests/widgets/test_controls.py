"""Controls without a browser: the plain twin for everybody, the widget for a person, and what a click does."""

from __future__ import annotations

import subprocess
import sys

import pytest

import acrlab
from acrlab.errors import ConfigurationError
from acrlab.widgets.control import VIEW, Speaker
from acrlab.widgets.following import stop_following


@pytest.fixture
def person(monkeypatch):
    """Somebody looks on, until the end of the test."""
    monkeypatch.setenv("ACRLAB_WIDGETS", "on")
    yield
    stop_following()


@pytest.fixture
def asked(lab):
    """A lab with a request that waits for its owner, and a network for the portal's endpoint."""
    acrlab.bring_to(lab, "registry", "subnet-policies")
    acrlab.ensure_manual_endpoint(lab)
    acrlab.ensure_portal_network(lab)
    return lab


def controls(lab):
    return {
        "form": acrlab.settings_form(lab.settings),
        "bar": acrlab.section_bar(lab, "zone-link"),
        "panel": acrlab.approval_panel(lab),
        "pages": acrlab.endpoint_form(lab),
        "picture": acrlab.live_picture(lab),
    }


def all_of(widget):
    yield widget
    for child in getattr(widget, "children", ()):
        yield from all_of(child)


def named(control, text):
    """A button or field of a control, by what is written on it."""
    return next(w for w in all_of(control.widget) if getattr(w, "description", "") == text)


def shown(control):
    return "\n".join(str(getattr(w, "value", "")) for w in all_of(control.widget))


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


def test_the_form_s_settings_are_what_stands_in_it(lab):
    form = acrlab.settings_form(lab.settings)
    assert form.settings == lab.settings

    named(form, "Machine").value = "otherVM"
    named(form, "Region").value = "North Europe"
    chosen = form.settings

    assert (chosen.machine_name, chosen.network_name, chosen.location) == ("otherVM", "otherVMVNET", "northeurope")
    assert 'machine_name = "otherVM"' in shown(form).replace("&quot;", '"')


def test_settings_that_are_not_possible_are_said_so_and_not_handed_out(lab):
    form = acrlab.settings_form(lab.settings)
    named(form, "Registry").value = "no-dashes"

    with pytest.raises(ConfigurationError, match="registry_name"):
        _ = form.settings
    assert "Not done" in shown(form)
    named(form, "Registry").value = "dashless42"
    assert form.settings.registry_name == "dashless42"


def test_a_subscription_is_only_asked_for_where_it_costs(lab):
    form = acrlab.settings_form(lab.settings)
    assert named(form, "Subscription").disabled

    named(form, "Backend").value = "azure"

    assert not named(form, "Subscription").disabled
    named(form, "Subscription").value = "00000000-0000-0000-0000-000000000042"
    assert form.settings.backend == "azure"


def test_a_bar_of_a_section_that_is_not_there(lab):
    with pytest.raises(ConfigurationError, match="there is no section nowhere"):
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


def test_what_was_written_for_a_connection_outlives_another_look(asked, person):
    panel = acrlab.approval_panel(asked)
    named(panel, "Description").value = "asked by"

    named(panel, "Look again").click()

    assert named(panel, "Description").value == "asked by"


def test_an_owner_s_answer_for_somebody_else_s_request_is_theirs_alone(asked):
    panel = acrlab.approval_panel(asked)
    named(panel, "Description").value = "not today"

    named(panel, "Reject myManualEndpoint").click()

    decided = acrlab.connection_of(asked, "myManualEndpoint")
    assert (decided.status, decided.description) == ("Rejected", "not today")
    assert "Rejected now: not today" in shown(panel)
    assert [w for w in all_of(panel.widget) if getattr(w, "description", "").startswith("Approve")] == []


def test_a_picture_that_is_looked_at_again_marks_what_changed(lab):
    acrlab.bring_to(lab, "registry")
    picture = acrlab.live_picture(lab)
    assert "+" not in repr(picture)

    acrlab.deny_public_access(lab)
    picture.look()

    assert "+ registry Premium" in repr(picture)


def test_a_story_moves_between_boxes_that_are_drawn(lab):
    from acrlab.widgets.live_picture import stories

    acrlab.bring_to(lab, "pull-right", "records", "public-access-denied")
    picture = acrlab.picture(lab)
    inside, outside = stories(picture.snapshot, lab.settings.login_server)

    assert (inside["arrives"], outside["arrives"]) == (True, False)
    boxes = {hop["box"] for hop in (*inside["hops"], *outside["hops"])}
    assert len(boxes) == 4
    assert [box for box in boxes if f'data-box="{box}"' not in picture._repr_html_()] == []


def test_a_speaker_writes_text_and_not_markup():
    speaker = Speaker()
    speaker.say("<b>bold</b>")

    assert "&lt;b&gt;" in speaker.widget.value
