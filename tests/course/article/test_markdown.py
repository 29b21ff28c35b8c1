"""How a Markdown of the article is read, with what Microsoft's pages have beyond plain Markdown."""

from __future__ import annotations

import pytest

from acrlab.course.article.markdown import MOST_BYTES, parse, read
from acrlab.course.article.outline import Note, Table
from acrlab.errors import ConfigurationError

PAGE = """---
title: A page
ms.date: 11/03/2026
---

# A page

[!INCLUDE [limits](./includes/limits.md)]

Run [az acr show](/cli/azure/acr) or `az acr list -o table`, and read `hello-world`.

## Do it

# [Azure CLI](#tab/azure-cli)

```azurecli
# first this
NAME=$(az acr show --name <name> \\
  --query "{a:id, b:[?x=='--no-flag']}" -otsv)
```

```output
az not typed --here
```

1. Look at it:

    | Setting | Value |
    | ------- | ----- |
    | **Basics** | |
    | [Name](a.md) | a name |
    |||

> [!TIP]
> Count before:
> ```azurecli
> sudo az network vnet list -g g | grep x && docker pull image:v1
> ```

> A quotation, and no note.
"""


def test_front_matter_is_not_a_heading_and_gives_the_date():
    page = parse(PAGE)

    assert page.dated == "2026-11-03"
    assert [(found.title, found.within) for found in page.sections] == [("A page", ""), ("Do it", "A page")]


@pytest.mark.parametrize("line", ["ms.date: 13/45/2026", "ms.date: soon", "title: none"])
def test_a_date_that_is_none_is_left_out(line):
    assert parse(f"---\n{line}\n---\n# A page\n").dated == ""


def test_commands_are_read_from_shells_from_links_and_from_sentences():
    first, second = parse(PAGE).sections

    assert first.commands == {"az acr show": frozenset(), "az acr list": {"--output"}}
    assert second.commands == {
        "az acr show": {"--name", "--query", "--output"},
        "az network vnet list": {"--resource-group"},
        "grep": frozenset(),
        "docker pull": frozenset(),
    }


def test_a_table_is_known_by_its_headings_and_the_first_cells():
    assert parse(PAGE).sections[1].tables == (Table(("Setting", "Value"), ("Basics", "Name")),)


def test_boxes_and_includes_are_notes_and_a_quotation_is_none():
    first, second = parse(PAGE).sections

    assert first.notes == (Note("include", ("./includes/limits.md",)),)
    ((kind, (text,)),) = [(note.kind, note.about) for note in second.notes]
    assert (kind, text.startswith("Count before:")) == ("tip", True)


@pytest.mark.parametrize(
    ("content", "why"),
    [
        (b"", "is empty"),
        (b" \n\n", "is empty"),
        (b"\x89PNG\r\n\x00\x00", "is not text in UTF-8"),
        ("# Überschrift".encode("utf-16"), "is not text in UTF-8"),
        (b"# A\0B", "is not text in UTF-8"),
        (b"\n<!DOCTYPE html><html><h1>An article</h1></html>", "is a web page"),
        (b"# A\n" * (MOST_BYTES // 4 + 1), "has 300,004 bytes; the article has less than 300,000"),
        (b"# A\n" * 501, "it has 501 headings; the article has less than 500"),
        (b"Some text, and `az acr list`.\n", "has no headings"),
    ],
)
def test_what_is_not_the_article_is_refused_in_one_sentence(tmp_path, content, why):
    (tmp_path / "a.md").write_bytes(content)

    with pytest.raises(ConfigurationError, match=why):
        read(tmp_path / "a.md")


@pytest.mark.parametrize(("name", "why"), [("none.md", "No such file"), (".", "can't be read")])
def test_what_can_t_be_read_is_refused(tmp_path, name, why):
    with pytest.raises(ConfigurationError, match=why):
        read(tmp_path / name)


def test_windows_line_ends_and_a_byte_order_mark_change_nothing(tmp_path):
    (tmp_path / "a.md").write_bytes(b"\xef\xbb\xbf" + PAGE.replace("\n", "\r\n").encode())

    assert read(tmp_path / "a.md") == parse(PAGE)


@pytest.mark.parametrize("text", ["[" * 20_000 + "x\n# A", "# A\n" + "| a " * 20_000, "# A\n" + "> " * 5000 + "b"])
def test_a_text_made_to_be_hard_is_read_all_the_same(text):
    (found,) = parse(text).sections

    assert found.title == "A"


def test_a_heading_that_is_nested_too_deep_is_none():
    with pytest.raises(ConfigurationError, match="has no headings"):
        parse("> " * 5000 + "# deep")
