"""Every chapter with controls, as somebody runs it who clicks first: up to a control, all its buttons, and then on."""

from __future__ import annotations

import re
from collections.abc import Callable
from itertools import product

import pytest
from playwright.sync_api import Locator, Page, expect

from tests.real_clients.browser.lab_page import LabPage

expect.set_options(timeout=30_000)
Opened = Callable[[str], LabPage]
THEMES, WIDTHS = ("light", "dark"), (900, 1280, 1920)


def click(place: Locator, button: str) -> None:
    found = place.get_by_role("button", name=button, exact=True)
    expect(found).to_be_enabled()
    found.click()


def settings(form: Locator) -> None:
    form.get_by_label("a real subscription, which costs").check()
    expect(form).to_contain_text("Subscription: backend azure needs the id of a subscription")
    form.get_by_label("a recording").check()
    expect(form).to_contain_text("Recording: backend replay needs a recording")
    form.get_by_label("emulated Azure, here and free").check()
    form.get_by_label("Region").fill("mars")
    form.get_by_label("Registry").fill("x")
    expect(form).to_contain_text("Region: there is no Azure region mars")
    expect(form).to_contain_text("Registry: 'x' is not possible")
    form.get_by_label("Region").fill("westus")
    form.get_by_label("Registry").fill("contoso4242")
    expect(form).to_contain_text("These settings are possible")


def confirmation(panel: Locator) -> None:
    click(panel, "Yes")
    expect(panel).to_contain_text("Confirmed: 0.00 US dollars")


def bar(place: Locator) -> None:
    expect(place).to_contain_text(re.compile(r"Verified at \d\d:"))
    click(place, "Verify")
    expect(place).to_contain_text("still so")
    click(place, "Hint")
    expect(place).not_to_contain_text("Verified at")
    click(place, "Progress")
    expect(place.get_by_role("table")).to_be_visible()
    click(place, "Reset")
    click(place, "Leave it")
    expect(place).to_contain_text("Nothing was changed.")
    click(place, "Reset")
    click(place, "Yes, reset")
    expect(place).to_contain_text("✗ ")
    click(place, "Solve")
    expect(place).to_contain_text(re.compile(r"✓ [a-z-]+: .*Verified at \d\d:", re.S))


def picture(place: Locator) -> None:
    for one in place.get_by_role("button", name=re.compile("^Send ")).all():
        one.click()
        expect(place.locator("li").last).to_have_text(re.compile("The request (arrives|ends here)"))


def approve(panel: Locator) -> None:
    expect(panel).to_contain_text("1 waiting for your answer.")
    click(panel, "Refresh")
    panel.get_by_label("Description").fill("asked by phone")
    click(panel, "Approve myManualEndpoint")
    expect(panel).to_contain_text("myManualEndpoint is Approved now: asked by phone.")


def reject(panel: Locator) -> None:
    click(panel, "Reject myManualEndpoint")
    expect(panel).to_contain_text("myManualEndpoint is Rejected now. That is final")


def portal(form: Locator) -> None:
    form.get_by_label("Name", exact=True).fill("-no-")
    click(form, "Next")
    expect(form).to_contain_text("1 of 4: Basics")
    expect(form).to_contain_text("Name '-no-' is not possible")
    form.get_by_label("Name", exact=True).fill("myPortalEndpoint")
    for title in ("2 of 4: Resource", "3 of 4: Configuration", "4 of 4: Review + create"):
        click(form, "Next")
        expect(form).to_contain_text(title)
    click(form, "Previous")
    expect(form).to_contain_text("3 of 4: Configuration")
    click(form, "Next")
    click(form, "Create")
    expect(form).to_contain_text("Your deployment is complete: myPortalEndpoint")
    expect(form).not_to_contain_text("Validation failed")


Control = tuple[str, Callable[[Locator], None]]


def bars(*names: str) -> list[Control]:
    return [(f'section_bar(lab, "{name}")', bar) for name in names]


PICTURE: Control = ("acrlab.live_picture", picture)
CHAPTERS: list[tuple[str, list[Control]]] = [
    ("00-start-here", [("acrlab.settings_form", settings)]),
    ("01-registry", bars("group", "registry", "sample-image")),
    ("02-docker-vm", bars("vm", "docker", "azure-cli")),
    (
        "03-private-link",
        [PICTURE, *bars("subnet-policies", "private-dns-zone", "zone-link", "private-endpoint", "dns-records")],
    ),
    ("04-manual-approval", [("acrlab.approval_panel", approve)]),
    ("04-manual-approval", [("acrlab.approval_panel", reject)]),
    ("05-portal", [("acrlab.endpoint_form", portal)]),
    ("06-verify-access", [PICTURE, *bars("public-access-denied", "verify-access")]),
    ("07-restore-access", bars("access-restored")),
    ("12-your-azure", [("acrlab.confirmation", confirmation)]),
]
# Each chapter once, in another theme or at another width than the one before it.
LOOKS = list(product(THEMES, WIDTHS))
CASES = [
    pytest.param(*LOOKS[at % len(LOOKS)], name, controls, id=f"{name}-{controls[-1][1].__name__}")
    for at, (name, controls) in enumerate(CHAPTERS)
]


@pytest.mark.parametrize(("theme", "width", "chapter", "controls"), CASES, indirect=["theme"])
def test_a_chapter_holds_when_its_controls_are_clicked_first(
    opened: Opened, theme: str, width: int, chapter: str, controls: list[Control]
) -> None:
    page = opened(chapter)
    page.dress(theme, width)

    for text, click_all in controls:
        output = page.run_to(text)
        output.locator(".jupyter-widgets, .acrlab-live").first.wait_for()
        click_all(output)
    page.run_the_rest()

    assert page.errors() == []
    for look in LOOKS:
        page.dress(*look)
        assert (look, wrong_with_panels(page.page)) == (look, [])


def wrong_with_panels(page: Page) -> list[str]:
    """What does not fit into its frame, is not named, or does not look like what it does."""
    found: list[str] = page.evaluate(
        """() => [...document.querySelectorAll('.jp-NotebookPanel .acrlab-frame')].flatMap((frame) => {
            const name = frame.getAttribute('aria-label');
            const wrong = frame.getAttribute('role') === 'group' && name ? [] : ['a frame without a name'];
            const inside = frame.getBoundingClientRect();
            for (const one of frame.querySelectorAll('input, select, button, table, .widget-label')) {
                const box = one.getBoundingClientRect();
                if (box.width && (box.right > inside.right + 1 || box.left < inside.left - 1))
                    wrong.push(`${name}: ${one.tagName} ${one.textContent.slice(0, 40)} sticks out`);
            }
            for (const cell of frame.querySelectorAll('td')) {
                const style = getComputedStyle(cell);
                if (parseFloat(style.paddingLeft) < 4) wrong.push(`${name}: the columns of a table touch`);
                const line = getComputedStyle(cell.parentElement);
                if (parseFloat(line.borderBottomWidth) < 1) wrong.push(`${name}: a table has no lines`);
            }
            const labels = '.widget-radio, .widget-text, .widget-dropdown, .widget-combobox';
            const ends = new Set([...frame.querySelectorAll('.widget-label')]
                .filter((one) => one.offsetWidth && one.parentElement.matches(labels))
                .map((one) => Math.round(one.getBoundingClientRect().right)));
            if (ends.size > 1) wrong.push(`${name}: labels end at ${[...ends]}`);
            const grounds = (look) => [...frame.querySelectorAll(`.acrlab-${look}:enabled`)]
                .map((button) => getComputedStyle(button).backgroundColor);
            for (const [one, other] of [['plain', 'primary'], ['plain', 'danger'], ['primary', 'danger']])
                if (grounds(one).some((ground) => grounds(other).includes(ground)))
                    wrong.push(`${name}: ${one} looks like ${other}`);
            return [...new Set(wrong)];
        })"""
    )
    return found
