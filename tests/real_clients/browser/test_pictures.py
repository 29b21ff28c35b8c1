"""Everything that is drawn: stored pictures before a cell has run, the live one, and what stands beside them."""

from __future__ import annotations

import re
from collections.abc import Callable
from datetime import date
from pathlib import Path

import pytest
from playwright.sync_api import BrowserContext, Locator, Page, expect

import acrlab
from acrlab.doctor.drawing.lab import as_svg
from acrlab.handouts import EDITIONS, make
from acrlab.runs.notebooks import find
from tests.real_clients.browser.conftest import CHECKOUT, PICTURES
from tests.real_clients.browser.lab_page import LabPage, Server
from tests.real_clients.browser.test_controls import pressed, world

LIGHT = pytest.mark.parametrize("theme", ["light"], indirect=True, scope="session")
Opened = Callable[[str], LabPage]
DRAWN = {"03-private-link": 2, "06-verify-access": 1, "09-diagnose": 3}
WIDTHS = (900, 1280, 1920)
SMALLEST_PX = 13  # of a drawing's texts, as it was drawn
READABLE_PX = 10
DAY = date(2026, 1, 5)


def widths(page: LabPage) -> list[int]:
    """Widths of a window, one after the other, with the file browser open."""
    page.menu("View", "File Browser")
    return list(WIDTHS)


def resize(page: Page, width: int) -> None:
    page.set_viewport_size({"width": width, "height": 1000})
    page.wait_for_timeout(300)  # the browser lays out anew


def keep(page: LabPage, place: Locator, name: str) -> None:
    """Keep a picture for whoever wants to look."""
    place.scroll_into_view_if_needed()
    (PICTURES / "drawn").mkdir(parents=True, exist_ok=True)
    page.page.screenshot(path=PICTURES / "drawn" / f"{name}.png")


@pytest.mark.parametrize("chapter", DRAWN)
def test_a_stored_picture_is_a_picture_before_any_cell_has_run(opened: Opened, theme: str, chapter: str) -> None:
    page = opened(chapter)
    images = page.notebook.locator(".jp-OutputArea img")
    expect(images).to_have_count(DRAWN[chapter])

    for width in widths(page):
        resize(page.page, width)
        for image in images.all():
            seen = image.evaluate("(i) => ({natural: i.naturalWidth, alt: i.alt, shown: i.clientWidth})")
            assert seen["natural"] > 500
            assert len(seen["alt"]) > 20
            scale = seen["shown"] / seen["natural"]
            assert READABLE_PX / SMALLEST_PX <= scale <= 1.001, f"{scale} at {width}"
        keep(page, images.last, f"{chapter}-stored-{theme}-{width}")
    shown = " ".join(page.notebook.locator(".jp-OutputArea-output").all_inner_texts())
    assert "privatelink.azurecr.ioprivate zone" not in shown


@pytest.mark.parametrize("ran", [False, True], ids=["stored", "ran"])
def test_what_the_doctor_says_to_type_is_seen_whole(opened: Opened, theme: str, ran: bool) -> None:
    page = opened("09-diagnose")
    if ran:
        page.run_all()
    output = page.notebook.locator(".jp-OutputArea-output", has_text="data-record-missing").first
    for width in widths(page):
        resize(page.page, width)
        seen = output.evaluate(
            """(output) => {
                const edges = (e) => { const b = e.getBoundingClientRect(); return [b.left, b.right]; };
                const [left, right] = edges(output);
                const outside = [...output.querySelectorAll('table, caption, th, td, pre')].filter((e) => {
                    const [l, r] = edges(e);
                    return l < left - 1 || r > right + 1 || e.scrollWidth > e.clientWidth + 1 && e.clientWidth;
                });
                const written = (e) => {
                    const range = document.createRange();
                    range.selectNodeContents(e);
                    return range.getBoundingClientRect();
                };
                const heads = [...output.querySelectorAll('th')].filter((th) =>
                    written(th).right > written(th.nextElementSibling).left || written(th).right > edges(th)[1]);
                return { outside: [...outside, ...heads].map((e) => e.outerHTML.slice(0, 80)),
                         caption: written(output.querySelector('caption')).left - left };
            }"""
        )
        assert seen["outside"] == [], width
        assert seen["caption"] < 20
        keep(page, output.locator("table").first, f"doctor-{'ran' if ran else 'stored'}-{theme}-{width}")


def test_a_verdict_s_facts_stand_under_each_other(opened: Opened, theme: str) -> None:
    page = opened("03-private-link")
    page.run_all()
    bar = page.output('section_bar(lab, "zone-link")')
    pressed(bar, "Reset")
    pressed(bar, "Yes, reset")
    expect(bar.get_by_role("rowheader")).to_have_text(["expected", "seen", "likely cause", "next"])

    for width in widths(page):
        resize(page.page, width)
        lefts = bar.locator("td").evaluate_all(
            "(cells) => cells.map((c) => Math.round(c.getBoundingClientRect().left))"
        )
        assert len(lefts) == 4
        assert len(set(lefts)) == 1
        keep(page, bar.locator("table"), f"verdict-{theme}-{width}")
    pressed(bar, "Solve")
    expect(bar).to_contain_text("✓ zone-link")


def live(page: LabPage) -> Locator:
    picture = page.output("acrlab.live_picture(lab)")
    picture.locator("svg.acrlab-lab").wait_for()
    return picture


def focused(page: LabPage) -> str:
    return str(page.page.evaluate("() => document.activeElement.textContent"))


def test_the_live_picture_has_jupyterlab_s_theme_and_text_that_can_be_read(opened: Opened, theme: str) -> None:
    page = opened("06-verify-access")
    page.page.emulate_media(color_scheme="light" if theme == "dark" else "dark")  # the system's is the other one
    page.run_all()
    drawn = live(page).locator("svg.acrlab-lab")

    colours = drawn.evaluate(
        """(svg) => {
            const page = document.body.appendChild(document.createElement('div'));
            page.style.background = 'var(--jp-layout-color1)';
            return [getComputedStyle(svg.querySelector('rect')).fill, getComputedStyle(page).backgroundColor,
                    getComputedStyle(svg.querySelector('.yes')).stroke];
        }"""
    )
    assert colours[0] == colours[1] == ("rgb(33, 33, 33)" if theme == "dark" else "rgb(255, 255, 255)")
    assert colours[2] == ("rgb(86, 211, 100)" if theme == "dark" else "rgb(26, 127, 55)")
    for width in widths(page):
        resize(page.page, width)
        scale = drawn.evaluate("(svg) => svg.getBoundingClientRect().width / svg.viewBox.baseVal.width")
        assert READABLE_PX / SMALLEST_PX <= scale <= 1.11, f"{scale} at {width}"
        keep(page, drawn, f"live-{theme}-{width}")


@LIGHT
def test_a_story_can_be_paused_stepped_through_and_skipped_by_keyboard(opened: Opened, server: Server) -> None:
    page = opened("06-verify-access")
    page.page.emulate_media(reduced_motion="no-preference")
    page.run_all()
    picture = live(page)
    told = picture.locator(".acrlab-steps li")
    expect(picture.get_by_role("button", name="Pause")).to_have_count(0)  # nothing is on its way

    pressed(picture, "Send a request from myDockerVM")
    pressed(picture, "Pause")
    count = told.count()
    page.page.wait_for_timeout(1500)  # longer than a step takes
    assert told.count() == count < 8
    pressed(picture, "Next step")
    expect(told).to_have_count(count + 1)
    pressed(picture, "Step back")
    expect(told).to_have_count(count)
    pressed(picture, "Go on")
    expect(told).not_to_have_count(count)
    pressed(picture, "To the end")
    expect(told.last).to_have_text("The request arrives.")
    expect(picture.get_by_role("button", name="To the end")).to_have_attribute("aria-disabled", "true")
    assert focused(page) == "To the end"


@LIGHT
def test_nothing_moves_by_itself_for_who_wants_less_motion(opened: Opened) -> None:
    page = opened("06-verify-access")
    page.run_all()
    picture = live(page)

    pressed(picture, "Send a request from myDockerVM")

    expect(picture.locator(".acrlab-steps li").last).to_have_text("The request arrives.")
    assert page.page.evaluate("() => document.querySelector('.acrlab-mark').getAnimations().length") == 0
    pressed(picture, "Step back")
    expect(picture.locator(".acrlab-steps li").last).to_contain_text("registry")


@LIGHT
def test_a_change_takes_neither_the_keyboard_s_focus_nor_a_story_away(opened: Opened, server: Server) -> None:
    page = opened("06-verify-access")
    page.page.emulate_media(reduced_motion="no-preference")
    page.run_all()
    picture = live(page)
    pressed(picture, "Send one from the internet")
    pressed(picture, "Pause")
    told = picture.locator(".acrlab-steps li").first.text_content()

    with world(server) as lab:  # another process: no cell runs here
        acrlab.restore_access(lab)
    expect(picture.locator("svg.acrlab-lab")).to_contain_text("let in")

    assert focused(page) == "Pause"
    expect(picture.locator(".acrlab-steps li").first).to_have_text(str(told))
    expect(picture.locator(".acrlab-steps li").last).to_contain_text("The lab has changed since this request was sent.")
    pressed(picture, "Send one from the internet")
    with world(server) as lab:
        acrlab.deny_public_access(lab)
    expect(picture.locator("svg.acrlab-lab")).to_contain_text("refused")
    assert focused(page) == "Send one from the internet"


@LIGHT
def test_a_refused_request_stays_outside_the_registry(opened: Opened) -> None:
    page = opened("06-verify-access")
    page.run_all()
    picture = live(page)
    pressed(picture, "Send one from the internet")
    expect(picture.locator(".acrlab-steps li").last).to_have_text("The request ends here.")

    inside = picture.locator("svg.acrlab-lab").evaluate(
        """(svg) => {
            const dot = svg.querySelector('.acrlab-mark.stopped').getBoundingClientRect();
            const over = (e) => { const b = e.getBoundingClientRect();
                return b.left < dot.right && b.right > dot.left && b.top < dot.bottom && b.bottom > dot.top; };
            return [...svg.querySelectorAll('g > rect, text')].filter(over).map((e) => e.outerHTML);
        }"""
    )
    assert inside == []
    keep(page, picture, "refused")


def test_long_names_stay_in_their_boxes(context: BrowserContext, tmp_path: Path) -> None:
    names = {"registry_name": "w" * 50, "vm_name": "m" * 58, "resource_group": "größe-日本-(1)"}
    lab = acrlab.connect(acrlab.Settings.from_parameters(world=str(tmp_path / "world.db"), **names))
    acrlab.bring_to(lab, "pull-right", "records")
    seen = acrlab.picture(lab).snapshot
    lab.close()
    page = context.new_page()
    page.set_content(as_svg(seen))

    outside = page.evaluate(
        """() => [...document.querySelectorAll('g')].flatMap((g) => {
            const box = g.querySelector('rect').getBBox();
            const inside = (t) => t.getBBox().x + t.getBBox().width <= box.x + box.width;
            return [...g.querySelectorAll('text')].filter((t) => !inside(t)).map((t) => t.textContent);
        })"""
    )
    assert page.locator("g text").count() > 10
    assert outside == []
    titles = page.locator("text > title").all_text_contents()
    assert any(re.search("m{58}VNET", title) for title in titles)


def test_a_handout_s_pictures_fit_on_paper_and_on_a_screen(context: BrowserContext, tmp_path: Path) -> None:
    chapters = [n for n in find(CHECKOUT / "notebooks") if n.name in DRAWN]
    make(chapters, edition=EDITIONS["instructor"], formats=["html"], out=tmp_path, dated=DAY, version="0.0")
    page = context.new_page()
    for media, width in (("print", 673), ("screen", 800), ("screen", 1280)):
        page.set_viewport_size({"width": width, "height": 1000})
        page.emulate_media(media=media, color_scheme="dark")  # type: ignore[arg-type]
        for name, count in DRAWN.items():
            page.goto((tmp_path / f"{name}-instructor.html").as_uri())
            images = page.locator(".output img")
            expect(images).to_have_count(count)
            for image in images.all():
                right = "getBoundingClientRect().right"
                seen = image.evaluate(f"(i) => [i.naturalWidth, i.{right}, i.parentElement.{right}]")
                assert seen[0] > 500
                assert seen[1] <= seen[2] + 1, (name, media, width)
            assert page.locator(".output summary:visible").count() == (
                0 if media == "print" else count if name != "09-diagnose" else 0
            )
