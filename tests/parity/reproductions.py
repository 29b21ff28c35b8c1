"""Run the reproductions of outside reviews, which lie beside this checkout, and hold what they print to what is right.

Each is a script that asks a served world something and prints what it saw. A script that is in neither table fails: it
has to be judged. What differs from Azure and is known stands in `KNOWN`, and fails here once it no longer differs.
"""

from __future__ import annotations

import json
import os
import re
import shutil
import subprocess
import sys
import tempfile
from collections.abc import Iterator
from dataclasses import asdict
from pathlib import Path
from typing import Any

import httpx

from acrlab.emulator.server.server import Connection

REGISTRY = "myregistry"
PATIENCE_S = 120
# Script of the registry's review -> what its output must match, as a whole.
RIGHT = {
    "01_null_lists_break_a_repository.py": r"list before: 200\n(.* -> push 400 \| list.* 200.*\n){3}",
    "02_other_500s.py": r"(?:(?!.* 500 ).*\n)+and 200 instead of 400.*\n|(?:(?!.* 500 ).*\n)+",
    "03_sixteen_slow_uploads_block_all.py": r"(\d+ slow uploads: push of 1 MiB: 201 .*\n){2}",
    "05_mount_challenge_names_one_scope.sh": r"(?is).*www-auth(?=[^\n]*repro/a:pull)[^\n]*repro/b:pull.* 202 .*",
    "08_service_principal_as_user_name.sh": r"Login Succeeded!\n",
    "09_list_enabled.py": r"tags: \['seen'\].*\nin the catalog: False.*\n",
    "10_deleting.py": r"delete the image: 202 \| .* afterwards: 404 .*\nrepository in .*: False \| .* 404 .*\n",
    "14_if_range.py": r"200 1000 .*\n",
}
NEEDS = {
    "00_machine_exec_leaves_processes.sh": "it needs a docker CLI and counts this computer's processes",
    "04_closing_chunked_uploads_stalls_everything.py": "it needs 8 GiB of disk",
    "06_import_without_tag_lands_elsewhere.sh": "it needs an az that is signed in",
    "07_import_with_a_repository_token.sh": "it needs an az that is signed in",
    "11_names_that_are_none.sh": "it needs an az that is signed in",
    "11_unknown_image.sh": "it needs an az that is signed in",
    "12_dropped_packets_answer.sh": "it needs an az that is signed in, and network namespaces",
    "13_anonymous_pull_on_basic.sh": "it needs an az that is signed in",
    "15_thirty_machines_names_time_out.sh": "it needs thirty VMs and a client of its own",
}
TOOLS = {"05_mount_challenge_names_one_scope.sh": "curl", "08_service_principal_as_user_name.sh": "podman"}
# Script of the peers' suites -> how many of its lines differ from Azure.
KNOWN = {
    "03_vnet_rule_2026.py": 1,  # its subnet is not there, and Azure looks: terraform-provider-azurerm#13792
}


def hold(findings: Path, connection: Connection, client: httpx.Client) -> int:
    """Run every reproduction against a served world. `client`: of its Resource Manager, signed in.

    Returns: how many saw something that is not right.
    """
    failed = 0
    with tempfile.TemporaryDirectory() as folder:
        around = _environment(connection, client, Path(folder))
        for script in sorted([*_scripts(findings / "registry"), *_scripts(findings / "peers")]):
            told = _judged(script, around)
            print(f"{script.parent.name}/{script.name}: {told or 'as Azure'}")
            failed += bool(told) and not told.startswith(("skipped", "known"))
    return failed


def _scripts(folder: Path) -> Iterator[Path]:
    """The numbered ones; the others are what they share."""
    return (path for path in folder.glob("[0-9][0-9]_*"))


def _judged(script: Path, around: dict[str, str]) -> str:
    """What is not right about what a script prints; empty: nothing."""
    tool = TOOLS.get(script.name, "")
    if script.name in NEEDS or (tool and not shutil.which(tool)):
        return f"skipped: {NEEDS.get(script.name) or f'{tool} is not installed'}"
    words = [sys.executable if script.suffix == ".py" else "bash", str(script)]
    try:
        ran = subprocess.run(words, env=around, capture_output=True, text=True, timeout=PATIENCE_S, check=False)
    except subprocess.TimeoutExpired:
        return f"no end within {PATIENCE_S} s"
    if script.name in RIGHT:
        return "" if re.fullmatch(RIGHT[script.name], ran.stdout) else f"it printed\n{ran.stdout}{ran.stderr}"
    differs = [line for line in ran.stdout.splitlines() if line.startswith("DIFFERS")]
    if ran.returncode or not re.search("(?m)^(as Azure|DIFFERS)", ran.stdout):
        return f"it ended with {ran.returncode}\n{ran.stdout}{ran.stderr}"
    known = KNOWN.get(script.name, 0)
    if len(differs) != known:
        return "\n".join([f"{len(differs)} lines differ from Azure, and {known} are known to", *differs])
    return f"known: {known} lines differ from Azure" if known else ""


def _environment(connection: Connection, client: httpx.Client, folder: Path) -> dict[str, str]:
    ready = folder / "ready.json"
    ready.write_text(json.dumps(asdict(connection)))
    return {
        "PATH": os.environ["PATH"],
        "HOME": str(folder),
        "PYTHONDONTWRITEBYTECODE": "1",
        "HTTPS_PROXY": connection.proxy,
        "https_proxy": connection.proxy,
        "NO_PROXY": "localhost,127.0.0.1",
        "no_proxy": "localhost,127.0.0.1",
        "SSL_CERT_FILE": connection.ca,
        "CURL_CA_BUNDLE": connection.ca,
        "ACRLAB_ARM": connection.arm,
        "AZURE_SUBSCRIPTION_ID": connection.subscription,
        "AZURE_TENANT_ID": connection.tenant,
        "AZURE_CLIENT_ID": connection.client_id,
        "AZURE_CLIENT_SECRET": connection.client_secret,
        "READY": str(ready),
        "S": f"{REGISTRY}.azurecr.io",
        "U": REGISTRY,
        "P": _registry_password(connection, client),
    }


def _registry_password(connection: Connection, client: httpx.Client) -> str:
    """Make the registry that the scripts ask, with an admin user."""
    group = f"/subscriptions/{connection.subscription}/resourceGroups/myResourceGroup"
    _put(client, group, "2022-09-01", {"location": "westus"})
    registry = f"{group}/providers/Microsoft.ContainerRegistry/registries/{REGISTRY}"
    body = {"location": "westus", "sku": {"name": "Premium"}, "properties": {"adminUserEnabled": True}}
    _put(client, registry, "2023-07-01", body)
    found = client.post(f"{registry}/listCredentials", params={"api-version": "2023-07-01"}).raise_for_status()
    return str(found.json()["passwords"][0]["value"])


def _put(client: httpx.Client, path: str, version: str, body: dict[str, Any]) -> None:
    client.put(path, params={"api-version": version}, json=body).raise_for_status()
