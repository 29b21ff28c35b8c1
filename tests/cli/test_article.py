"""`acrlab article diff`: what it prints, and the exit code that it ends with."""

from __future__ import annotations

from pathlib import Path

from acrlab.course.article.draft import DRAFT
from tests.cli.conftest import Typed
from tests.course.article.conftest import written


def test_an_edition_that_is_covered_ends_with_0(typed: Typed) -> None:
    Path("draft.md").write_text(written(DRAFT), "utf-8")

    code, out, err = typed("article", "diff", "draft.md")

    assert (code, err) == (0, "")
    assert out.splitlines()[-1] == "no difference"


def test_what_is_new_ends_with_1_and_names_the_chapter(typed: Typed) -> None:
    Path("new.md").write_text(
        written(DRAFT).replace("--default-action $VALUE", "--default-action $VALUE --yes"), "utf-8"
    )

    code, out, _ = typed("article", "diff", "new.md")

    assert code == 1
    assert "Deny default registry access - CLI  [06-verify-access]\n  new          flag     az acr update --yes" in out


def test_an_edition_can_be_chosen(typed: Typed) -> None:
    Path("draft.md").write_text(written(DRAFT), "utf-8")

    code, out, _ = typed("article", "diff", "draft.md", "--against", "today")

    assert code == 1
    assert "(2026-02-11)" in out.splitlines()[0]


def test_what_is_not_the_article_ends_with_2(typed: Typed) -> None:
    Path("other.md").write_text("# Something else\n", "utf-8")

    code, _, err = typed("article", "diff", "other.md")

    assert code == 2
    assert err.startswith("acrlab: file: none of its 1 headings is the article's. Give the Markdown of ")
    assert typed("article", "diff", "none.md")[0] == 2
    assert "there is no edition 1999" in typed("article", "diff", "other.md", "--against", "1999")[2]
