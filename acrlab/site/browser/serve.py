"""A site in this folder for browsers on this computer: python serve.py [PORT]. Needs Python 3.9 or newer alone."""

from __future__ import annotations

import contextlib
import functools
import gzip
import http.server
import pathlib
import sys

TYPES = {".mjs": "text/javascript", ".js": "text/javascript", ".wasm": "application/wasm", ".json": "application/json"}
PACKED = {*TYPES, ".html", ".css", ".svg", ".ipynb", ".txt"}


class Handler(http.server.SimpleHTTPRequestHandler):
    """Sends the folder's files with the types that a browser insists on, compressed where it takes that."""

    extensions_map = {**http.server.SimpleHTTPRequestHandler.extensions_map, **TYPES, ".ipynb": "application/json"}
    protocol_version = "HTTP/1.1"

    def log_message(self, *_: object) -> None:
        """Say nothing about what goes well."""

    def do_GET(self) -> None:
        path = pathlib.Path(self.translate_path(self.path))
        fresh = "If-Modified-Since" in self.headers
        if (
            fresh
            or path.suffix not in PACKED
            or "gzip" not in self.headers.get("Accept-Encoding", "")
            or not path.is_file()
        ):
            super().do_GET()
            return
        body = compressed(path, path.stat().st_mtime_ns)
        self.send_response(200)
        self.send_header("Content-Type", self.guess_type(str(path)))
        self.send_header("Content-Encoding", "gzip")
        self.send_header("Vary", "Accept-Encoding")
        self.send_header("Content-Length", str(len(body)))
        self.send_header("Last-Modified", self.date_time_string(path.stat().st_mtime))
        self.end_headers()
        self.wfile.write(body)


@functools.cache
def compressed(path: pathlib.Path, changed: int) -> bytes:
    """Compress a file once, and again when it has changed."""
    return gzip.compress(path.read_bytes(), 6)


def server(folder: pathlib.Path, port: int = 0, address: str = "127.0.0.1") -> http.server.ThreadingHTTPServer:
    """Make the server; port 0 takes a free one."""
    return http.server.ThreadingHTTPServer((address, port), functools.partial(Handler, directory=str(folder)))


if __name__ == "__main__":
    made = server(pathlib.Path(__file__).resolve().parent, int(sys.argv[1]) if len(sys.argv) > 1 else 8000)
    print(f"http://127.0.0.1:{made.server_port}/  (Ctrl-C ends it)", flush=True)  # noqa: T201
    with contextlib.suppress(KeyboardInterrupt):
        made.serve_forever()
