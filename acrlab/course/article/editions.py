"""The editions of the article that the course knows, and which of them a document comes from."""

from __future__ import annotations

from acrlab.course.article.draft import DRAFT
from acrlab.course.article.outline import Document, Edition
from acrlab.course.article.today import TODAY
from acrlab.errors import ConfigurationError

EDITIONS = {edition.name: edition for edition in (DRAFT, TODAY)}


def closest(document: Document) -> Edition:
    """Choose the edition that shares most headings with a document, the newer where both share as many.

    Raises: ConfigurationError: not one heading is the article's.
    """
    shared = {name: len(edition.titles & document.titles) for name, edition in EDITIONS.items()}
    if not any(shared.values()):
        raise ConfigurationError(
            "file",
            f"none of its {len(document.sections)} headings is the article's. Give the Markdown of "
            "container-registry-private-endpoints.md.",
        )
    return max(EDITIONS.values(), key=lambda edition: (shared[edition.name], edition.dated))
