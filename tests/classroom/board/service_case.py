"""A board beside a hub, both in the test's own loop, with a folder that goes with the test."""

from __future__ import annotations

import gc
from pathlib import Path
from tempfile import TemporaryDirectory
from uuid import uuid4

from jupyterhub.services.auth import HubOAuth
from tornado.testing import AsyncHTTPTestCase

PREFIX = "/services/board/"


def event(section="own-zone", kind="attempt", **more):
    return {"id": uuid4().hex, "section": section, "kind": kind, **more}


class ServiceCase(AsyncHTTPTestCase):
    """Its `get_app` makes the board, and its `store`."""

    __test__ = False

    def setUp(self):
        self._folder = TemporaryDirectory()
        self.folder = Path(self._folder.name)
        super().setUp()

    def tearDown(self):
        self.store.close()
        HubOAuth.clear_instance()
        super().tearDown()
        self._folder.cleanup()
        gc.collect()  # while their warnings are ignored, and not in a test that has nothing to do with them
