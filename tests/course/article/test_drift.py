"""What a newer edition of the article has that the course has not: made-up edits, each named with its chapter."""

from __future__ import annotations

import pytest

from acrlab.course.article.drift import compare
from acrlab.course.article.editions import EDITIONS, closest
from acrlab.course.article.markdown import parse, read
from acrlab.course.article.outline import plain

UPDATE = "az acr update"
# Rows of ../shared/article/today.md that the course of the draft has not, or in part -> headings of today's article.
ROWS = {
    "Intro": "Connect privately to an Azure container registry by using Azure Private Link",
    "Register the provider (other subscription or tenant)": "Register container registry resource provider",
    "Portal: endpoint in a new registry": "Create a private endpoint in a new registry",
    "Portal: endpoint for an existing registry": "Create a private endpoint for an existing registry",
    "Confirm endpoint configuration": "Confirm endpoint configuration",
    "Endpoint IP configuration": "Get endpoint IP configuration",
    "Plan the subnet": "Plan subnet IP capacity for private endpoints",
    "Addresses of replicas and regional endpoints": "Additional endpoints for geo-replicas",
    "A new replica's connection": "Additional endpoints for geo-replicas",
    "Records, and more records for replicas": "Additional records for geo-replicas",
    "Disable public access": "Disable public access to a registry",
    "`az acr build` on a closed registry": "Use `az acr build` with private endpoint and private registry",
    "Service endpoints": "Disable access to a container registry by using a service endpoint",
    "After deleting an endpoint": "Manage private endpoint connections",
    "DNS options": "DNS configuration options",
    "Pull from behind a proxy or firewall": "Pull from a registry with private link enabled",
    "Clean up; related": "Related content",
    "Prerequisites": "Prerequisites",
}
HELD = ("no", "in part", "only", "trap", "clause", "one region", "pages of 2020", "not emulated", "missing")


def told(text: str, chapters: set[str], against: str = "") -> list[tuple[str, str, str, str]]:
    document = parse(text)
    edition = EDITIONS[against] if against else closest(document)
    return [(one.how, one.what, plain(one.section), one.told) for one in compare(document, edition, chapters).changes]


@pytest.mark.parametrize("name", EDITIONS)
def test_an_edition_that_the_course_covers_differs_in_nothing(name, draft, today, chapters):
    text = {"draft": draft, "today": today}[name]

    assert closest(parse(text)).name == name
    assert told(text, chapters) == []


def test_the_draft_itself_has_nothing_new(shared, chapters):
    document = read(shared / "article.md")
    drift = compare(document, closest(document), chapters)

    assert (document.dated, drift.edition.name, drift.changes) == ("2020-03-02", "draft", ())


def test_today_against_the_draft_names_each_row_that_the_draft_s_course_did_not_have(shared, today, chapters):
    (table,) = (table for found in read(shared / "today.md").sections for table in found.tables)
    text = (shared / "today.md").read_text("utf-8").splitlines()
    rows = [[cell.strip() for cell in line.strip("|").split("|")] for line in text if line.startswith("|")][2:]
    held = [row[0] for row in rows if any(word in row[2] for word in HELD)]
    assert len(held) >= 12
    assert len(rows) == len(table.rows)

    named = {section for _, _, section, _ in told(today, chapters, "draft")}

    assert [row for row in held if plain(ROWS[row]) not in named] == []


def test_a_chapter_that_is_not_there_leaves_its_sections_uncovered(today, chapters):
    found = told(today, chapters - {"15-closed-for-good"})

    assert [(how, section, what) for how, _, section, what in found] == [
        ("not covered", plain(title), "there is no chapter 15-closed-for-good")
        for title in (
            "Disable public access to a registry",
            "Use az acr build with private endpoint and private registry",
        )
    ]


def test_a_new_section_is_named_with_its_commands_and_with_the_chapter_that_it_stands_behind(today, chapters):
    new = (
        "## Rotate the keys\n\n```azurecli\naz acr credential renew -n $REGISTRY_NAME --password-name password\n```\n\n"
    )
    text = today.replace("## Clean up resources", new + "## Clean up resources")

    assert told(text, chapters) == [
        ("new", "section", "rotate the keys", "Rotate the keys"),
        ("new", "command", "rotate the keys", "az acr credential renew --name --password-name"),
    ]
    (section, _) = compare(parse(text), EDITIONS["today"], chapters).changes
    assert section.chapters == ("09-diagnose",)


def test_a_section_that_is_gone_is_named_with_its_chapter(today, chapters):
    begin, end = today.index("## Clean up resources"), today.index("## Related content")
    (change,) = compare(parse(today[:begin] + today[end:]), EDITIONS["today"], chapters).changes

    assert (change.how, change.what, change.told, change.chapters) == (
        "gone",
        "section",
        "Clean up resources",
        ("08-clean-up",),
    )


@pytest.mark.parametrize(
    ("before", "after", "expected"),
    [
        ("## Manually configure DNS records", "## Configure DNS records by hand", "it was called: Manually configure"),
        ("## Clean up resources", "## Clean up your resources", "it was called: Clean up resources"),
        ("# Connect privately to an Azure", "# Reach an Azure", "it was called: Connect privately"),
    ],
)
def test_a_heading_that_was_written_anew_is_not_two_sections(before, after, expected, today, chapters):
    ((how, what, _, words),) = told(today.replace(before, after), chapters)

    assert (how, what) == ("changed", "section")
    assert words.startswith(expected)


def test_a_new_flag_and_one_that_is_gone_are_named_with_their_command(today, chapters):
    text = today.replace("--public-network-enabled $VALUE", "--public-access $VALUE --yes")

    assert [found[::3] for found in told(text, chapters)] == [
        ("new", f"{UPDATE} --public-access"),
        ("new", f"{UPDATE} --yes"),
        ("gone", f"{UPDATE} --public-network-enabled"),
    ]


def test_a_command_that_moved_is_not_a_new_one(today, chapters):
    moved = "```azurecli\naz group delete \\\n  --name $VALUE\n```\n"
    text = today.replace(moved, "") + moved

    assert [found[::3] for found in told(text, chapters)] == [
        ("changed", "az group delete --name, which stood in: Clean up resources")
    ]


def test_a_short_flag_is_the_long_one(today, chapters):
    assert told(today.replace("--resource-group $VALUE", "-g $VALUE"), chapters) == []


def test_rows_and_columns_of_a_table_are_compared(today, chapters):
    text = today.replace("| **Subnet** | a value |", "| **Network interface name** | a value |")
    assert [found[::3] for found in told(text, chapters)] == [
        ("new", "Setting | Value: a row Network interface name"),
        ("gone", "Setting | Value: the row Subnet"),
    ]

    ((how, what, _, words),) = told(today.replace("| IPs consumed per VNet |", "| Addresses |"), chapters)
    assert (how, what, words) == (
        "changed",
        "table",
        "Configuration | IPs consumed per VNet is now Configuration | Addresses",
    )


def test_notes_are_told_apart_by_what_they_are_about_and_by_their_kind(today, chapters):
    added = today + "\n> [!CAUTION]\n> Addresses change at the weekend.\n"
    assert told(added, chapters)[0][::3] == ("new", "caution: Addresses change at the weekend.")

    gone = today.replace("link and unresolvable host", "nothing in particular")
    assert {found[::3] for found in told(gone, chapters)} == {
        ("new", "important: Think of nothing in particular."),
        ("gone", "important: link, unresolvable host"),
    }

    kind = today.replace("> [!IMPORTANT]\n> Think of new replica", "> [!NOTE]\n> Think of new replica")
    assert [found[::3] for found in told(kind, chapters)] == [
        ("changed", "important: new replica, record is now of the kind note")
    ]


def test_a_figure_that_is_no_longer_said_is_named(today, chapters):
    assert [found[::3] for found in told(today.replace("2.6.0", "2.86.0"), chapters)] == [("gone", "2.6.0")]


def test_what_is_told_is_grouped_by_section_and_counted(today, chapters):
    drift = compare(parse(today.replace("2.6.0", "2.86.0")), EDITIONS["today"], chapters)

    assert repr(drift).splitlines()[2:] == [
        "Prerequisites  [01-registry, 02-docker-vm]",
        "  gone         text     2.6.0",
        "",
        "1 differences in 1 sections",
    ]
