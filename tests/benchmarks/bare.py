"""The least that a server of this kind can do: routes on the same server that answer the bytes they were given.

`python -m tests.benchmarks.bare FOLDER`: FOLDER/answers.json lists `method`, `status`, `headers` and `body` for the
paths /0, /1 and so on; FOLDER/ready.json tells clients where they are.
"""

from __future__ import annotations

import json
import os
import sys
from pathlib import Path
from typing import Any

from starlette.applications import Starlette
from starlette.requests import Request
from starlette.responses import Response
from starlette.routing import Route

from acrlab.emulator.azure import EmulatedAzure
from acrlab.emulator.server.server import Server
from acrlab.serving.processes import began


def main(folder: Path) -> None:
    answers = json.loads((folder / "answers.json").read_text("utf-8"))
    azure = EmulatedAzure()
    server = Server(azure, folder=folder / "tls", files=[folder / "ready.json"], begun=began(os.getpid()))
    server.config.app = Starlette(routes=[_route(f"/{number}", answer) for number, answer in enumerate(answers)])
    server.run_until_stopped()
    azure.close()


def _route(path: str, answer: dict[str, Any]) -> Route:
    async def endpoint(request: Request) -> Response:
        await request.body()
        return Response(answer["body"], answer["status"], answer["headers"])

    return Route(path, endpoint, methods=[answer["method"]])


if __name__ == "__main__":
    main(Path(sys.argv[1]))
