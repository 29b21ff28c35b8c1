"""The site as a class serves it: its files below the hub's address, and a first page on which learners can join.

`python -m acrlab.classroom.hub.site FOLDER` serves it where the hub has set its variables.
"""

from __future__ import annotations

import json
import os
import runpy
import sys
import threading
from functools import partial
from http.server import ThreadingHTTPServer
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit

from acrlab.classroom.hub.room import BOARD
from acrlab.errors import ConfigurationError
from acrlab.site.serving import SERVER, require_own

ALONE = '<script id="class" type="application/json">null</script>'  # in the page of a site that is in no class


class _Server(ThreadingHTTPServer):
    request_queue_size = 128  # a whole class opens it at once


def require(folder: Path) -> None:
    """Raise ConfigurationError where the folder is not a site, or one that another acrlab made."""
    require_own(folder, "--site")
    first = folder / "index.html"
    if not first.is_file() or ALONE not in first.read_text("utf-8"):
        message = f"{folder} is a site whose first page knows of no class. Make it again: acrlab site --out {folder}"
        raise ConfigurationError("--site", message)


def server(folder: Path, address: tuple[str, int], prefix: str, told: dict[str, str]) -> ThreadingHTTPServer:
    """Make the server.

    Args:
        prefix: of all addresses, such as /services/site/.
        told: what the first page has to know of the class: `api` and `hub`, as paths.

    Raises: ConfigurationError: the folder is not a site of this acrlab. OSError: the address is taken.
    """
    require(folder)
    own = runpy.run_path(str(SERVER))
    page = (folder / "index.html").read_text("utf-8").replace(ALONE, ALONE.replace("null", json.dumps(told)))
    made = _Server(address, partial(_handler(own["Handler"], prefix, page.encode()), directory=str(folder)))
    threading.Thread(target=_compress, args=(folder, own), daemon=True).start()
    return made


def _handler(base: Any, prefix: str, page: bytes) -> Any:
    class Handler(base):  # type: ignore[misc]  # of a script that runs without acrlab
        def do_GET(self) -> None:
            path = self.path.partition("?")[0]
            if not path.startswith(prefix):
                self.send_error(404)
            elif path in (prefix, f"{prefix}index.html"):
                self.send_response(200)
                self.send_header("Content-Type", "text/html; charset=utf-8")
                self.send_header("Content-Length", str(len(page)))
                self.send_header("Cache-Control", "no-cache")
                self.end_headers()
                self.wfile.write(page)
            else:
                super().do_GET()

        def translate_path(self, path: str) -> str:
            return str(super().translate_path("/" + path.removeprefix(prefix)))

        def end_headers(self) -> None:
            self.send_header("X-Content-Type-Options", "nosniff")
            super().end_headers()

    return Handler


def _compress(folder: Path, own: dict[str, Any]) -> None:
    """Compress every file before it is asked for: it takes seconds, which a class would wait for together."""
    for path in folder.rglob("*"):
        if path.suffix in own["PACKED"] and path.is_file():
            own["compressed"](path, path.stat().st_mtime_ns)


def main(folder: str) -> None:
    """Serve until the hub ends it; what is refused is one line, and exit code 2."""
    where, prefix = urlsplit(os.environ["JUPYTERHUB_SERVICE_URL"]), os.environ["JUPYTERHUB_SERVICE_PREFIX"]
    told = {"api": f"/services/{BOARD}/api/", "hub": "/hub/login"}
    try:
        made = server(Path(folder), (where.hostname or "127.0.0.1", where.port or 80), prefix, told)
    except (OSError, ConfigurationError) as problem:
        sys.stderr.write(f"site: {' '.join(str(problem).split())}\n")
        raise SystemExit(2) from None
    made.serve_forever()


if __name__ == "__main__":
    main(sys.argv[1])
