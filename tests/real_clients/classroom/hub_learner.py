"""A learner of a hub without a browser: signs in with a form, starts her server, runs cells through its websocket."""

from __future__ import annotations

import asyncio
import json
import time
import uuid
from pathlib import Path
from typing import Any

import httpx
from tornado.httpclient import HTTPRequest
from tornado.websocket import websocket_connect

LONGEST_S = 240  # of what happens at once where nothing else is to do


class HubLearner:
    """A person with a name and a code."""

    def __init__(self, url: str, name: str, code: str) -> None:
        self.url, self.name = url, name
        self.http = httpx.Client(base_url=url, timeout=LONGEST_S, follow_redirects=True)
        self.http.get("/hub/login")
        form = {"username": name, "password": code, "_xsrf": self._cookie("_xsrf", "/hub/")}
        self.signed_in = self.http.post("/hub/login", data=form, follow_redirects=False).status_code == 302

    def close(self) -> None:
        self.http.close()

    def start(self) -> None:
        """Have a server, and be signed in to it."""
        self.http.get("/hub/spawn")
        until = time.monotonic() + LONGEST_S
        while True:
            self.http.get(f"/user/{self.name}/lab")  # only a page signs in
            answer = self.http.get(f"/user/{self.name}/api/status")
            if answer.is_success and "kernels" in answer.text and "json" in answer.headers["content-type"]:
                return
            assert time.monotonic() < until, f"{self.name} has no server: {answer.status_code} {answer.text[:300]}"
            time.sleep(0.3)

    def status(self, path: str, method: str = "GET") -> int:
        """Ask as a script in a page would. Returns: the status that it ends in."""
        return self.http.request(method, path, headers=self._headers()).status_code

    def kernel(self, chapter: str = "") -> str:
        """Start a kernel, as for a notebook. Returns: its id."""
        content = {"name": "python3", "path": chapter}
        answer = self.http.post(f"/user/{self.name}/api/kernels", json=content, headers=self._headers())
        answer.raise_for_status()
        return str(answer.json()["id"])

    def end_kernel(self, kernel: str) -> None:
        self.http.delete(f"/user/{self.name}/api/kernels/{kernel}", headers=self._headers()).raise_for_status()

    def run(self, kernel: str, *cells: str) -> str:
        """Run cells in a kernel, one after the other. Returns: what they print; of one that fails, the error, last."""
        return asyncio.run(self._run(kernel, cells))

    def run_chapter(self, path: Path) -> str:
        """Run all cells of a chapter in a kernel of its own. Returns: the error of the one that fails; empty: none."""
        cells = [
            "".join(cell["source"])
            for cell in json.loads(path.read_text("utf-8"))["cells"]
            if cell["cell_type"] == "code"
        ]
        kernel = self.kernel(path.name)
        said = self.run(kernel, *cells, "print('ran to the end')")
        self.end_kernel(kernel)
        return "" if said.endswith("ran to the end\n") else said[-600:]

    async def _run(self, kernel: str, cells: tuple[str, ...]) -> str:
        url = f"{self.url.replace('http', 'ws', 1)}/user/{self.name}/api/kernels/{kernel}/channels"
        cookies = "; ".join(f"{one.name}={one.value}" for one in self.http.cookies.jar if self._is_mine(one.path))
        headers = {**self._headers(), "Cookie": cookies, "Origin": self.url}
        socket = await websocket_connect(HTTPRequest(url, headers=headers, request_timeout=LONGEST_S))
        try:
            said = ""
            for cell in cells:
                text, failed = await asyncio.wait_for(self._cell(socket, cell), LONGEST_S)
                said += text
                if failed:
                    break
            return said
        finally:
            socket.close()
            while await socket.read_message() is not None:  # until the other side has closed it, too
                continue

    async def _cell(self, socket: Any, source: str) -> tuple[str, bool]:
        me, said, failed = uuid.uuid4().hex, "", False
        header = {"msg_id": me, "msg_type": "execute_request", "username": "", "session": me, "version": "5.3"}
        content = {"code": source, "silent": False, "store_history": True, "allow_stdin": False}
        message = {"header": header, "parent_header": {}, "metadata": {}, "channel": "shell", "content": content}
        await socket.write_message(json.dumps(message))
        while True:
            read = await socket.read_message()
            assert read is not None, f"{self.name}'s kernel was cut off"
            told = json.loads(read)
            kind, content = told["header"]["msg_type"], told["content"]
            if told["parent_header"].get("msg_id") != me:
                continue
            if kind == "stream" and content["name"] == "stdout":  # type: ignore[comparison-overlap]
                said += str(content["text"])
            elif kind == "error":
                said, failed = f"{said}{content['ename']}: {content['evalue']}", True
            elif kind == "status" and content["execution_state"] == "idle":  # type: ignore[comparison-overlap]
                return said, failed

    def _headers(self) -> dict[str, str]:
        return {"X-XSRFToken": self._cookie("_xsrf", f"/user/{self.name}/")}

    def _cookie(self, name: str, path: str) -> str:
        return next((one.value or "" for one in self.http.cookies.jar if (one.name, one.path) == (name, path)), "")

    def _is_mine(self, path: str) -> bool:
        return path in ("/", f"/user/{self.name}/")
