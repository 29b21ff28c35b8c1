"""Who is signed in to the Azure CLI, and tokens for that identity."""

from __future__ import annotations

import json
import posixpath
from collections.abc import Mapping
from urllib.parse import urlencode

from acrlab.emulator.core import json_depth
from acrlab.emulator.core.http import JSON, Unreachable
from acrlab.emulator.network.routing import METADATA_ADDRESS
from acrlab.emulator.shell.disk import NoFile
from acrlab.emulator.shell.process import Process

NOT_SIGNED_IN = "Please run 'az login' to setup account."
SIGN_IN_YOURSELF = (
    "Run the command below to authenticate interactively; additional arguments may be added as needed:\naz login"
)
NO_IDENTITY = "Failed to connect to MSI. Please make sure MSI is configured correctly."

# how the profile remembers which identity is signed in -> how the metadata service is asked for it
NAMED_BY = {"MSIClient": "client_id", "MSIObject": "object_id", "MSIResource": "msi_res_id"}


class AzProblem(Exception):
    """What the CLI ends with, behind `ERROR:`. `status`: its exit code."""

    def __init__(self, message: str, status: int = 1) -> None:
        super().__init__(message)
        self.status = status


class Profile:
    """`~/.azure/azureProfile.json` of the user who runs the CLI."""

    def __init__(self, process: Process) -> None:
        self._vm, self._disk = process.vm, process.disk
        self._path = posixpath.join(process.shell.variable("HOME") or "/root", ".azure/azureProfile.json")

    @property
    def account(self) -> JSON | None:
        """The subscription that is in use; None: no one is signed in."""
        try:
            accounts = json_depth.loads(self._disk.text(self._path))["subscriptions"]
            return next((a for a in accounts if a["isDefault"]), None)
        except (NoFile, ValueError, KeyError, TypeError):
            return None

    def keep(self, accounts: list[JSON]) -> None:
        self._disk.make_folder(posixpath.dirname(self._path))
        self._disk.write(self._path, json.dumps({"subscriptions": accounts}))

    def forget(self) -> bool:
        """Sign out; False: no one was signed in."""
        signed_in = self.account is not None
        self._disk.remove(self._path)
        return signed_in

    def _signed_in(self) -> dict[str, str]:
        kind, _, id = str((self.account or {}).get("user", {}).get("assignedIdentityInfo", "")).partition("-")
        return {NAMED_BY[kind]: id} if kind in NAMED_BY else {}

    def token(self, audience: str, identity: Mapping[str, str] | None = None) -> str:
        """Fetch a token of one of the VM's identities.

        Args:
            identity: how the metadata service is told which one; None: the one that is signed in.

        Raises: AzProblem: it has none, or not that one.
        """
        named = self._signed_in() if identity is None else identity
        query = urlencode({"resource": audience, "api-version": "2018-02-01", **named})
        url = f"http://{METADATA_ADDRESS}/metadata/identity/oauth2/token?{query}"
        try:
            answer = self._vm.fetch("GET", url, {"Metadata": "true"})
        except Unreachable as problem:
            raise AzProblem(f"{NO_IDENTITY}\nGet Token request returned: {problem.reason}") from problem
        if answer.status != 200:
            detail = json.loads(answer.raw).get("error_description", "")
            raise AzProblem(f"{detail}\n{SIGN_IN_YOURSELF}")
        return str(json.loads(answer.raw)["access_token"])
