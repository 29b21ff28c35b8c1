"""`curl`: one request, or as many as redirects ask for, from where the VM stands."""

from __future__ import annotations

import base64
import re
from dataclasses import dataclass
from http import HTTPStatus
from urllib.parse import urljoin, urlsplit

from acrlab.emulator.core.http import Response, Unreachable
from acrlab.emulator.shell.commands.options import Options, UnknownOption, take
from acrlab.emulator.shell.disk import NoFile
from acrlab.emulator.shell.process import Process, programs
from acrlab.emulator.shell.vm import Vm

FLAGS = (
    "-s --silent -S --show-error -f --fail -i --include -I --head -v --verbose -L --location -k --insecure -4 "
    "--compressed -g --globoff -O --remote-name"
)
VALUED = (
    "-o --output -w --write-out -H --header -X --request -d --data --data-raw -m --max-time "
    "--connect-timeout -u --user -A --user-agent --retry --retry-delay --resolve --cacert"
)
MOST_REDIRECTS = 50
TIMEOUT_S = 130  # how long Linux tries to connect
TRANSIENT = {408, 429, 500, 502, 503, 504, 6, 28}  # what --retry asks again for; the last two are curl's own codes
LONGEST_PAUSE_S = 600


class CurlProblem(Exception):
    """A transfer that failed. `status`: curl's exit code. Source: curl(1), "exit codes"."""

    def __init__(self, status: int, message: str) -> None:
        super().__init__(message)
        self.status = status


@dataclass(frozen=True)
class Answer:
    """What came back, with the request's method and how often it was sent on."""

    response: Response
    url: str
    method: str
    redirects: int
    address: str


def curl(process: Process) -> int:
    try:
        given = take(process.args, FLAGS, VALUED)
    except UnknownOption as problem:
        process.warn(f"curl: option {problem}: is unknown, or not emulated")
        return 2
    if not given.words:
        process.warn("curl: try 'curl --help' or 'curl --manual' for more information")
        return 2
    numbers = {option: given.value(option, default="0") for option in ("--retry", "--retry-delay")}
    if odd := next((option for option, value in numbers.items() if not re.fullmatch(r"\d{1,6}", value)), None):
        process.warn(f"curl: option {odd}: expected a proper numerical parameter")
        return 2
    status = 0
    for url in given.words:
        status = _transfer(process, given, url)
    return status


def _transfer(process: Process, given: Options, url: str) -> int:
    shown = given.has("-S", "--show-error") or not given.has("-s", "--silent")
    try:
        answer = _ask_again(process, given, url)
    except CurlProblem as problem:
        if shown:
            process.warn(f"curl: ({problem.status}) {problem}")
        _write_out(process, given, None)
        return problem.status
    if given.has("-f", "--fail") and answer.response.status >= 400:
        if shown:
            process.warn(f"curl: (22) The requested URL returned error: {answer.response.status}")
        _write_out(process, given, answer)
        return 22
    status = _save(process, given, answer)
    _write_out(process, given, answer)
    return status


def _ask_again(process: Process, given: Options, url: str) -> Answer:
    """Ask as often as `--retry` allows: after as long as the answer says, or one second, and each time twice as long.

    The pauses pass on the world's clock. What an answer that is not the last one holds is written all the same, as curl
    cannot take it back from a pipe.
    """
    pause = 1
    for left in range(int(given.value("--retry", default="0")), 0, -1):
        met = _met(process, given, url)
        if (met.status if isinstance(met, CurlProblem) else met.response.status) not in TRANSIENT:
            break
        if isinstance(met, Answer) and not given.has("-f", "--fail"):
            _save(process, given, met)
        seconds = _told_to_wait(met) or int(given.value("--retry-delay", default="0")) or pause
        if not given.has("-s", "--silent"):
            what = "timeout" if isinstance(met, CurlProblem) else "HTTP error"
            process.warn(f"Warning: Problem: {what}. Will retry in {seconds} seconds. {left} retries left.")
        world = process.vm.world
        world.advance_to(world.now + min(seconds, LONGEST_PAUSE_S))
        pause = min(2 * pause, LONGEST_PAUSE_S)
    else:
        met = _met(process, given, url)
    if isinstance(met, CurlProblem):
        raise met
    return met


def _met(process: Process, given: Options, url: str) -> Answer | CurlProblem:
    try:
        return _ask(process, given, url)
    except CurlProblem as problem:
        return problem


def _told_to_wait(met: Answer | CurlProblem) -> int:
    headers = {} if isinstance(met, CurlProblem) else met.response.headers
    told = next((value for name, value in headers.items() if name.lower() == "retry-after"), "")
    return int(told) if re.fullmatch(r"\d{1,6}", told) else 0


def _ask(process: Process, given: Options, url: str) -> Answer:
    body = "&".join(given.all("-d", "--data", "--data-raw"))
    method = given.value("-X", "--request") or ("HEAD" if given.has("-I", "--head") else "POST" if body else "GET")
    headers = _headers(given, body)
    url = url if "://" in url else f"http://{url}"
    for redirects in range(MOST_REDIRECTS):
        answer = _once(process, given, Answer(Response(0), url, method, redirects, ""), headers, body)
        target = {name.lower(): value for name, value in answer.response.headers.items()}.get("location")
        if not given.has("-L", "--location") or not target or answer.response.status // 100 != 3:
            return answer
        previous, url = urlsplit(url), urljoin(url, target)
        if urlsplit(url).netloc != previous.netloc:
            headers.pop("Authorization", None)
        if answer.response.status in (301, 302, 303) and method == "POST":
            method, body = "GET", ""
    raise CurlProblem(47, f"Maximum ({MOST_REDIRECTS}) redirects followed")


def _headers(given: Options, body: str) -> dict[str, str]:
    headers = {"User-Agent": given.value("-A", "--user-agent", default="curl/7.81.0"), "Accept": "*/*"}
    if body:
        headers["Content-Type"] = "application/x-www-form-urlencoded"
    if user := given.value("-u", "--user"):
        headers["Authorization"] = f"Basic {base64.b64encode(user.encode('utf-8', 'surrogateescape')).decode()}"
    own: dict[str, list[str]] = {}
    for line in given.all("-H", "--header"):
        name, _, value = line.partition(":")
        own.setdefault(name.lower(), [name]).append(value.strip())
    kept = {name: value for name, value in headers.items() if name.lower() not in own}
    return kept | {name: ", ".join(values) for name, *values in own.values()}


def _once(process: Process, given: Options, asked: Answer, headers: dict[str, str], body: str) -> Answer:
    try:
        parts = urlsplit(asked.url)
        host, port = parts.hostname or "", parts.port or (443 if parts.scheme == "https" else 80)
    except ValueError as problem:
        raise CurlProblem(3, "URL using bad/illegal format or missing URL") from problem
    if parts.scheme not in ("http", "https"):
        raise CurlProblem(1, f'Protocol "{parts.scheme}" not supported or disabled in libcurl')
    if not host:
        raise CurlProblem(3, "URL using bad/illegal format or missing URL")
    loud = given.has("-v", "--verbose")
    try:
        address = _address(process.vm, given, host, port)
        if loud:
            process.warn(f"*   Trying {address}:{port}...")
        response = process.vm.fetch(
            asked.method,
            asked.url,
            headers,
            body.encode("utf-8", "surrogateescape"),
            trusting=given.has("-k", "--insecure"),
            address=address,
        )
    except Unreachable as problem:
        raise _problem(given, problem, host, port) from problem
    if loud:
        _tell(process, asked, headers, response, f"{host} ({address}) port {port} (#0)")
    return Answer(response, asked.url, asked.method, asked.redirects, address)


def _address(vm: Vm, given: Options, host: str, port: int) -> str:
    """`--resolve host:port:address` comes before any resolver."""
    for entry in given.all("--resolve"):
        match = re.fullmatch(r"\+?([^:]+):(\d+):(\d{1,3}(?:\.\d{1,3}){3})", entry)
        if match and match[1].lower() == host and int(match[2]) == port:
            return match[3]
    return vm.find_address(host)


def _problem(given: Options, problem: Unreachable, host: str, port: int) -> CurlProblem:
    if problem.reason in ("no such host", "server misbehaving"):
        return CurlProblem(6, f"Could not resolve host: {host}")
    if problem.reason.startswith("certificate"):
        return CurlProblem(60, f"SSL: no alternative certificate subject name matches target host name '{host}'")
    if problem.reason == "timeout":
        limit = given.value("--connect-timeout") or given.value("-m", "--max-time") or str(TIMEOUT_S)
        waited = int(float(limit) * 1000) + 1 if re.fullmatch(r"\d{1,6}(\.\d{1,6})?", limit) else 0
        return CurlProblem(28, f"Connection timed out after {waited} milliseconds")
    return CurlProblem(7, f"Failed to connect to {host} port {port} after 1 ms: Connection refused")


def _tell(process: Process, asked: Answer, headers: dict[str, str], response: Response, place: str) -> None:
    parts = urlsplit(asked.url)
    path = (parts.path or "/") + (f"?{parts.query}" if parts.query else "")
    process.warn(f"* Connected to {place}")
    process.warn(f"> {asked.method} {path} HTTP/1.1\n> Host: {parts.netloc}")
    for name, value in headers.items():
        process.warn(f"> {name}: {'[redacted]' if name.lower() == 'authorization' else value}")
    process.warn(">")
    for line in _head(response).splitlines():
        process.warn(f"< {line}")


def _head(response: Response) -> str:
    phrase = HTTPStatus(response.status).phrase if response.status in HTTPStatus._value2member_map_ else ""
    lines = [f"HTTP/1.1 {response.status} {phrase}", *(f"{n}: {v}" for n, v in response.headers.items())]
    return "\n".join(lines) + "\n\n"


def _save(process: Process, given: Options, answer: Answer) -> int:
    text = answer.response.raw.decode("utf-8", "surrogateescape")
    if given.has("-i", "--include", "-I", "--head"):
        text = _head(answer.response) + ("" if answer.method == "HEAD" else text)
    elif answer.method == "HEAD":
        text = ""
    file = given.value("-o", "--output")
    if given.has("-O", "--remote-name"):
        file = urlsplit(answer.url).path.rpartition("/")[2]
    if not file or file == "-":
        process.print(text, end="")
        return 0
    try:
        if file != "/dev/null":
            process.disk.write(process.path(file), text)
    except NoFile as problem:
        process.warn(
            f"Warning: Failed to open the file {file}: {problem}\ncurl: (23) Failure writing output to destination"
        )
        return 23
    return 0


def _write_out(process: Process, given: Options, answer: Answer | None) -> None:
    form = given.value("-w", "--write-out")
    values = {
        "http_code": f"{answer.response.status if answer else 0:03}",
        "response_code": f"{answer.response.status if answer else 0:03}",
        "url_effective": answer.url if answer else "",
        "remote_ip": answer.address if answer else "",
        "num_redirects": str(answer.redirects if answer else 0),
        "size_download": str(len(answer.response.raw) if answer else 0),
        "content_type": str(answer.response.headers.get("Content-Type", "")) if answer else "",
    }
    shown = re.sub(r"%\{(\w+)\}", lambda m: values.get(m[1], ""), form)
    process.print(shown.replace("\\n", "\n").replace("\\t", "\t"), end="")


CURL = programs(curl=curl)
