"""The board as its clients meet it: learners post as themselves, teachers read, and everyone else gets one line."""

from __future__ import annotations

import asyncio
import json
import re

import pytest

pytest.importorskip("jupyterhub", reason="`make class` installs it")

from jupyterhub.services.auth import HubOAuth
from tornado.httpclient import HTTPRequest
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port, gen_test

from acrlab.classroom.board.allowance import AT_ONCE, Allowance
from acrlab.classroom.board.room import Room
from acrlab.classroom.board.service import application, kept_secret
from acrlab.classroom.board.store import Store
from acrlab.course.progress import bring_to
from acrlab.doctor.observe import survey
from acrlab.lab.lab import connect
from acrlab.snapshot import form_of
from tests.classroom.board import service_case
from tests.classroom.board.fake_hub import Hub
from tests.classroom.board.service_case import PREFIX, event

ONE_LINE = re.compile(r"[^\n]{5,320}\n")


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of connections and loops that the hub's package keeps open
class BoardTest(service_case.ServiceCase):
    __test__ = True

    def get_app(self):
        self.hub = Hub()
        socket, port = bind_unused_port()
        HTTPServer(self.hub.application()).add_sockets([socket])
        roster = self.folder / "class.csv"
        roster.write_text("id,name,group\nada,Ada <b>Lovelace</b>,early\nbob,,late\n", "utf-8")
        self.store = Store(self.folder / "board")
        self.room = Room(self.store, roster)
        auth = HubOAuth(
            allow_token_in_url=False,
            api_token="token-of-service",
            api_url=f"http://127.0.0.1:{port}/hub/api",
            oauth_client_id="service-board",
            base_url=PREFIX,
            hub_host=f"http://127.0.0.1:{port}",
            hub_prefix="/hub/",
        )
        allowance = Allowance(lambda: 0.0)  # no time passes in it
        return application(self.room, auth, allowance, kept_secret(self.folder / "board" / "cookie_secret"), PREFIX)

    def ask(self, path, token="", method="GET", **more):
        headers = {"Authorization": f"token {token}"} if token else {}
        return self.fetch(PREFIX + path, method=method, headers=headers | more.pop("headers", {}), **more)

    def post(self, content, token="token-of-ada", path="api/events"):
        body = content if isinstance(content, bytes | str) else json.dumps({"events": content})
        return self.ask(path, token, "POST", body=body)

    def state(self):
        answer = self.ask("state", "token-of-teacher")
        assert answer.code == 200
        return {one["id"]: one for one in json.loads(answer.body)["learners"]}

    # -- learners

    def test_a_learner_posts_as_herself_and_a_teacher_reads(self):
        answer = self.post([event(saw="no zone privatelink.azurecr.io")])

        assert (answer.code, answer.body) == (204, b"")
        ada = self.state()["ada"]
        assert (ada["state"], ada["section"], ada["attempts"]) == ("working", "own-zone", 1)
        assert ada["saw"] == "no zone privatelink.azurecr.io"
        assert self.state()["bob"]["state"] == "not begun"

    def test_who_she_is_the_body_cannot_say(self):
        answer = self.post([event(learner="bob")])

        assert answer.code == 400
        assert self.state()["bob"]["state"] == "not begun"

    def test_only_a_learner_of_the_roster_with_the_scope_posts(self):
        for token in ("", "token-of-no-one", "token-of-eve", "token-of-no-scope", "token-of-service-ada"):
            answer = self.post([event()], token)
            assert answer.code == 403, token
            assert ONE_LINE.fullmatch(answer.body.decode()), answer.body
        assert self.state()["ada"]["state"] == "not begun"

    def test_a_cookie_does_not_post(self):
        cookie = {"Cookie": "service-board=2|1:0|10:1|13:service-board|4:YQ==|00"}
        answer = self.ask("api/events", method="POST", body=json.dumps({"events": [event()]}), headers=cookie)

        assert answer.code == 403

    def test_malformed_events_are_refused_in_one_line_and_change_nothing(self):
        bad = [
            *("", "{", "[]", "null", "{}", '{"events": []}', '{"events": {}}', '{"events": [null]}', "\xff\xfe"),
            [event(section="no-such-section")],
            [event(section="../x")],
            [event(kind="won")],
            [event(mark="excellent")],
            [event(hints=-1)],
            [event(hints="3")],
            [event(saw="x" * 301)],
            [event(saw="two\nlines")],
            [event(saw="\x1b[2J")],
            [event(saw="a\u202eb")],
            [event(ago_s=1e12)],
            [event(more=1)],
            [{**event(), "id": "1"}],
            [event()] * 51,
            [event(), event(kind="won")],
            json.dumps({"events": [event(ago_s=float("nan"))]}),
            "[" * 10_000,
        ]
        for one in bad:
            answer = self.post(one)
            assert answer.code == 400, one
            assert ONE_LINE.fullmatch(answer.body.decode()), answer.body
            assert "Traceback" not in answer.body.decode()
        assert self.state()["ada"]["state"] == "not begun"

    def test_what_is_too_large_is_refused(self):
        assert self.post(b" " * (64 * 1024 + 1)).code == 413
        assert self.post(b" " * (256 * 1024 + 1), path="api/lab").code == 413

    def test_one_who_posts_in_a_loop_is_told_when_to_come_again_and_others_are_heard(self):
        answers = [self.post([event()]) for _ in range(80)]

        late = [one for one in answers if one.code == 429]
        assert len(late) == 80 - AT_ONCE
        assert {one.body for one in late} == {b"too many requests; come again in 1 s\n"}
        assert self.post([event()], "token-of-bob").code == 204

    def test_the_hub_is_asked_once_for_a_token_and_not_for_each_event(self):
        for _ in range(5):
            self.post([event()])

        assert self.hub.asked.count("token-of-ada") == 1

    def test_in_a_class_without_a_site_no_one_joins_from_a_browser(self):
        assert self.ask("api/join", method="POST", body='{"id": "ada", "code": "x"}').code == 404
        assert self.post([event()], "browser.ada.0").code == 403

    # -- her lab

    def lab(self):
        lab = connect(registry_name="contoso42", world=str(self.folder / "world.db"))
        try:
            bring_to(lab, "registry")
            return json.dumps(form_of(survey(lab))).encode()
        finally:
            lab.close()

    def test_a_lab_is_drawn_from_its_facts_for_teachers_alone(self):
        assert self.post(self.lab(), path="api/lab").code == 204

        drawn = self.ask("lab.svg?learner=ada", "token-of-teacher")
        assert drawn.code == 200
        assert b"contoso42.azurecr.io" in drawn.body
        assert drawn.headers["Content-Security-Policy"] == "default-src 'none'; style-src 'unsafe-inline'; sandbox"
        assert b"registry Premium" in self.ask("lab.txt?learner=ada", "token-of-teacher").body
        assert self.state()["ada"]["lab"] > 0
        assert self.ask("lab.svg?learner=ada", "token-of-ada").code == 403
        assert self.ask("lab.svg?learner=bob", "token-of-teacher").code == 404
        assert self.ask("lab.svg?learner=../board.sqlite", "token-of-teacher").code == 404

    def test_what_is_no_lab_is_refused_and_the_last_one_stays(self):
        good = self.lab()
        self.post(good, path="api/lab")
        hostile = json.loads(good)
        hostile["registry"]["name"] = "<script>alert(1)</script>"

        for bad in (b"{}", b"nothing", b"[1]", b'{"format": 99}'):
            answer = self.post(bad, path="api/lab")
            assert answer.code == 400
            assert ONE_LINE.fullmatch(answer.body.decode()), answer.body
        self.post(json.dumps(hostile), path="api/lab")
        assert b"<script" not in self.ask("lab.svg?learner=ada", "token-of-teacher").body

    # -- teachers

    def test_learners_read_nothing(self):
        for path in ("", "state", "stream", "gradebook.csv", "learner?learner=bob", "lab.svg?learner=bob", "lab.txt"):
            answer = self.ask(path, "token-of-ada", follow_redirects=False)
            assert answer.code == 403, path
            assert ONE_LINE.fullmatch(answer.body.decode()), answer.body

    def test_without_a_sign_in_a_page_view_goes_to_the_hub_and_all_else_is_refused(self):
        page = self.ask("", follow_redirects=False)
        assert page.code == 302
        assert "/hub/api/oauth2/authorize" in page.headers["Location"]
        for path in ("state", "stream", "gradebook.csv", "learner?learner=ada"):
            assert self.ask(path, follow_redirects=False).code == 403

    def test_a_page_loads_from_this_service_alone(self):
        page = self.ask("", "token-of-teacher")

        policy = page.headers["Content-Security-Policy"]
        assert policy.startswith("default-src 'none'; script-src 'self'; style-src 'self'")
        assert "unsafe" not in policy
        assert not re.search(r"https?://|<script>|style=|\son\w+=", page.body.decode())
        for name in re.findall(r'(?:src|href)="([^"#]+)"', page.body.decode()):
            assert self.ask(name, "token-of-teacher").code == 200, name
        assert page.headers["X-Content-Type-Options"] == "nosniff"

    def test_no_text_of_a_learner_is_put_in_as_html(self):
        script = self.ask("board.js").body.decode()

        assert not re.search(r"innerHTML|outerHTML|insertAdjacentHTML|document\.write|eval\(", script)

    def test_the_gradebook_is_a_file(self):
        self.post([event(kind="solved", mark="done")])

        book = self.ask("gradebook.csv", "token-of-teacher")
        assert book.headers["Content-Type"] == "text/csv; charset=utf-8"
        lines = book.body.decode("utf-8-sig").splitlines()
        assert lines[1].startswith("ada,Ada <b>Lovelace</b>,early,working,own-zone,0,0,,1,0,0,")

    def test_what_she_did_last_is_told_with_the_newest_first(self):
        self.post([event(saw="none"), event(kind="hint", hints=1)])

        told = json.loads(self.ask("learner?learner=ada", "token-of-teacher").body)["events"]
        assert [(one["kind"], one["saw"]) for one in told] == [("hint", ""), ("attempt", "none")]

    def test_what_is_not_there_is_one_line(self):
        answer = self.ask("nothing", "token-of-teacher")

        assert answer.code == 404
        assert ONE_LINE.fullmatch(answer.body.decode())

    @gen_test
    async def test_a_stream_has_the_whole_room_first_and_then_who_has_changed(self):
        chunks: list[str] = []
        request = HTTPRequest(
            self.get_url(f"{PREFIX}stream"),
            headers={"Authorization": "token token-of-teacher"},
            streaming_callback=lambda chunk: chunks.append(chunk.decode()),
            request_timeout=30,
        )
        self.http_client.fetch(request, raise_error=False)
        while not chunks:
            await _moment()
        await self.http_client.fetch(
            self.get_url(f"{PREFIX}api/events"),
            method="POST",
            headers={"Authorization": "token token-of-ada"},
            body=json.dumps({"events": [event(saw="none")]}),
        )
        while len(messages := _messages(chunks)) < 2:
            await _moment()

        first, second = messages
        assert [one["id"] for one in first["learners"]] == ["ada", "bob"]
        assert first["columns"]
        assert [one["id"] for one in second["learners"]] == ["ada"]
        assert "columns" not in second


async def _moment():
    await asyncio.sleep(0.02)


def _messages(chunks):
    blocks = "".join(chunks).split("\n\n")[:-1]
    return [json.loads(block.partition("data: ")[2]) for block in blocks]
