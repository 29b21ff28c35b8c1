"""Pull with PyPI's oras."""

import os

import oras.provider

server, user, password = (os.environ[name] for name in ("SERVER", "USER_NAME", "PASSWORD"))
registry = oras.provider.Registry(server, auth_backend="basic")
registry.login(username=user, password=password, hostname=server)
assert registry.pull(f"{server}/hello-world:v1", outdir="pulled-by-oras", allowed_media_type=[])
