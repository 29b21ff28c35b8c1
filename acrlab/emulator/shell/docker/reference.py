"""Names of images. Source: https://github.com/distribution/reference"""

from __future__ import annotations

import re
from dataclasses import dataclass, replace

HUB, HUB_HOST = "docker.io", "registry-1.docker.io"
_PATH = r"[a-z0-9]+(?:(?:\.|_|__|-+)[a-z0-9]+)*"
_REFERENCE = re.compile(
    rf"(?:(?P<domain>(?:[A-Za-z0-9-]+\.)+[A-Za-z0-9-]+(?::\d+)?|localhost(?::\d+)?|[A-Za-z0-9-]+:\d+)/)?"
    rf"(?P<path>{_PATH}(?:/{_PATH})*)(?::(?P<tag>\w[\w.-]{{0,127}}))?(?:@(?P<digest>sha256:[0-9a-f]{{64}}))?"
)


@dataclass(frozen=True)
class Reference:
    """Registry, repository, and tag or digest."""

    domain: str
    path: str
    tag: str = ""
    digest: str = ""

    @classmethod
    def parse(cls, text: str) -> Reference | None:
        """Read an image's name; None: it is not one."""
        match = _REFERENCE.fullmatch(text)
        if match is None:
            return None
        domain, path = match["domain"] or HUB, match["path"]
        if domain in ("index.docker.io", HUB):
            domain, path = HUB, path if "/" in path else f"library/{path}"
        return cls(domain, path, match["tag"] or "", match["digest"] or "")

    def tagged(self) -> Reference:
        """Return it with the tag that is meant when none is given."""
        return self if self.tag or self.digest else replace(self, tag="latest")

    @property
    def host(self) -> str:
        """The host that serves it."""
        return HUB_HOST if self.domain == HUB else self.domain

    @property
    def repository(self) -> str:
        """The name without tag, in the short form that people read."""
        if self.domain == HUB:
            return self.path.removeprefix("library/")
        return f"{self.domain}/{self.path}"

    @property
    def wanted(self) -> str:
        """What to ask the registry for: the digest where there is one."""
        return self.digest or self.tag

    def __str__(self) -> str:
        tag, digest = (f":{self.tag}" if self.tag else ""), (f"@{self.digest}" if self.digest else "")
        return f"{self.repository}{tag}{digest}"
