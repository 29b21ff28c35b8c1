"""Every control, clicked and typed into in JupyterLab; what the page shows is compared with the world."""

from __future__ import annotations

import re
from collections.abc import Callable, Iterator
from contextlib import contextmanager

import pytest
from playwright.sync_api import Locator, expect

import acrlab
from acrlab.lab.lab import Lab
from tests.real_clients.browser.lab_page import LabPage, Server

expect.set_options(timeout=20_000)
pytestmark = pytest.mark.parametrize("theme", ["light"], indirect=True, scope="session")
Opened = Callable[[str], LabPage]


@contextmanager
def world(server: Server) -> Iterator[Lab]:
    """The same lab, seen from here."""
    lab = acrlab.connect(acrlab.Settings.from_parameters(world=str(server.world)))
    try:
        yield lab
    finally:
        lab.close()


def pressed(place: Locator, button: str) -> None:
    """By keyboard, as whoever uses no mouse does."""
    found = place.get_by_role("button", name=button, exact=True)
    expect(found).to_be_enabled()
    found.focus()
    found.press("Enter")


def test_the_settings_form_checks_while_one_types_and_the_next_cell_takes_what_it_says(opened: Opened) -> None:
    page = opened("00-start-here")
    page.run_all()
    form = page.output("form = acrlab.settings_form")
    expect(form).to_contain_text("These settings are possible")
    region = form.get_by_label("Region")

    region.fill("mars")
    expect(form).to_contain_text("there is no Azure region mars")
    region.fill("West Europe")
    expect(form).to_contain_text("These settings are possible")
    form.get_by_label("a real subscription, which costs").check()
    expect(form).to_contain_text("Subscription: backend azure needs the id of a subscription")
    form.get_by_label("emulated Azure, here and free").check()
    form.get_by_label("Registry").fill("contoso42")

    expect(form).to_contain_text("contoso42.azurecr.io")
    expect(form.get_by_role("cell", name="westeurope")).to_be_visible()

    form.get_by_label("Registry").fill("x")  # a field that is wrong stops the next cell with one sentence
    expect(form).to_contain_text("Registry: 'x' is not possible")
    taken = page.output("settings = form.settings")
    page.cell("settings = form.settings").locator(".jp-InputArea").click()
    page.page.keyboard.press("Control+Enter")
    expect(taken).to_contain_text("the form is not complete. Registry: 'x' is not possible")
    expect(taken).not_to_contain_text("Traceback")
    assert len(taken.inner_text().splitlines()) < 5


def test_a_confirmation_asks_where_its_button_is(opened: Opened) -> None:
    page = opened("12-your-azure")
    page.run_all()
    panel = page.output("panel = acrlab.confirmation")
    question, button = panel.get_by_text("Create a lab in group"), panel.get_by_role("button", name="Yes", exact=True)

    expect(button).to_be_enabled()
    asked, answered = question.bounding_box(), button.bounding_box()
    assert asked is not None
    assert answered is not None
    assert 0 < answered["y"] - asked["y"] < 60

    pressed(panel, "Yes")
    expect(panel).to_contain_text("Confirmed: 0.00 US dollars")


def test_a_section_bar_resets_solves_and_verifies_what_is_in_the_world(opened: Opened, server: Server) -> None:
    page = opened("03-private-link")
    page.run_all()
    bar = page.output('section_bar(lab, "zone-link")')
    expect(bar).to_contain_text("✓ zone-link: link MyDNSLink")

    group = page.notebook.get_by_role("group", name=re.compile("^zone-link: the zone linked to"))
    expect(group.get_by_role("button", name="Verify")).to_be_visible()
    pressed(bar, "Verify")
    expect(bar).to_contain_text(re.compile(r"Verified again at \d\d:\d\d:\d\d: still so"))
    pressed(bar, "Hint")
    expect(bar).to_contain_text("A zone answers only in networks that it is linked to")
    pressed(bar, "Reset")
    expect(bar).to_contain_text("Reset takes away: every link of privatelink.azurecr.io")
    with world(server) as lab:
        assert acrlab.verify(lab, "zone-link").done
    pressed(bar, "Yes, reset")
    expect(bar).to_contain_text("✗ zone-link")
    with world(server) as lab:
        assert not acrlab.verify(lab, "zone-link").done
    pressed(bar, "Solve")
    expect(bar).to_contain_text("✓ zone-link")
    with world(server) as lab:
        assert acrlab.verify(lab, "zone-link").done
    pressed(bar, "Progress")
    expect(bar.get_by_role("row", name=re.compile("dns-records ✓"))).to_be_visible()


def test_the_picture_follows_the_lab_and_sends_a_request_along_its_way(opened: Opened, server: Server) -> None:
    page = opened("06-verify-access")
    page.run_all()
    picture = page.output("acrlab.live_picture(lab)")
    drawn = picture.locator("svg.acrlab-lab")
    expect(drawn).to_contain_text("refused")

    pressed(picture, "Send a request from myDockerVM")
    expect(picture.locator("li").last).to_have_text("The request arrives.")
    expect(drawn.locator(".acrlab-mark")).to_be_visible()
    pressed(picture, "Send one from the internet")
    expect(picture.locator("li").last).to_have_text("The request ends here.")
    expect(picture).to_contain_text("refuses any client with 403")

    with world(server) as lab:  # another process: no cell runs here
        acrlab.restore_access(lab)
        expected = repr(acrlab.picture(lab))
    expect(drawn).to_contain_text("let in")
    expect(drawn).not_to_contain_text("refused")
    expect(picture).to_contain_text("Changed by another program")
    shown = picture.locator("pre").text_content() or ""
    assert [line.lstrip("+ ") for line in shown.splitlines()] == [line.lstrip() for line in expected.splitlines()]


def test_the_picture_names_the_cell_that_changed_the_lab(opened: Opened, server: Server) -> None:
    page = opened("03-private-link")
    picture = page.run_to("acrlab.live_picture")
    with world(server) as lab:  # other tests may have made it
        acrlab.reset(lab, "private-dns-zone")
    page.run_to('acrlab.section_bar(lab, "private-dns-zone")')
    number = page.cell('acrlab.check(lab, "own-zone")').locator(".jp-InputPrompt").inner_text().strip("[]: ")

    expect(picture).to_contain_text(f"Changed by cell {number}")
    page.run_to('acrlab.section_bar(lab, "zone-link")')
    pressed(page.output('acrlab.section_bar(lab, "zone-link")'), "Reset")
    pressed(page.output('acrlab.section_bar(lab, "zone-link")'), "Yes, reset")

    expect(picture).to_contain_text("Changed by a click on Reset")


@pytest.mark.parametrize(("answer", "state"), [("Approve", "Approved"), ("Reject", "Rejected")])
def test_the_owner_s_panel_decides(opened: Opened, server: Server, answer: str, state: str) -> None:
    page = opened("04-manual-approval")
    page.run_all()
    panel = page.output("acrlab.approval_panel(lab)")

    # The chapter's own has been decided and deleted since the panel was made: it has followed the cells.
    expect(panel.get_by_role("status")).to_contain_text("Nothing waits for an answer.")
    expect(panel.get_by_role("button", name=re.compile("^(Approve|Reject)"))).to_have_count(0)
    with world(server) as lab:
        acrlab.ensure_manual_endpoint(lab)
    expect(panel.get_by_role("status")).to_have_text("1 waiting for your answer.")
    panel.get_by_label("Description").fill("asked by phone")
    pressed(panel, f"{answer} myManualEndpoint")

    expect(panel).to_contain_text(f"myManualEndpoint is {state} now: asked by phone.")
    with world(server) as lab:
        decided = acrlab.steps.connection_of(lab, "myManualEndpoint")
        assert (decided.status, decided.description) == (state, "asked by phone")
        acrlab.steps.remove_manual_endpoint(lab)


def test_the_portal_s_form_validates_and_creates_an_endpoint_with_its_zone_group(
    opened: Opened, server: Server
) -> None:
    page = opened("05-portal")
    page.run_all()
    with world(server) as lab:
        acrlab.steps.ensure_portal_network(lab)
    form = page.output("form = acrlab.endpoint_form(lab)")

    form.get_by_label("Name", exact=True).fill("-no-")
    pressed(form, "Next")
    expect(form).to_contain_text("1 of 4: Basics")
    pressed(form, "Review + create")
    expect(form).to_contain_text("Validation failed")
    expect(form.get_by_role("button", name="Create", exact=True)).to_be_disabled()
    pressed(form, "Basics")
    form.get_by_label("Name", exact=True).fill("fromTheForm")
    for title in ("2 of 4: Resource", "3 of 4: Configuration", "4 of 4: Review + create"):
        pressed(form, "Next")
        expect(form).to_contain_text(title)
    expect(form).to_contain_text("Validation passed")
    pressed(form, "Create")

    expect(form).to_contain_text("Your deployment is complete: fromTheForm")
    expect(form).not_to_contain_text("Validation failed")
    expect(form).not_to_contain_text("is taken")
    with world(server) as lab:
        group = lab.settings.portal_resource_group
        zones = lab.network.private_dns_zone_groups.get(group, "fromTheForm", "default")
        written = [r for c in zones.private_dns_zone_configs for r in c.record_sets]
        acrlab.steps.remove_portal_endpoint(lab)
    assert len(written) == 2
    for record in written:
        expect(form).to_contain_text(f"{record.record_set_name} → {record.ip_addresses[0]}")


def test_after_a_restart_in_the_middle_all_is_as_before(opened: Opened, server: Server) -> None:
    page = opened("03-private-link")
    page.run_all()
    picture, bar = page.output("acrlab.live_picture(lab)"), page.output('section_bar(lab, "dns-records")')
    before = picture.locator("pre").text_content() or ""
    with world(server) as lab:
        done = repr(acrlab.progress(lab))

    page.menu("Kernel", "Restart Kernel…")
    page.page.get_by_role("button", name="Confirm Kernel Restart").click()
    page.page.locator("text=/ipykernel\\) \\| Idle/").wait_for()
    page.run_all()

    expect(bar).to_contain_text("✓ dns-records")
    facts = [line.lstrip("+ ") for line in before.splitlines()]
    expect(picture.locator("pre")).to_have_text(re.compile(re.escape(facts[0])))
    assert [line.lstrip("+ ") for line in (picture.locator("pre").text_content() or "").splitlines()] == facts
    with world(server) as lab:
        assert repr(acrlab.progress(lab)) == done
