"""The worked example of CONTRIBUTING.md works: its type, its reference and its tests are run as they stand there."""

from __future__ import annotations

import re
import textwrap
from collections.abc import Callable, Iterator
from dataclasses import replace
from pathlib import Path
from typing import Any

import pytest
from azure.core.exceptions import HttpResponseError
from azure.mgmt.network import NetworkManagementClient
from azure.mgmt.resource.resources import ResourceManagementClient

from acrlab.emulator import types
from acrlab.emulator.core.domains import ref
from acrlab.emulator.core.values import Field
from acrlab.emulator.transport import open_azure
from acrlab.emulator.types.network.public_ip_address import PUBLIC_ADDRESS

GUIDE = (Path(__file__).resolve().parents[2] / "CONTRIBUTING.md").read_text("utf-8")
SECTION = GUIDE.split("## Add a resource type")[1].split("\n## ")[0]
BLOCKS = [textwrap.dedent(text) for text in re.findall(r"```python\n(.*?)```", SECTION, re.DOTALL)]
DECLARATION, REFERENCE, TESTS = BLOCKS
NAMES: dict[str, Any] = {"pytest": pytest, "HttpResponseError": HttpResponseError}
exec(TESTS, NAMES)


@pytest.fixture
def network(monkeypatch: pytest.MonkeyPatch) -> Iterator[NetworkManagementClient]:
    declared: dict[str, Any] = {"__name__": "public_ip_prefix"}
    exec(DECLARATION, declared)
    reference = eval(f"{{{REFERENCE}}}", {"Field": Field, "ref": ref})
    address = replace(PUBLIC_ADDRESS, properties={**PUBLIC_ADDRESS.properties, **reference})
    others = tuple(kind for kind in types.ALL if kind is not PUBLIC_ADDRESS)
    monkeypatch.setattr(types, "ALL", (*others, address, declared["PUBLIC_PREFIX"]))
    opened = open_azure()
    there = (opened.credential, opened.subscription)
    ResourceManagementClient(*there, transport=opened.transport).resource_groups.create_or_update(
        "g", {"location": "westus"}
    )
    yield NetworkManagementClient(*there, transport=opened.transport)
    opened.close()


@pytest.mark.parametrize(
    "test", [value for name, value in NAMES.items() if name.startswith("test_")], ids=lambda test: test.__name__
)
def test_the_example_works(test: Callable[[NetworkManagementClient], None], network: NetworkManagementClient) -> None:
    test(network)
