"""Bad input of every kind, at every door: one clear line says what is wrong, nothing is written, and nothing stops."""

from __future__ import annotations

import gzip
import json
import os
import time
from collections.abc import Callable
from contextlib import suppress
from pathlib import Path
from typing import Any

import pytest

import acrlab
from acrlab.azure.arm_id import ArmId
from acrlab.cli.app import main
from acrlab.emulator.core.http import Request, Response
from acrlab.errors import AcrLabError
from acrlab.lab.lab import Lab

QUICK_S = 10  # on a computer that is busy with other things
LONGEST = 700  # characters of a line that somebody reads
HEAD = {"acrlab-recording": 1, "made": "2026-01-01", "acrlab": "0", "parameters": {}, "kept": {}}
DEEP = "[" * 100_000
NUMBER = "9" * 100_000


def lines(*found: Any) -> bytes:
    return "".join(f"{one if isinstance(one, str) else json.dumps(one)}\n" for one in found).encode()


# what stands in a file that is said to be a recording or a snapshot
FILES: dict[str, bytes] = {
    "nothing": b"",
    "one byte": b"\0",
    "a null": b"null",
    "a list": b"[]",
    "an empty object": b"{}",
    "a text": b'"hello"',
    "no JSON": b"Dear all,\nthis is a letter.\n",
    "not UTF-8": b'{"acrlab-recording": "\xff\xfe\xfd"}',
    "lone surrogates": lines('{"acrlab-recording": "\\ud800"}'),
    "deep": DEEP.encode(),
    "a deep object": b'{"a":' * 50_000,
    "an endless number": f'{{"acrlab-recording": {NUMBER}}}'.encode(),
    "not a number": b'{"acrlab-recording": NaN}',
    "a bomb": gzip.compress(bytes(50_000_000)),
    "a head of its own": lines({**HEAD, "acrlab-recording": 999}),
    "a path as a name": lines({**HEAD, "kept": {"00-start-here": {"../../x.json": "PWNED"}}}),
    "a line without an answer": lines(HEAD, {"chapter": "00-start-here", "time": 1, "request": {}}),
}
SETTINGS = {
    "resource_group": ("../x", "a/b", "a\nb", "<script>", "x" * 100_000, "a.", "\0", "\N{ROCKET}", "\u202e"),
    "registry_name": ("ab", "a-b", "../../x", "a" * 51, "régistre", "¹²³⁴⁵"),
    "vm_name": ("-x", "x_y", "a" * 65, "$(reboot)", "`id`", "a;b", "a b"),
    "network_name": ("..", "x/", "a'b", '"'),
    "endpoint_name": ("#", "?a=b", "%2e%2e"),
    "location": ("nowhere", "", "west us\0", "../", "x" * 100_000),
    "image": ("Hello:v1", "a:b:c", "../x:v1", "a" * 100_000),
    "vm_image": ("a:b", ":::::", "x" * 100_000),
    "network_prefix": ("10.0.0.0/33", "::/0", "10.0.0.1/16", "0x10.0.0.0/8", NUMBER),
    "subnet_prefix": ("10.9.0.0/24", "10.0.0.0/30", "all"),
    "ssh_source": ("*", "0.0.0.0/0", "203.0.113.7; reboot"),
    "tags": ("a", "=b", "a=b,,", "acrlab=mine", "<b>=c"),
    "confirm_cost": ("nan", "inf", "-1", "1e999", "much", NUMBER),
    "expires_hours": ("-2", "1.5", "9999999", NUMBER, "soon"),
    "shutdown_time": ("25:00", "2460", "noon"),
    "zone_name": ("privatelink.azurecr.cn", ".", "x" * 100_000),
    "hands_on": ("maybe",),
    "registry_sku": ("Basic", "premium\n"),
    "no_such_setting": ("1",),
    "world": ("no\0name.db",),
}
LOOP = {"name": "v", "count": 10**9}
TEMPLATES: dict[str, Any] = {
    "a text": "x",
    "a list": [],
    "null": None,
    "nothing": {},
    "resources as text": {"resources": "x"},
    "a resource as text": {"resources": ["x"]},
    "no type": {"resources": [{"name": "x"}]},
    "a type of no provider": {"resources": [{"type": "Evil", "apiVersion": "2024-05-01", "name": "x"}]},
    "an expression that does not end": {"outputs": {"a": {"type": "string", "value": "[concat('a'"}}},
    "an unknown function": {"outputs": {"a": {"type": "string", "value": "[system('id')]"}}},
    "deep brackets": {"outputs": {"a": {"type": "string", "value": "[" + "(" * 50_000 + "1" + ")" * 50_000 + "]"}}},
    "a deep call": {"outputs": {"a": {"type": "string", "value": "[" + "not(" * 20_000 + "true" + ")" * 20_000 + "]"}}},
    "a variable of itself": {"variables": {"a": "[variables('a')]"}},
    "too many copies": {"variables": {"copy": [{**LOOP, "input": "x"}]}},
    "a negative copy": {"variables": {"copy": [{**LOOP, "count": -1, "input": "x"}]}},
    "a parameter without a value": {"parameters": {"p": {"type": "string"}}},
    "a parameter of no type": {"parameters": {"p": {"type": "object of desire", "defaultValue": 1}}},
    "a name with a path": {
        "resources": [
            {
                "type": "Microsoft.Network/virtualNetworks",
                "apiVersion": "2024-05-01",
                "name": "../../x",
                "location": "westus",
                "properties": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}},
            }
        ]
    },
}
TEMPLATES["a variable of itself"]["outputs"] = {"o": {"type": "string", "value": "[variables('a')]"}}
SCRIPTS = {
    "a quote that does not end": "echo 'abc",
    "a block that does not end": "if true; then",
    "a substitution that does not end": "echo $(date",
    "a stray end": "done",
    "deep brackets": "(" * 20_000,
    "deep substitutions": "echo " + "$(echo " * 5_000 + ")" * 5_000,
    "an endless loop": "while true; do :; done",
    "a fork bomb": ":(){ :|:& };:",
    "itself": "f() { f; }; f",
    "a value without end": "x=aaaaaaaaaa; while true; do x=$x$x; done",
    "a bad pattern": "echo a | grep '['",
    "a greedy pattern": f"echo {'a' * 40}! | grep -E '^(a+)+$'",
    "bytes": "\x01\x02\x7f\x1b[31m",
    "an unknown program": "/bin/evil --now",
    "the host": "cat /tmp/../../proc/self/environ",
    "too long": "#" * 300_000 + "\nfalse",
    "a lone surrogate": "echo \ud800; false",
    "a null": "echo a\0b; false",
}
NAMES = (
    "..",
    "%2e%2e",
    "%00",
    "<b>",
    "a%20b",
    "-x",
    "x" * 300,
    "%F0%9F%9A%80",
    "con%0d%0aSet-Cookie:%20a=b",
    "a.",
    "'%20or%201=1--",
    "%ff",
)
TYPES = {
    "Microsoft.Network/virtualNetworks": {"addressSpace": {"addressPrefixes": ["10.0.0.0/16"]}},
    "Microsoft.Network/networkSecurityGroups": {},
    "Microsoft.Network/publicIPAddresses": {},
    "Microsoft.ContainerRegistry/registries": {},
    "Microsoft.Network/privateDnsZones": {},
    "Microsoft.DevTestLab/schedules": {},
}


class Door:
    """The ways by which something can come in, each giving the line by which it was refused."""

    def __init__(self, lab: Lab, folder: Path, capsys: pytest.CaptureFixture[str]) -> None:
        self.lab, self.folder, self._capsys = lab, folder, capsys

    def type_in(self, *words: str) -> str:
        with suppress(SystemExit):
            main(words)
        told = self._capsys.readouterr().err
        assert told.count("\n") == 1, told
        assert "--debug shows where" not in told
        return told.strip()

    def recording(self, content: bytes) -> str:
        (self.folder / "in.jsonl").write_bytes(content)
        return self.type_in("run", "--backend", "replay", "--fixtures", "in.jsonl", "--only", "00")

    def snapshot(self, content: bytes) -> str:
        (self.folder / "in.json").write_bytes(content)
        return self.type_in("doctor", "--snapshot", "in.json")

    def setting(self, pair: tuple[str, str]) -> str:
        with pytest.raises(AcrLabError) as told:
            acrlab.connect(**{pair[0]: pair[1]})
        return str(told.value)

    def parameter(self, pair: tuple[str, str]) -> str:
        return self.type_in("run", "--only", "00", "-p", *pair)

    def ask(self, method: str, path: str, body: Any = None, version: str = "2024-05-01") -> Response:
        raw = json.dumps(body if body is not None else {}).encode()
        request = Request(method, "", path, {"api-version": version}, {}, raw, "https://management.azure.com")
        response: Response = self.lab.backend.azure.manager.handle(request)
        return response

    def refused(self, answer: Response) -> str:
        assert 400 <= answer.status <= 501, (answer.status, answer.body)
        assert answer.status != 500, answer.body
        return str(answer.body["error"]["message"])

    def template(self, template: Any) -> str:
        path = f"{self.lab.group_id()}/providers/Microsoft.Resources/deployments/d"
        body = {"properties": {"mode": "Incremental", "template": template}}
        return self.refused(self.ask("PUT", path, body, "2024-07-01"))

    def script(self, script: str) -> str:
        try:
            done = acrlab.run_on_vm(self.lab, script, check=False)
        except AcrLabError as problem:
            return str(problem)
        assert done.exit_code != 0
        told = done.stderr.strip().splitlines() or [f"exit code {done.exit_code}"]
        return told[-1]

    def name(self, pair: tuple[str, str]) -> str:
        kind, name = pair
        path = f"{self.lab.group_id()}/providers/{kind}/{name}"
        location = "global" if kind.endswith("Zones") else "westus"
        body = {"location": location, "sku": {"name": "Premium"}, "properties": TYPES[kind]}
        version = {"Microsoft.DevTestLab/schedules": "2018-09-15"}.get(kind, "2024-05-01")
        if "Registry" not in kind:
            del body["sku"]
        return self.refused(self.ask("PUT", path, body, version))


def rows() -> list[Any]:
    inputs: list[tuple[str, str, Any]] = [
        *(("recording", name, content) for name, content in FILES.items()),
        *(("snapshot", name, content) for name, content in FILES.items()),
        *(
            ("setting", f"{name} {n}", (name, value))
            for name, found in SETTINGS.items()
            for n, value in enumerate(found)
        ),
        *(("parameter", name, (name, found[0])) for name, found in SETTINGS.items() if "\0" not in found[0]),
        *(("template", name, template) for name, template in TEMPLATES.items()),
        *(("script", name, script) for name, script in SCRIPTS.items()),
        *(("name", f"{kind.rpartition('/')[2]} {name[:12]}", (kind, name)) for kind in TYPES for name in NAMES),
    ]
    return [pytest.param(door, value, id=f"{door}: {name}") for door, name, value in inputs]


def everything(folder: Path) -> dict[str, bytes]:
    """Each file below a folder, but the lab's own and what was put there to be read."""
    found = (one for one in folder.rglob("*") if one.is_file() and "home" not in one.relative_to(folder).parts)
    return {str(one): one.read_bytes() for one in found if one.name not in ("in.json", "in.jsonl")}


@pytest.fixture
def door(tmp_path: Path, monkeypatch: pytest.MonkeyPatch, capsys: pytest.CaptureFixture[str]) -> Any:
    monkeypatch.setenv("ACRLAB_HOME", str(tmp_path / "home"))
    monkeypatch.setenv("COLUMNS", "200")
    monkeypatch.chdir(tmp_path)
    opened = acrlab.connect(registry_name="contoso42")
    acrlab.ensure_group(opened)
    yield Door(opened, tmp_path, capsys)
    opened.close()


@pytest.mark.table
@pytest.mark.parametrize(("way", "value"), rows())
def test_bad_input_is_refused_in_a_line_and_nothing_is_written_or_stopped(door: Door, way: str, value: Any) -> None:
    if way == "script":
        acrlab.ensure_vm(door.lab)
    ways: dict[str, Callable[[Any], str]] = {name: getattr(door, name) for name in {row.values[0] for row in rows()}}
    files, begun = everything(door.folder), time.monotonic()
    there = set(door.lab.backend.azure.world.dump())

    told = ways[way](value)

    assert time.monotonic() - begun < QUICK_S
    assert told.strip()
    assert "\n" not in told
    assert len(told) < LONGEST, told[:LONGEST]
    assert "Traceback" not in told
    assert everything(door.folder) == files
    new = set(door.lab.backend.azure.world.dump()) - there
    assert [id for id in new if ArmId.parse(id).type != "Microsoft.Resources/deployments"] == []
    assert acrlab.steps.group_exists(door.lab)
    if way == "script":
        assert acrlab.run_on_vm(door.lab, "echo well").stdout == "well\n"


def test_half_a_character_in_a_request_is_kept_as_a_whole_one(door: Door) -> None:
    answer = door.ask(
        "PUT", str(door.lab.group_id("other")), {"location": "westus", "tags": {"a": "\ud800b"}}, "2024-07-01"
    )

    assert (answer.status, answer.body["tags"]) == (201, {"a": "\ufffdb"})


@pytest.mark.skipif(not hasattr(os, "mkfifo"), reason="a pipe can only be made where the system has some")
@pytest.mark.parametrize("make", [Path.mkdir, getattr(os, "mkfifo", None)], ids=["a folder", "a pipe"])
def test_what_is_not_a_file_is_not_read(door: Door, make: Any) -> None:
    make(door.folder / "thing")

    for words in (
        ("doctor", "--snapshot", "thing"),
        ("run", "--backend", "replay", "--fixtures", "thing", "--only", "00"),
    ):
        assert "thing" in door.type_in(*words)
