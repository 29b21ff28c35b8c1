"""What axe-core says about a page."""

from __future__ import annotations

from typing import Any

from axe_playwright_python.sync_playwright import Axe
from playwright.sync_api import Page


def serious(page: Page, within: str | None = None) -> list[str]:
    """What axe-core calls serious or critical: the rule, and the elements."""
    found: dict[str, Any] = Axe().run(page, context=within).response
    assert found["passes"], "axe-core has looked at nothing"
    return [
        f"{one['id']}: {[node['html'][:160] for node in one['nodes'][:3]]}"
        for one in found["violations"]
        if one["impact"] in ("serious", "critical")
    ]
