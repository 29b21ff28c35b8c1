"""Learners in the browser only: an id and a code for a token that posts as this learner, and does nothing else."""

from __future__ import annotations

import json
import re

import pytest

pytest.importorskip("jupyterhub", reason="`make class` installs it")

from jupyterhub.services.auth import HubOAuth
from tornado.httpserver import HTTPServer
from tornado.testing import bind_unused_port

from acrlab.classroom.board.allowance import Allowance
from acrlab.classroom.board.browser_tokens import Tokens
from acrlab.classroom.board.joining import A_SECOND, TRIES, WRONG, Door
from acrlab.classroom.board.room import LOOK_S, Room
from acrlab.classroom.board.service import application
from acrlab.classroom.board.store import Store
from acrlab.classroom.hub.codes import hand_out
from tests.classroom.board import service_case
from tests.classroom.board.fake_hub import Hub
from tests.classroom.board.service_case import PREFIX, event

JSON = {"Content-Type": "application/json"}


@pytest.mark.filterwarnings("ignore::ResourceWarning")  # of connections and loops that the hub's package keeps open
class JoiningTest(service_case.ServiceCase):
    __test__ = True

    def get_app(self):
        socket, port = bind_unused_port()
        HTTPServer(Hub().application()).add_sockets([socket])
        self.now = 0.0
        self.roster = self.folder / "class.csv"
        self.roster.write_text("id\nada\nbob\n", "utf-8")
        self.codes = self.folder / "codes.json"
        self.given = hand_out(self.codes, ["ada", "bob", "eve", "teacher"])
        self.store = Store(self.folder / "board")
        self.room = Room(self.store, self.roster, lambda: self.now)
        auth = HubOAuth(
            api_token="token-of-service", api_url=f"http://127.0.0.1:{port}/hub/api", oauth_client_id="service-board"
        )
        tries = Allowance(lambda: self.now, TRIES, A_SECOND)
        self.door = Door(self.room, self.codes, Tokens(b"s" * 32, self.codes), tries)
        return application(self.room, auth, Allowance(lambda: 0.0), b"x" * 32, PREFIX, self.door)

    def join(self, who="ada", code=None, headers=JSON, body=None):
        told = body if body is not None else json.dumps({"id": who, "code": code or self.given.get(who, "")})
        return self.fetch(f"{PREFIX}api/join", method="POST", headers=headers, body=told)

    def token(self, who="ada"):
        return json.loads(self.join(who).body)["token"]

    def post(self, token, path="api/events"):
        headers = {"Authorization": f"token {token}"}
        body = json.dumps({"events": [event()]})
        return self.fetch(f"{PREFIX}{path}", method="POST", headers=headers, body=body)

    def state(self, who):
        headers = {"Authorization": "token token-of-teacher"}
        told = json.loads(self.fetch(f"{PREFIX}state", headers=headers).body)
        return next(one for one in told["learners"] if one["id"] == who)

    def test_who_has_joined_posts_as_herself_and_the_board_says_where_she_is(self):
        answer = self.join(" ADA ", self.given["ada"].upper().replace("-", " "))
        assert json.loads(answer.body) == {"learner": "ada", "token": self.token()}
        assert answer.headers["Cache-Control"] == "no-store"
        assert "Set-Cookie" not in answer.headers

        assert self.post(self.token()).code == 204
        assert (self.state("ada")["attempts"], self.state("ada")["browser"]) == (1, True)
        assert (self.state("bob")["state"], self.state("bob")["browser"]) == ("not begun", False)

    def test_that_she_is_in_a_browser_outlives_the_board(self):
        self.join()

        again = Store(self.folder / "board")
        assert again.browsers == {"ada"}
        again.close()

    def test_a_wrong_code_an_unknown_id_another_s_code_and_a_teacher_get_the_same_words(self):
        wrong = [
            ("ada", "abcd-abcd-abcd"),
            ("ada", self.given["bob"]),
            ("mallory", self.given["ada"]),
            ("eve", self.given["eve"]),  # has a code, and is gone from the roster
            ("teacher", self.given["teacher"]),
            ("../x", "x"),
        ]
        for who, code in wrong:
            answer = self.join(who, code)
            assert (answer.code, answer.body.decode()) == (403, f"{WRONG}\n"), who
        assert not self.store.browsers

    def test_after_ten_tries_an_id_waits_and_others_do_not(self):
        answers = [self.join("ada", "wrong") for _ in range(11)]
        assert [one.code for one in answers] == [403] * 10 + [429]
        assert answers[-1].body == b"There were too many tries with this id. Try again in 30 seconds.\n"
        assert self.join().code == 429, "not with the right code either"
        assert self.join("bob").code == 200

        self.now += 31
        assert self.join().code == 200

    def test_what_is_no_id_and_no_code_is_one_line(self):
        halves = ('{"id": "ada"}', '{"id": 1, "code": 2}', '{"id": ["ada"], "code": "x"}')
        for body in ("", "{", "[]", "null", "{}", *halves, "[" * 999):
            answer = self.join(body=body)
            assert (answer.code, answer.body) == (400, b"An id and a code are needed.\n"), body
        assert self.join(body="x" * 1025).code == 413
        for kind in ("text/plain", "application/x-www-form-urlencoded"):
            assert self.join(headers={"Content-Type": kind}).code == 415, "what a page from elsewhere can send"

    def test_a_token_posts_and_reads_nothing(self):
        headers = {"Authorization": f"token {self.token()}"}
        for path in ("state", "stream", "gradebook.csv", "learner?learner=ada", "lab.svg?learner=ada"):
            assert self.fetch(f"{PREFIX}{path}", headers=headers).code == 403, path

    def test_a_token_that_was_made_up_or_changed_is_refused(self):
        token = self.token()
        sign = token.rpartition(".")[2]
        changed = [f"browser.bob.{sign}", f"browser.mallory.{sign}", f"Browser.ada.{sign}", f"{token}0"]
        for one in [*changed, "browser.ada.", "browser.ada", "browser..", "browser.\xe4.x"]:
            answer = self.post(one)
            assert answer.code == 403, one
            assert re.fullmatch(r"[^\n]{5,320}\n", answer.body.decode())
        assert self.state("bob")["state"] == "not begun"

    def test_a_new_code_ends_the_token_and_no_other(self):
        ada, bob = self.token(), self.token("bob")
        self.given |= hand_out(self.codes, ["ada", "bob"], again=["ada"])

        assert self.post(ada).code == 403
        assert self.post(bob).code == 204
        assert self.post(self.token()).code == 204

    def test_who_is_gone_from_the_roster_posts_no_more(self):
        ada = self.token()
        self.roster.write_text("id\nbob\n", "utf-8")
        self.now += LOOK_S

        assert self.post(ada).code == 403

    def test_another_board_s_token_is_refused(self):
        other = Tokens(b"o" * 32, self.codes).given("ada")

        assert self.post(other).code == 403

    def test_no_code_and_no_token_is_kept(self):
        token = self.token()
        self.post(token)

        for path in self.folder.rglob("*"):
            if path.is_file():
                content = path.read_bytes()
                assert token.rpartition(".")[2].encode() not in content, path
                assert self.given["ada"].encode() not in content, path
