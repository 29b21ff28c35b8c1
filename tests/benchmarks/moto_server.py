"""moto's server, an emulated AWS, where it is installed: a virtual private cloud and a repository stand for a network
and a registry.

It is asked without TLS, and over a new connection each time: it hangs up after every answer.
"""

from __future__ import annotations

import itertools
import os
import shutil
import subprocess
from collections.abc import Callable, Iterator, Mapping, Sequence
from contextlib import contextmanager
from pathlib import Path
from typing import Any
from urllib.parse import urlencode

from tests.benchmarks.line import Line, written
from tests.benchmarks.ports import await_server, free_port

__all__ = ["moto"]

SCOPE = "AWS4-HMAC-SHA256 Credential=x/20260101/us-east-1/{service}/aws4_request, SignedHeaders=host, Signature=x"
Call = Callable[[], object]


@contextmanager
def moto(names: Sequence[str]) -> Iterator[Mapping[str, Call]]:
    """Serve for a while. `names`: of reading and making a network, reading and making a registry. Gives nothing where
    no `moto_server` is on the PATH nor named by ACRLAB_MOTO."""
    program = os.environ.get("ACRLAB_MOTO") or shutil.which("moto_server")
    if not program or not Path(program).exists():
        yield {}
        return
    port = free_port()
    quiet = {"stdout": subprocess.DEVNULL, "stderr": subprocess.DEVNULL}
    server = subprocess.Popen([program, "-H", "127.0.0.1", "-p", str(port)], **quiet)
    try:
        await_server(port, "moto_server")
        line = Line(f"http://127.0.0.1:{port}")
        yield dict(zip(names, _calls(line, f"http://127.0.0.1:{port}/"), strict=True))
    finally:
        server.terminate()
        server.wait()


def _calls(line: Line, address: str) -> tuple[Call, ...]:
    def network(**fields: str) -> bytes:
        headers = {"Content-Type": "application/x-www-form-urlencoded; charset=utf-8"}
        headers["Authorization"] = SCOPE.format(service="ec2")
        return written("POST", address, headers, urlencode({"Version": "2016-11-15", **fields}).encode())

    def registry(action: str, **fields: Any) -> bytes:
        headers = {"X-Amz-Target": f"AmazonEC2ContainerRegistry_V20150921.{action}"}
        headers |= {"Content-Type": "application/x-amz-json-1.1", "Authorization": SCOPE.format(service="ecr")}
        return written("POST", address, headers, fields)

    turn = itertools.count()
    make_network = network(Action="CreateVpc", CidrBlock="10.0.0.0/16")
    made = line.ask(make_network).decode()
    line.ask(registry("CreateRepository", repositoryName="known"))
    known = {"VpcId.1": made.partition("<vpcId>")[2].partition("<")[0]}
    read_network = network(Action="DescribeVpcs", **known)
    read_registry = registry("DescribeRepositories", repositoryNames=["known"])
    return (
        lambda: line.ask(read_network),
        lambda: line.ask(make_network),
        lambda: line.ask(read_registry),
        lambda: line.ask(registry("CreateRepository", repositoryName=f"new{next(turn)}")),
    )
