"""The server's front under hostile and odd HTTP, byte by byte: it answers 4xx or hangs up, and lives."""

import gc
import re
import socket
import ssl
import threading
import time

import httpx
import pytest

from acrlab.emulator.core.fault_injection import Fault, plant
from acrlab.emulator.core.http import Response
from acrlab.emulator.server.http_connection import ClientConnection

HOST = b"Host: localhost\r\n"
CLOSE = b"Connection: close\r\n"


def status(answer):
    """The status of a raw answer; 0: the connection was closed without one."""
    return int(answer.split(b" ", 2)[1]) if answer.startswith(b"HTTP/1.1 ") else 0


def lives(served):
    return served.http.get("/metadata/endpoints", params={"api-version": "2022-09-01"}).status_code == 200


# -- what is no request ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "line",
    [
        b"GET",
        b"GET /",
        b"GET  /  HTTP/1.1",
        b"\x00\x01\x02\x03",
        b"GET /\x00 HTTP/1.1",
        b"GET /\xff HTTP/1.1",
        b"G\xc3\x89T / HTTP/1.1",
        b"GET / HTTP/1.1\r\nHost: localhost\r\nHost: other",
        b"GET / HTTP/1.1\r\nNo colon here",
        b"GET / HTTP/1.1\r\nHost : localhost",
        b"GET / HTTP/1.1\r\nX: a\x00b",
        b"GET / HTTP/1.1\r\n folded: first",
        b"GET / HTTP/1.1",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: -1",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: 1, 2",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nContent-Length: ten",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: gzip",
        b"POST / HTTP/1.1\r\nHost: localhost\r\nTransfer-Encoding: chunked, chunked",
    ],
)
def test_what_is_no_request_is_refused(served, line):
    assert status(served.say(line + b"\r\n\r\n")) in (400, 501)
    assert lives(served)


@pytest.mark.parametrize("form", [b"GET /%s HTTP/1.1\r\n", b"GET / HTTP/1.1\r\nX: %s\r\n"])
def test_huge_heads_are_refused(served, form):
    assert status(served.say(form % (b"a" * 2_000_000) + HOST + b"\r\n")) in (0, 400, 431)
    assert lives(served)


def test_a_head_that_comes_at_once_is_bounded_as_well(served):
    """The parser looks at the length of a head only while it waits for more of it."""
    answer = served.say(b"GET / HTTP/1.1\r\n" + b"X: " + b"a" * 70_000 + b"\r\n" + HOST + b"\r\n")

    assert status(answer) in (400, 431)


def test_ten_thousand_headers_are_refused(served):
    many = b"".join(b"X-%d: y\r\n" % number for number in range(10_000))

    assert status(served.say(b"GET / HTTP/1.1\r\n" + HOST + many + b"\r\n")) in (0, 400, 431)
    assert lives(served)


@pytest.mark.parametrize(
    "chunk", [b"zz\r\nab\r\n0\r\n\r\n", b"5\r\nabcdefgh\r\n0\r\n\r\n", b"-1\r\n\r\n", b"F" * 21 + b"\r\n"]
)
def test_broken_chunks_are_refused(served, chunk):
    head = b"POST /common/oauth2/v2.0/token HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\n\r\n"

    assert status(served.say(head, chunk)) in (0, 400)
    assert lives(served)


def test_a_body_with_two_lengths_is_never_taken_for_two_requests(served):
    """Request smuggling: RFC 9112, section 6.1."""
    smuggled = b"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\n" + HOST + b"\r\n"
    head = b"POST /x HTTP/1.1\r\n" + HOST + b"Transfer-Encoding: chunked\r\nContent-Length: 4\r\n\r\n0\r\n\r\n"

    answer = served.say(head + smuggled)

    assert (status(answer), answer.count(b"HTTP/1.1 ")) == (400, 1)
    assert lives(served)


def test_garbage_behind_a_request_ends_the_connection(served):
    answer = served.say(
        b"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\n" + HOST + b"\r\n" + b"\x16\x03garbage\r\n\r\n"
    )

    assert answer.count(b"HTTP/1.1 ") in (1, 2)
    assert status(answer) == 200
    assert lives(served)


def test_pipelined_requests_are_answered_in_order(served):
    one = b"GET /images/aliases.json HTTP/1.1\r\n" + HOST + b"\r\n"
    last = b"GET /nothing HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n"

    answer = served.say(one * 5 + last)

    assert answer.count(b"HTTP/1.1 200") == 5
    assert answer.rindex(b"HTTP/1.1 401") > answer.rindex(b"HTTP/1.1 200")


def test_what_is_no_tls_ends_the_connection(served):
    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as line:
        line.sendall(b"GET / HTTP/1.1\r\nHost: localhost\r\n\r\n")
        assert not served.hear(line).startswith(b"HTTP")
    assert lives(served)


def test_tls_before_1_2_is_refused(served):
    old = ssl.SSLContext(ssl.PROTOCOL_TLS_CLIENT)
    old.check_hostname, old.verify_mode = False, ssl.CERT_NONE
    with pytest.warns(DeprecationWarning, match="TLSv1_1"):
        old.maximum_version = ssl.TLSVersion.TLSv1_1

    with socket.create_connection(("127.0.0.1", served.port), timeout=20) as line, pytest.raises(ssl.SSLError):
        old.wrap_socket(line)
    assert lives(served)


# -- odd, but good HTTP ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize("header", [b"Upgrade: websocket", b"Upgrade: h2c", b"Expect: 200-ok", b"Connection: x"])
def test_what_a_client_would_rather_speak_is_ignored(served, header):
    head = (
        b"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\nConnection: Upgrade, close\r\n" + header + b"\r\n"
    )

    assert status(served.say(head + HOST + CLOSE + b"\r\n")) == 200


def test_http_2_is_not_spoken(served):
    answer = served.say(b"PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n")

    assert 400 <= status(answer) < 500


def test_http_1_0_is_answered_and_closed(served):
    answer = served.say(b"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.0\r\nHost: localhost\r\n\r\n")

    assert status(answer) == 200


def test_http_1_0_without_a_host_is_misdirected(served):
    assert status(served.say(b"GET / HTTP/1.0\r\n\r\n")) == 421


def test_a_target_may_be_a_whole_address(served):
    target = f"GET https://localhost:{served.port}/metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\n".encode()

    answer = served.say(target + HOST + CLOSE + b"\r\n")

    assert status(answer) == 200
    assert served.connection.arm.encode() in answer


@pytest.mark.parametrize("target", ["https://[::1/x", "https://example.com/x", "*", "localhost:443", "//x", "http:x"])
def test_a_target_elsewhere_leads_nowhere(served, target):
    answer = served.say(f"OPTIONS {target} HTTP/1.1\r\n".encode() + HOST + CLOSE + b"\r\n")

    assert 400 <= status(answer) < 500


@pytest.mark.parametrize(
    "host", ["example.com", "localhost.example.com", "10.0.0.5", "", "a b", "[::1", "localhost?x=1"]
)
def test_a_host_that_is_not_served_is_misdirected(served, host):
    answer = served.say(
        f"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\nHost: {host}\r\n".encode() + CLOSE + b"\r\n"
    )

    assert status(answer) in (400, 421)
    assert lives(served)


def test_the_servers_address_is_another_name_for_it(served):
    answer = served.say(
        b"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\nHost: LOCALHOST:1\r\n" + CLOSE + b"\r\n"
    )

    assert status(answer) == 200


@pytest.mark.parametrize("path", ["/%00", "/a%0d%0aSet-Cookie:x", "/%ff%fe", "/%c3%28", "/%1b[31m", "/%e2%80%a8"])
def test_paths_that_nobody_can_print_are_refused(served, path):
    answer = served.http.request("GET", httpx.URL(served.connection.arm, raw_path=path.encode()))

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestUri")


@pytest.mark.parametrize("query", ["api-version=%ff", "x=%c3%28", "&".join(["a=b"] * 200)])
def test_queries_that_nobody_can_read_are_refused(served, query):
    answer = served.http.request("GET", httpx.URL(served.connection.arm, raw_path=f"/subscriptions?{query}".encode()))

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestUri")


@pytest.mark.parametrize(
    "path",
    [
        "/../../etc/passwd",
        "/subscriptions/../../../etc/passwd",
        "/subscriptions/%2e%2e/x",
        "/subscriptions//resourcegroups//",
        "/" + "a/" * 2000,
        "/subscriptions/{s}/resourceGroups/..%2f..%2fx",
        "/subscriptions/{s}/resourceGroups/g%2Fproviders%2FMicrosoft.Network",
        "/subscriptions/{s}/resourceGroups/%E2%80%AEg",
    ],
)
@pytest.mark.parametrize("method", ["GET", "PUT", "DELETE", "POST"])
def test_no_trick_with_paths_is_taken(served, method, path):
    whole = path.replace("{s}", served.connection.subscription)
    headers = {"Authorization": f"Bearer {served.token()}"}
    url = httpx.URL(served.connection.arm, raw_path=f"{whole}?api-version=2021-04-01".encode())

    answer = served.http.request(method, url, headers=headers, json={"location": "westus"})

    assert 400 <= answer.status_code <= 501
    assert answer.status_code != 500


@pytest.mark.parametrize("version", ["2023-04-01%0d%0aX-Evil:%20yes", "2023-04-01%E2%82%AC", "2023-04-01%22%3E", "%20"])
def test_nothing_that_comes_back_in_a_header_breaks_out_of_it(served, version):
    assert served.arm("PUT", "/resourcegroups/g", json={"location": "westus"}).status_code == 201
    group = f"/subscriptions/{served.connection.subscription}/resourceGroups/g"
    url = httpx.URL(served.connection.arm, raw_path=f"{group}?api-version={version}".encode())

    answer = served.http.request("DELETE", url, headers={"Authorization": f"Bearer {served.token()}"})

    assert answer.status_code in (202, 400)
    assert "x-evil" not in answer.headers


def test_a_hostile_host_is_not_repeated_in_a_header(served):
    line = (
        f"DELETE /subscriptions/{served.connection.subscription}/resourcegroups/g?api-version=2021-04-01 HTTP/1.1\r\n"
    )
    assert served.arm("PUT", "/resourcegroups/g", json={"location": "westus"}).status_code == 201

    answer = served.say(f"{line}Host: localhost:1@example.com\r\n".encode() + CLOSE + b"\r\n")

    assert status(answer) == 421


def test_deep_json_is_refused(served):
    body = b'{"a":' * 100_000 + b"1" + b"}" * 100_000

    answer = served.arm("PUT", "/resourcegroups/g", content=body)

    assert answer.status_code == 400
    assert lives(served)


# -- answers -----------------------------------------------------------------------------------------------------------


def test_the_answer_to_head_has_no_body(served):
    answer = served.say(b"HEAD /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert (status(head), body) == (200, b"")
    length = re.search(rb"content-length: (\d+)", head.lower())
    whole = served.http.get("/metadata/endpoints?api-version=2022-09-01", headers={"Host": "localhost"})
    assert int(length[1]) == len(whole.content)


def test_an_answer_that_says_all_by_its_status_has_no_body(served):
    group = f"/subscriptions/{served.connection.subscription}/resourcegroups/g?api-version=2021-04-01"
    served.arm("PUT", "/resourcegroups/g", json={"location": "westus"})
    key = f"Authorization: Bearer {served.token()}\r\n".encode()

    answer = served.say(f"HEAD {group} HTTP/1.1\r\n".encode() + HOST + key + CLOSE + b"\r\n")

    head, _, body = answer.partition(b"\r\n\r\n")
    assert (status(head), body) == (204, b"")
    assert b"\r\ncontent-length:" not in head.lower()
    assert b"\r\ncontent-type:" not in head.lower()


def test_a_fault_of_its_own_is_told_without_its_inside(served, monkeypatch, caplog):
    monkeypatch.setattr(served.azure.manager, "handle", lambda request: 1 / 0)

    answer = served.arm("GET", "")

    assert (answer.status_code, answer.json()["error"]["code"]) == (500, "InternalServerError")
    assert "division" not in answer.text
    assert "division" in caplog.text


def test_no_server_tells_its_version(served):
    assert "server" not in served.http.get("/metadata/endpoints?api-version=2022-09-01").headers


# -- bodies ------------------------------------------------------------------------------------------------------------


def test_a_body_over_the_limit_is_refused_before_it_is_sent(served):
    line = f"PUT /subscriptions/{served.connection.subscription}/resourcegroups/g HTTP/1.1\r\n".encode()

    answer = served.say(line + HOST + b"Content-Length: 4194305\r\nExpect: 100-continue\r\n\r\n")

    assert status(answer) == 413
    assert b"100 Continue" not in answer


def test_a_body_over_the_limit_is_refused_while_it_comes(served):
    line = f"PUT /subscriptions/{served.connection.subscription}/resourcegroups/g HTTP/1.1\r\n".encode()
    chunk = b"10000\r\n" + b" " * 65536 + b"\r\n"

    with served.dial() as line_:
        line_.sendall(line + HOST + b"Transfer-Encoding: chunked\r\n\r\n")
        with pytest.raises(OSError):  # noqa: PT011 - the other side hangs up, one way or another
            while True:
                line_.sendall(chunk)
    assert lives(served)


def test_a_body_at_the_limit_is_read(served):
    answer = served.arm("PUT", "/resourcegroups/g", content=b" " * (4 * 2**20 - 22) + b'{"location": "westus"}')

    assert answer.status_code == 201


# -- time --------------------------------------------------------------------------------------------------------------


def test_who_never_ends_a_head_is_cut_off(served, monkeypatch):
    monkeypatch.setattr("acrlab.emulator.server.http_connection.HEAD_S", 0.1)

    with served.dial() as line:
        line.sendall(b"GET / HTTP/1.1\r\nX: ")
        assert served.hear(line) == b""
    assert lives(served)


def test_who_drips_a_head_is_cut_off(served, monkeypatch):
    monkeypatch.setattr("acrlab.emulator.server.http_connection.HEAD_S", 0.1)

    with served.dial() as line, pytest.raises(OSError):  # noqa: PT011
        while True:
            line.sendall(b"X")
            line.settimeout(0.01)
            try:
                assert line.recv(1) == b""
                raise ConnectionError
            except TimeoutError:
                continue


def test_who_says_nothing_at_all_is_cut_off(served, monkeypatch):
    monkeypatch.setattr("acrlab.emulator.server.http_connection.HEAD_S", 0.1)

    with served.dial() as line:
        assert served.hear(line) == b""


def test_who_is_silent_after_an_answer_is_cut_off(served, monkeypatch):
    monkeypatch.setattr("acrlab.emulator.server.http_connection.HEAD_S", 0.1)
    monkeypatch.setattr("acrlab.emulator.server.http_connection.IDLE_S", 0.1)

    assert (
        status(served.say(b"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\n" + HOST + b"\r\nGET / HT"))
        == 200
    )


def test_who_never_sends_the_body_is_told_so(served, monkeypatch):
    monkeypatch.setattr("acrlab.emulator.server.read_request.SILENCE_S", 0.1)

    answer = served.say(b"POST /common/oauth2/v2.0/token HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nabc")

    assert status(answer) == 408


def test_who_drips_a_body_is_told_so(served, monkeypatch):
    monkeypatch.setattr("acrlab.emulator.server.read_request.BODY_S", 0.1)

    answer = served.say(b"POST /common/oauth2/v2.0/token HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nabc")

    assert status(answer) == 408


def test_who_hangs_up_in_the_middle_does_no_harm(served, caplog):
    for part in (b"GET", b"POST /x HTTP/1.1\r\n" + HOST + b"Content-Length: 10\r\n\r\nabc"):
        with served.dial() as line:
            line.sendall(part)
    assert lives(served)
    assert caplog.text == ""


# -- many at once ------------------------------------------------------------------------------------------------------


def test_a_thousand_connections_at_once_do_no_harm(served):
    lines = [socket.create_connection(("127.0.0.1", served.port), timeout=20) for _ in range(1000)]
    for line in lines:
        line.close()
    assert lives(served)


def test_more_clients_than_it_takes_are_told_so(served, monkeypatch):
    monkeypatch.setattr(served.server.config, "limit_concurrency", 3)

    with served.dial(), served.dial(), served.dial():
        answer = served.say(b"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n")

    assert status(answer) == 503
    assert lives(served)


def test_who_does_not_read_the_answer_is_cut_off(served, monkeypatch):
    monkeypatch.setattr("acrlab.emulator.server.http_connection.TAKING_S", 0.1)
    monkeypatch.setattr(served.azure.manager, "handle", lambda request: Response(200, b"x" * 50_000_000))
    line = f"GET /subscriptions/x/y?api-version=2021-04-01 HTTP/1.1\r\nAuthorization: Bearer {served.token()}\r\n"

    connections = served.server.server_state.connections
    before = set(connections)
    with served.dial() as socket_:
        wait_until(lambda: connections - before)
        socket_.sendall(line.encode() + HOST + b"\r\n")
        wait_until(lambda: not connections - before)
        assert len(served.hear(socket_)) < 50_000_000


def test_a_large_answer_is_sent_no_faster_than_it_is_taken(served, monkeypatch):
    """What nobody takes stays in the server, in pieces, and not in the buffers of a connection that looks idle."""
    monkeypatch.setattr(served.azure.manager, "handle", lambda request: Response(200, b"x" * 50_000_000))

    answer = served.arm("GET", "/x")

    assert answer.content == b"x" * 50_000_000


def wait_until(condition):
    """Look again and again, for what another thread does; nothing here tells when."""
    end = time.monotonic() + 20
    while not condition():
        assert time.monotonic() < end
        time.sleep(0.01)


def test_many_clients_are_all_answered(served):
    found = []

    def ask():
        with httpx.Client(base_url=served.connection.arm, verify=served.trust, timeout=30, trust_env=False) as http:
            found.extend(http.get("/images/aliases.json").status_code for _ in range(5))

    threads = [threading.Thread(target=ask) for _ in range(20)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert found == [200] * 100


def test_a_closed_connection_leaves_nothing_for_the_garbage_collector(served):
    """TLS keeps 256 KiB for each connection until nobody holds it any more."""
    ask = b"GET /metadata/endpoints?api-version=2022-09-01 HTTP/1.1\r\n" + HOST + CLOSE + b"\r\n"
    gc.collect()
    gc.disable()
    try:
        before = _connections()
        answers = [status(served.say(ask)) for _ in range(10)]
        with served.dial() as abandoned:
            abandoned.sendall(ask.replace(CLOSE, b""))
            abandoned.recv(1)
        end = time.monotonic() + 10
        while _connections() > before and time.monotonic() < end:
            lives(served)
    finally:
        gc.enable()

    assert answers == [200] * 10
    assert _connections() <= before


def _connections():
    return sum(isinstance(one, ClientConnection) for one in gc.get_objects())


# -- planted faults ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(("kind", "status"), [("drop", 404), ("drop-answer", 200)])
def test_a_dropped_connection_breaks_without_an_answer(served, kind, status):
    plant(served.world, Fault(kind, method="PUT"))

    with pytest.raises(httpx.RemoteProtocolError):
        served.arm("PUT", "/resourcegroups/g", json={"location": "westus"})

    assert served.arm("GET", "/resourcegroups/g").status_code == status


def test_a_dropped_connection_breaks_by_the_public_name_too(served):
    plant(served.world, Fault("drop"))
    line = "GET /subscriptions?api-version=2021-04-01 HTTP/1.1\r\nHost: management.azure.com\r\nAuthorization: Bearer "

    assert served.say(f"{line}{served.token()}\r\n\r\n".encode()) == b""


def test_a_planted_answer_arrives(served):
    plant(served.world, Fault("throttle", seconds=17))

    answer = served.arm("GET", "/resourcegroups")

    assert (answer.status_code, answer.headers["retry-after"]) == (429, "17")


# -- the disk of the computer that serves it ---------------------------------------------------------------------------


@pytest.fixture
def full_disk(served):
    """The served world on a disk with no room left; what it gives makes room again."""
    count = served.world.db.rows("PRAGMA page_count")[0][0]
    served.world.db.execute(f"PRAGMA max_page_count = {count}")
    return lambda: served.world.db.execute("PRAGMA max_page_count = 100000")


def filled(served):
    """Make resource groups until one is refused; gives that answer, and how many were made."""
    for number in range(1000):
        answer = served.arm("PUT", f"/resourcegroups/{'g' * 80}{number}", json={"location": "westus"})
        if answer.status_code != 201:
            return answer, number
    raise AssertionError("there was always room")


def test_a_full_disk_is_told_as_that_and_costs_nothing(served, full_disk, caplog):
    refused, made = filled(served)
    large = {"location": "westus", "tags": {f"a{number}": "b" * 250 for number in range(15)}}
    again = [served.arm("PUT", f"/resourcegroups/other{number}", json=large) for number in range(20)]

    assert (refused.status_code, refused.json()["error"]["code"]) == (507, "InsufficientStorage")
    assert "The disk of the computer that serves this is full. Free space. Then try" in refused.text
    assert "world.db" not in refused.text
    assert {answer.status_code for answer in again} == {507}
    listed = served.arm("GET", "/resourcegroups").json()["value"]  # it can be looked at meanwhile
    assert len([group for group in listed if group["name"].startswith("ggg")]) == made
    assert len(caplog.records) == 1
    assert caplog.records[0].exc_info is None
    full_disk()
    assert served.arm("PUT", "/resourcegroups/later", json={"location": "westus"}).status_code == 201


def test_the_same_fault_is_logged_once_a_minute(served, monkeypatch, caplog):
    monkeypatch.setattr(served.azure.manager, "handle", lambda request: [][7])
    for _ in range(30):
        assert served.arm("GET", "").status_code == 500
    assert [record.exc_info is not None for record in caplog.records] == [True]

    monkeypatch.setattr("acrlab.emulator.server.fault_log.QUIET_S", 0)
    served.arm("GET", "")

    counted, *_ = [record.getMessage() for record in caplog.records if "more requests" in record.getMessage()]
    assert int(counted.partition(" ")[0]) >= 29


@pytest.mark.parametrize(
    "number", ["9" * 5_000, "-" + "9" * 1_000_000, "1e999", "NaN", "-Infinity", "0." + "9" * 5_000 + "e999"]
)
@pytest.mark.parametrize("form", ['{{"location": "westus", "tags": {{"a": {}}}}}', "{{location: {}}} // and a comment"])
def test_a_number_that_nothing_can_hold_is_refused(served, number, form):
    answer = served.arm("PUT", "/resourcegroups/g", content=form.format(number).encode())

    assert (answer.status_code, answer.json()["error"]["code"]) == (400, "InvalidRequestContent")
