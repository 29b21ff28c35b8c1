"""`wget`: what a URL leads to, into a file.

Source: GNU Wget 1.21.2, as Ubuntu 22.04 has it, and the exit codes of its manual.
"""

from __future__ import annotations

from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import SplitResult, urljoin, urlsplit

from acrlab.emulator.core.http import Response, Unreachable
from acrlab.emulator.shell.commands.options import Options, refusing, take
from acrlab.emulator.shell.commands.probes import REASONS, why_unknown
from acrlab.emulator.shell.disk import NoFile
from acrlab.emulator.shell.process import Process, programs
from acrlab.emulator.shell.vm import ADDRESS, HTTP, HTTPS

FLAGS = "-q --quiet -nv --no-verbose --spider -S --server-response --no-check-certificate -4"
VALUED = "-O --output-document -T --timeout -t --tries --header"
NETWORK, TLS, REFUSED, SERVER, PARSE, FILE, GENERIC = 4, 5, 6, 8, 2, 3, 1
MOST_REDIRECTS, TRIES = 20, "20"


class WgetProblem(Exception):
    """A transfer that failed, and the exit code for it."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class _Run:
    process: Process
    given: Options

    def say(self, text: str, end: str = "\n") -> None:
        if not self.given.has("-q", "--quiet", "-nv", "--no-verbose"):
            self.process.streams.err.write(text + end)


@refusing
def wget(process: Process) -> int:
    given = take(process.args, FLAGS, VALUED)
    if len(given.words) != 1:
        process.complain("missing URL" if not given.words else "not emulated: more than one URL")
        return PARSE if given.words else GENERIC
    run = _Run(process, given)
    try:
        url = given.words[0] if "://" in given.words[0] else f"http://{given.words[0]}"
        response, url = _follow(run, url)
        return _save(run, response, url)
    except WgetProblem as problem:
        if not given.has("-q", "--quiet"):
            process.warn(str(problem))
        return problem.status


def _follow(run: _Run, url: str) -> tuple[Response, str]:
    for _ in range(MOST_REDIRECTS):
        response = _ask(run, url)
        target = {name.lower(): value for name, value in response.headers.items()}.get("location", "")
        if response.status // 100 != 3 or not target:
            return response, url
        parts = _parsed(f"{url.partition(':')[0]}:{target}" if target.startswith("//") else target)
        url = urljoin(url, parts.geturl())
        run.say(f"Location: {url} [following]")
    raise WgetProblem(SERVER, f"{MOST_REDIRECTS} redirections exceeded.")


def _parsed(url: str) -> SplitResult:
    """Take an address apart. Raises: WgetProblem: it is none, in the words of wget's own parser."""
    rest = url.partition("://")[2].partition("/")[0]
    try:
        parts = urlsplit(url)
    except ValueError as problem:
        kind = "Invalid" if "]" in rest else "Unterminated"
        raise WgetProblem(GENERIC, f"{url}: {kind} IPv6 numeric address.") from problem
    try:
        parts.port  # noqa: B018 - it is read to be checked
    except ValueError as problem:
        raise WgetProblem(GENERIC, f"{url}: Bad port number.") from problem
    return parts


def _ask(run: _Run, url: str) -> Response:
    vm, parts = run.process.vm, _parsed(url)
    host, port = parts.hostname or "", HTTPS if parts.scheme == "https" else HTTP
    run.say(f"--{vm.now():%Y-%m-%d %H:%M:%S}--  {url}")
    address = _address(run, host)
    shown = f"{host}:{port}" if ADDRESS.fullmatch(host) else f"{host} ({host})|{address}|:{port}"
    run.say(f"Connecting to {shown}... ", end="")
    headers = {"User-Agent": "Wget/1.21.2", "Accept": "*/*"}
    for line in run.given.all("--header"):
        name, _, value = line.partition(":")
        headers[name] = value.strip()
    trusting = run.given.has("--no-check-certificate")
    try:
        response = vm.fetch(
            "HEAD" if run.given.has("--spider") else "GET", url, headers, trusting=trusting, address=address
        )
    except Unreachable as problem:
        raise _unreachable(run, host, problem) from problem
    phrase = HTTPStatus(response.status).phrase if response.status in HTTPStatus._value2member_map_ else ""
    run.say(f"connected.\nHTTP request sent, awaiting response... {response.status} {phrase}")
    if run.given.has("-S", "--server-response"):
        run.say("\n".join(f"  {name}: {value}" for name, value in response.headers.items()))
    return response


def _address(run: _Run, host: str) -> str:
    if ADDRESS.fullmatch(host):
        return host
    run.say(f"Resolving {host} ({host})... ", end="")
    try:
        address = run.process.vm.find_address(host.lower())
    except Unreachable as problem:
        run.say(f"failed: {why_unknown(problem)}.")
        raise WgetProblem(NETWORK, f"wget: unable to resolve host address ‘{host}’") from problem
    run.say(address)
    return address


def _unreachable(run: _Run, host: str, problem: Unreachable) -> WgetProblem:
    """What is told of a connection that failed. A time-out is tried again, as often as `-t` says."""
    if problem.reason.startswith("certificate"):
        run.say("connected.")
        return WgetProblem(
            TLS,
            f"    ERROR: no certificate subject alternative name matches\n\trequested host name ‘{host}’.\n"
            f"To connect to {host} insecurely, use `--no-check-certificate'.",
        )
    run.say(f"failed: {REASONS.get(problem.reason, problem.reason.capitalize())}.")
    tries = run.given.value("-t", "--tries", default=TRIES)
    return WgetProblem(NETWORK, f"Giving up, after {tries} tries.\n" if problem.reason == "timeout" else "")


def _save(run: _Run, response: Response, url: str) -> int:
    if response.status == HTTPStatus.UNAUTHORIZED:
        raise WgetProblem(REFUSED, "\nUsername/Password Authentication Failed.")
    if response.status >= 400:
        phrase = HTTPStatus(response.status).phrase
        now = run.process.vm.now()
        raise WgetProblem(SERVER, f"{now:%Y-%m-%d %H:%M:%S} ERROR {response.status}: {phrase}.")
    if run.given.has("--spider"):
        run.say("Remote file exists.")
        return 0
    file = run.given.value("-O", "--output-document") or urlsplit(url).path.rpartition("/")[2] or "index.html"
    size = len(response.raw)
    if file == "-":
        run.process.print(response.raw.decode("utf-8", "surrogateescape"), end="")
        return 0
    try:
        if file != "/dev/null":
            run.process.disk.write(run.process.path(file), response.raw)
    except NoFile as problem:
        raise WgetProblem(FILE, f"{file}: {problem}") from problem
    run.say(f"Length: {size}\nSaving to: ‘{file}’\n\n‘{file}’ saved [{size}/{size}]\n")
    return 0


WGET = programs(wget=wget)
