"""What reads a PDF, where a browser that prints one is installed."""

from __future__ import annotations

from types import ModuleType

import pytest

from acrlab.errors import ConfigurationError
from acrlab.handouts import pdf


@pytest.fixture(scope="session")
def pypdf() -> ModuleType:
    found: ModuleType = pytest.importorskip("pypdf")
    try:
        pdf.browser()
    except ConfigurationError as problem:
        pytest.skip(str(problem))
    return found
