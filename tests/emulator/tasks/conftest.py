"""One emulated Azure with a registry that has an image, and a way to let it build, by the SDK's own clients."""

from __future__ import annotations

import io
import tarfile
from typing import Any

import pytest
from azure.core import PipelineClient
from azure.core.rest import HttpRequest
from azure.mgmt.containerregistrytasks import ContainerRegistryTasksMgmtClient

from tests.emulator.types.conftest import Cloud
from tests.sdk import client

FILE = "FROM contoso.azurecr.io/hello-world:v1\nLABEL team=blue\nCOPY note.txt /note.txt\n"
LINUX = {"os": "linux", "architecture": "amd64"}


def packed(files: dict[str, str]) -> bytes:
    buffer = io.BytesIO()
    with tarfile.open(fileobj=buffer, mode="w:gz") as archive:
        for name, text in files.items():
            member = tarfile.TarInfo(name)
            member.size = len(text.encode())
            archive.addfile(member, io.BytesIO(text.encode()))
    return buffer.getvalue()


class Builds:
    """A registry's runs, asked for as clients do."""

    def __init__(self, cloud: Cloud) -> None:
        self.cloud = cloud
        self.client = client(ContainerRegistryTasksMgmtClient, cloud.opened)
        self.http = PipelineClient("", transport=cloud.opened.transport)

    def send(self, method: str, url: str, body: bytes = b"", **headers: str) -> Any:
        return self.http.send_request(HttpRequest(method, url, content=body, headers=headers))

    def upload(self, files: dict[str, str]) -> str:
        place = self.client.registries.get_build_source_upload_url("g", "contoso")
        assert self.send("PUT", place.upload_url, packed(files), **{"x-ms-blob-type": "BlockBlob"}).status_code == 201
        return str(place.relative_path)

    def schedule(self, file: str = FILE, *, images: tuple[str, ...] = ("app:v1",), **more: Any) -> str:
        """Queue a build. Returns: its id."""
        asked = {
            "type": "DockerBuildRequest",
            "imageNames": list(images),
            "isPushEnabled": True,
            "sourceLocation": self.upload({"Dockerfile": file, "note.txt": "hello\n"}),
            "platform": LINUX,
            "dockerFilePath": "Dockerfile",
            **more,
        }
        return str(self.client.registries.schedule_run("g", "contoso", asked).properties.run_id)

    def ended(self, id: str) -> tuple[str, str]:
        """Wait for a run. Returns: its status, and its log."""
        world = self.cloud.world
        world.advance_to(world.now + 60)
        run = self.client.runs.get("g", "contoso", id)
        return run.properties.status, self.log(id)

    def log(self, id: str) -> str:
        link = self.client.runs.get_log_sas_url("g", "contoso", id).log_link
        return str(self.send("GET", link).text())

    def build(self, file: str = FILE, **more: Any) -> tuple[str, str]:
        return self.ended(self.schedule(file, **more))


@pytest.fixture
def builds():
    cloud = Cloud()
    cloud.registry()
    source = {"registryUri": "mcr.microsoft.com", "sourceImage": "hello-world:latest"}
    body = {"source": source, "targetTags": ["hello-world:v1"]}
    cloud.registries.registries.begin_import_image("g", "contoso", body).result()
    yield Builds(cloud)
    cloud.opened.close()
