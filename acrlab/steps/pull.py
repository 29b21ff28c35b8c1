"""The image in the registry, and the proof that a pull works: from the VM, and from this computer."""

from __future__ import annotations

import hashlib
import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any

from acrlab.azure.cloud import PUBLIC
from acrlab.errors import ConfigurationError, RefusedError
from acrlab.lab.azure_errors import Refusal, asking, required
from acrlab.lab.lab import Lab
from acrlab.lab.memory import SEEN_AS, kept, put, sample_image
from acrlab.lab.waiting import look_until
from acrlab.steps.private_link import endpoint_addresses, has_records
from acrlab.steps.public_access import when_let_in, when_refused
from acrlab.steps.run_command import FLUSH, Outcome, resolve, run_on_vm, vm_rights

PLATFORM = ("linux", "amd64")
GREETING = "hello-world:latest"  # what chapter 02 runs; it may share the sample image's layers
# What `docker` and `az acr login` say of a name without an address; the latter of other troubles, too.
NO_NAME = ("no such host", "Could not connect to the registry login server")
# What `az login` and `az acr login` say to an identity that may do nothing; the first began otherwise in older CLIs.
NO_RIGHT = ("hence no subscriptions were found", "CONNECTIVITY_REFRESH_TOKEN_ERROR")
TOO_MANY = re.compile("too ?many ?requests", re.IGNORECASE)  # neither the CLI nor docker comes again by itself


@dataclass(frozen=True)
class Tag:
    """A tag in the registry, and the digest that it points at."""

    repository: str
    name: str
    digest: str


@dataclass(frozen=True)
class Pull:
    """An image that arrived whole.

    Attributes:
        image: what was pulled, with the registry's name.
        digest: of its manifest; the same image has the same one everywhere.
        layers: how many layers travelled.
    """

    image: str
    digest: str
    layers: int

    def __repr__(self) -> str:
        noun = "layer" if self.layers == 1 else "layers"
        return f"pulled {self.image}\ndigest {self.digest}\n{self.layers} {noun} travelled"


def tags(lab: Lab) -> tuple[Tag, ...]:
    """List the tags of the sample image's repository, from this computer. Raises: RefusedError."""
    repository = sample_image(lab).partition(":")[0]

    def ask() -> tuple[Tag, ...]:
        with asking("Listing tags", lab.registry_id):
            return tuple(Tag(repository, t.name, t.digest) for t in lab.content.list_tag_properties(repository))

    return when_let_in(lab, ask)


def pull_from_here(lab: Lab) -> Pull:
    """Pull the sample image to this computer: manifest and every layer, each checked by its digest.

    Of an image for several platforms, that for Linux on amd64 comes, or else the first. Waits for rules of the registry
    that let this computer in and do not count yet.

    Raises:
        RefusedError: the registry, or the network in between, says no.
        NotReadyError: its rules let this computer in, and it does not after ten minutes.
    """
    return when_let_in(lab, lambda: _pull(lab))


def _pull(lab: Lab) -> Pull:
    repository, _, tag = sample_image(lab).partition(":")
    with asking("Pulling", lab.registry_id):
        found = lab.content.get_manifest(repository, tag)
        layers = _layers(lab, repository, required(found.manifest, f"manifest in {repository}"))
        for digest in layers:
            _check(digest, b"".join(lab.content.download_blob(repository, digest)))
    digest = required(found.digest, f"digest of the manifest in {repository}")
    return Pull(f"{lab.login_server}/{sample_image(lab)}", digest, len(layers))


def _layers(lab: Lab, repository: str, manifest: Mapping[str, Any]) -> list[str]:
    """Digests of what a manifest is made of; of an index, of the image in it that a pull on the VM would take."""
    if images := manifest.get("manifests"):
        chosen = next((one for one in images if _platform(one) == PLATFORM), images[0])
        inner = lab.content.get_manifest(repository, chosen["digest"]).manifest
        return _layers(lab, repository, required(inner, f"manifest in {repository}"))
    return [part["digest"] for part in manifest.get("layers") or []]


def _platform(listed: dict[str, Any]) -> tuple[Any, Any]:
    platform = listed.get("platform") or {}
    return platform.get("os"), platform.get("architecture")


def refusal_from_here(lab: Lab) -> Refusal:
    """Try to pull to this computer, and return how that is refused. Waits for rules that refuse and do not count yet.

    Raises:
        RefusedError: it was not refused; the registry is open to this computer.
        NotReadyError: its rules refuse everybody, and it does not after ten minutes.
    """
    seen = when_refused(lab, lambda: _pull(lab))
    if isinstance(seen, RefusedError):
        return _refusal(lab, seen)
    message = f"Expected a refusal, but the pull worked ({seen.digest}): the registry is open to this computer."
    raise RefusedError(message, status=200, code="NotRefused", resource_id=lab.registry_id)


def try_from_here(lab: Lab) -> Pull | Refusal:
    """Try to pull to this computer, and return what comes of it. Waits for what the registry is set to, either way.

    Raises: NotReadyError: it is set to let this computer in, or to refuse everybody, and does not after ten minutes.
    """
    seen = when_refused(lab, lambda: pull_from_here(lab))
    return _refusal(lab, seen) if isinstance(seen, RefusedError) else seen


def seen_as(lab: Lab) -> str:
    """Read this computer's address as the registry last named it, in a refusal: once let in, nothing tells it.

    Raises: ConfigurationError: the registry has not refused this computer yet.
    """
    address = kept(lab, SEEN_AS)
    if address is None:
        name = lab.settings.registry_name
        message = (
            f"{name} has not refused this computer yet, so its address is not known. Call refusal_from_here first."
        )
        raise ConfigurationError("registry_name", message)
    return str(address)


def _refusal(lab: Lab, seen: RefusedError) -> Refusal:
    words = re.search(r"Azure answered \d+ \w+: (.*?)(?: The registry refuses| *$)", str(seen))
    refusal = Refusal(seen.status, seen.code, words[1] if words else str(seen))
    if refusal.address:
        put(lab, SEEN_AS, refusal.address)
    return refusal


def login_and_pull(lab: Lab) -> Pull:
    """Sign in on the VM with its own identity, and pull the sample image there.

    Copies that are on the VM already go first, so that every layer has to travel.

    A right that was just given may not count yet, a record may not be seen, and a registry may ask to come again: then
    this waits.

    Raises:
        RefusedError: a command on the VM failed; its output is in the message.
        NotReadyError: the VM has the right to pull, and it does not count after ten minutes; or the zone has its
            records, and the VM is not told them after ten minutes.
    """
    settings = lab.settings
    image, outcome = _image(lab), try_on_vm(lab)
    if outcome.exit_code:
        message = f"Pulling {image} on {settings.vm_name} failed with exit code {outcome.exit_code}:\n{outcome!r}"
        code = f"ExitCode{outcome.exit_code}"
        raise RefusedError(message, status=0, code=code, resource_id=lab.registry_id)
    digest = re.search(r"^Digest: (sha256:[0-9a-f]{64})$", outcome.stdout, re.MULTILINE)
    if digest is None:
        message = f"docker pull on {settings.vm_name} reported no digest:\n{outcome!r}"
        raise RefusedError(message, status=0, code="NoDigest", resource_id=lab.registry_id)
    layers = len(re.findall(r"^[0-9a-f]{12}: Pull complete$", outcome.stdout, re.MULTILINE))
    return Pull(image, digest[1], layers)


def try_on_vm(lab: Lab) -> Outcome:
    """Sign in and pull on the VM as `login_and_pull` does, and return what the commands said, however it went.

    Raises: RefusedError: the VM can't be reached. NotReadyError: as `login_and_pull`.
    """
    outcome = _pulled_with_its_right(lab, _image(lab))
    if outcome.exit_code and _names_were_late(lab, outcome):
        outcome = _pulled_with_its_right(lab, _image(lab))
    return outcome


def _image(lab: Lab) -> str:
    return f"{lab.login_server}/{sample_image(lab)}"


def _pulled_with_its_right(lab: Lab, image: str) -> Outcome:
    return look_until(
        lambda outcome: not (outcome.exit_code and _is_too_early(lab, outcome)),
        lambda: _pulled(lab, image),
        what=f"The right of {lab.settings.vm_name} to pull takes effect",
        resource_id=lab.registry_id,
        pause=lab.backend.pause,
        told=repr,
    )


def _names_were_late(lab: Lab, outcome: Outcome) -> bool:
    """Wait until the VM is told what the zone says of the registry's names; False: names are not what is wrong."""
    if not has_records(lab):
        return False
    wanted = endpoint_addresses(lab)
    told = {name: resolve(lab, name) for name in wanted}
    if any(answer.status == "SERVFAIL" for answer in told.values()):
        return False
    older = [name for name, address in wanted.items() if address not in told[name].addresses]
    for name in older:
        resolve(lab, name, until=wanted[name])
    return bool(older) or any(text in outcome.stderr for text in NO_NAME)


def _pulled(lab: Lab, image: str) -> Outcome:
    return run_on_vm(
        lab,
        FLUSH,
        f"docker rmi --force {image} {GREETING} > /dev/null 2>&1 || true",
        *signing_in(lab),
        f"docker pull {image}",
        check=False,
    )


def signing_in(lab: Lab, more: str = "") -> list[str]:
    """Write the commands that sign the VM in as itself, at Azure and then at the registry.

    It may pull and not read the registry: the hash in a login server has to be told.

    Args:
        more: options of the last command.
    """
    cloud, name = lab.settings.cloud, lab.settings.registry_name
    chosen = [] if cloud is PUBLIC else [f"az cloud set --name {cloud.name}"]
    hash = lab.login_server.partition(".")[0].partition("-")[2]
    return [
        *chosen,
        "az login --identity > /dev/null",
        f"az acr login --name {name}" + (f" --suffix {hash}" if hash else "") + (f" {more}" if more else ""),
    ]


def _is_too_early(lab: Lab, outcome: Outcome) -> bool:
    """Whether the VM was turned away at a login though it has the right to pull, or asked to come again later."""
    if TOO_MANY.search(outcome.stderr):
        return True
    return any(text in outcome.stderr for text in NO_RIGHT) and "AcrPull" in vm_rights(lab)


def _check(digest: str, content: bytes) -> None:
    found = f"sha256:{hashlib.sha256(content).hexdigest()}"
    if found != digest:
        message = f"A layer arrived damaged: expected {digest}, got {found}. Pull again."
        raise RefusedError(message, status=0, code="DigestMismatch", resource_id=digest)
