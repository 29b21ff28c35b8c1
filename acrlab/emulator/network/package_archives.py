"""The package archives of Ubuntu 22.04 and of Microsoft, as far as the lab's VM needs them, and their indexes;
and what the Azure CLI's own site holds: its installer, and its short names of images.

What a package brings is the VM's business; an archive only knows its name, version, size and what it depends on.
The files that it serves stand for packages: each is a line that names it.
"""

from __future__ import annotations

import json
from dataclasses import dataclass

from acrlab.emulator.arm.cloud_metadata import aliases
from acrlab.emulator.core.http import Request, Response

UBUNTU, MICROSOFT = "azure.archive.ubuntu.com", "packages.microsoft.com"
UBUNTU_HOSTS = (UBUNTU, "archive.ubuntu.com", "security.ubuntu.com")
SERIES = "jammy"
CLI_SITE = "azcliprod.blob.core.windows.net"
INSTALLER = "https://azurecliprod.blob.core.windows.net/$root/deb_install.sh"
AZURE_CLI_SOURCE = "/etc/apt/sources.list.d/azure-cli.list"


@dataclass(frozen=True)
class Package:
    """One package of an archive.

    Attributes:
        size, installed: bytes to fetch, bytes on the disk.
        needs: names of packages that it depends on.
    """

    name: str
    version: str
    size: int
    installed: int
    needs: tuple[str, ...] = ()

    @property
    def file(self) -> str:
        return f"pool/main/{self.name[0]}/{self.name}/{self.name}_{self.version}_amd64.deb"

    def described(self) -> str:
        """Return the package's paragraph in an index. Source: deb-control(5)"""
        needs = f"Depends: {', '.join(self.needs)}\n" if self.needs else ""
        return (
            f"Package: {self.name}\nVersion: {self.version}\nArchitecture: amd64\n{needs}"
            f"Installed-Size: {self.installed // 1024}\nSize: {self.size}\nFilename: {self.file}\n"
        )

    @classmethod
    def read(cls, paragraph: str) -> Package:
        fields = dict(line.split(": ", 1) for line in paragraph.strip().splitlines())
        needs = tuple(n.strip() for n in fields.get("Depends", "").split(",") if n.strip())
        size, installed = int(fields["Size"]), int(fields["Installed-Size"]) * 1024
        return cls(fields["Package"], fields["Version"], size, installed, needs)


def answer(request: Request) -> Response:
    """Answer a request to one of the archives, or to the short link of the Azure CLI's installer."""
    if request.method not in ("GET", "HEAD"):
        return _text(405, "Method Not Allowed")
    if request.host == "aka.ms":
        target = INSTALLER if request.path.lower() == "/installazureclideb" else "https://www.bing.com/"
        return Response(301, None, {"Location": target})
    found = _served(request.host).get(request.path)
    return _text(200, found) if found is not None else _text(404, f"{request.path} not found")


def _served(host: str) -> dict[str, str]:
    if host in UBUNTU_HOSTS:
        return _archive("/ubuntu", SERIES, IN_UBUNTU)
    if host == MICROSOFT:
        return {**_archive("/repos/azure-cli", SERIES, IN_MICROSOFT), "/keys/microsoft.asc": KEY}
    if host == CLI_SITE:
        return {"/cli/vm/aliases.json": json.dumps(aliases())}
    return {"/$root/deb_install.sh": SCRIPT}


def _archive(root: str, series: str, packages: tuple[Package, ...]) -> dict[str, str]:
    index = "\n".join(p.described() for p in packages)
    files = {f"{root}/{p.file}": f"{p.name} {p.version}\n" for p in packages}
    release = f"Suite: {series}\nArchitectures: amd64\nComponents: main\n"
    return {
        f"{root}/dists/{series}/InRelease": release,
        f"{root}/dists/{series}/main/binary-amd64/Packages": index,
        **files,
    }


def _text(status: int, text: str) -> Response:
    body = text.encode()
    return Response(status, body, {"Content-Type": "text/plain", "Content-Length": str(len(body))})


IN_UBUNTU = (
    Package("apt-transport-https", "2.4.13", 1510, 169984),
    Package("bind9-dnsutils", "1:9.18.30-0ubuntu0.22.04.2", 158208, 520192),
    Package("ca-certificates", "20240203~22.04.1", 162816, 398336),
    Package("containerd", "1.7.24-0ubuntu1~22.04.2", 37644288, 143654912),
    Package("curl", "7.81.0-1ubuntu1.20", 194560, 454656),
    Package("dnsmasq", "2.90-0ubuntu0.22.04.1", 18176, 108544, ("dnsmasq-base",)),
    Package("dnsmasq-base", "2.90-0ubuntu0.22.04.1", 374784, 956416),
    Package("dnsutils", "1:9.18.30-0ubuntu0.22.04.2", 3924, 15360, ("bind9-dnsutils",)),
    Package("docker.io", "26.1.3-0ubuntu1~22.04.1", 32457728, 122880000, ("containerd", "runc")),
    Package("gnupg", "2.2.27-3ubuntu2.3", 315392, 527360),
    Package("lsb-release", "11.1.0ubuntu4", 10240, 76800),
    Package("runc", "1.1.12-0ubuntu2~22.04.1", 8405000, 29388800),
)
IN_MICROSOFT = (Package("azure-cli", "2.91.0-1~jammy", 52428800, 615514112),)
KEY = (
    "-----BEGIN PGP PUBLIC KEY BLOCK-----\n\n(the emulated archive signs nothing)\n-----END PGP PUBLIC KEY BLOCK-----\n"
)
SCRIPT = f"""#!/usr/bin/env bash
# Adds Microsoft's package archive and installs the Azure CLI from it.
set -e
apt-get update
apt-get install -y apt-transport-https lsb-release gnupg curl
mkdir -p /etc/apt/keyrings
curl -sLS https://{MICROSOFT}/keys/microsoft.asc -o /etc/apt/keyrings/microsoft.gpg
CLI_REPO=$(lsb_release -cs)
KEY=/etc/apt/keyrings/microsoft.gpg
echo "deb [arch=amd64 signed-by=$KEY] https://{MICROSOFT}/repos/azure-cli/ $CLI_REPO main" \\
    > {AZURE_CLI_SOURCE}
apt-get update
apt-get install -y azure-cli
"""
