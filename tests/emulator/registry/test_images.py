"""The images that the kit ships: their digests hold, their builder repeats them, their programs run on a real Linux."""

import gzip
import hashlib
import importlib.util
import io
import json
import platform
import shutil
import subprocess
import sys
import tarfile
import zlib
from importlib.resources import files
from pathlib import Path

import pytest

ROOT = Path(__file__).resolve().parents[3]
LAYOUT = Path(str(files("acrlab.emulator"))) / "images" / "hello-world"
MANIFEST = "sha256:9d657c07c418fe758c68b40b6b5f3a6534afdc73706894c8148ae63439b9357f"
ON_LINUX = sys.platform == "linux" and platform.machine() == "x86_64"


def read(digest):
    return (LAYOUT / "blobs" / "sha256" / digest.removeprefix("sha256:")).read_bytes()


@pytest.fixture
def manifest():
    return json.loads(read(MANIFEST))


def layer_files(manifest):
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(read(manifest["layers"][0]["digest"])))) as tar:
        return {member.name: tar.extractfile(member).read() for member in tar.getmembers()}


def test_both_tags_name_the_one_manifest():
    index = json.loads((LAYOUT / "index.json").read_bytes())

    tags = {m["annotations"]["org.opencontainers.image.ref.name"]: m["digest"] for m in index["manifests"]}
    assert tags == {"latest": MANIFEST, "v1": MANIFEST}


def test_every_blob_has_the_digest_that_it_is_named_by():
    for path in (LAYOUT / "blobs" / "sha256").iterdir():
        assert hashlib.sha256(path.read_bytes()).hexdigest() == path.name


def test_the_manifest_states_digests_and_sizes_of_what_is_there(manifest):
    for part in (manifest["config"], *manifest["layers"]):
        assert len(read(part["digest"])) == part["size"]


def test_the_config_says_to_print_the_message(manifest):
    config = json.loads(read(manifest["config"]["digest"]))

    assert (config["os"], config["architecture"]) == ("linux", "amd64")
    assert config["config"]["Entrypoint"] + config["config"]["Cmd"] == ["/cat", "/message.txt"]
    unpacked = gzip.decompress(read(manifest["layers"][0]["digest"]))
    assert config["rootfs"]["diff_ids"] == [f"sha256:{hashlib.sha256(unpacked).hexdigest()}"]


def test_the_message_begins_as_the_article_shows_it(manifest):
    lines = layer_files(manifest)["message.txt"].decode().splitlines()

    assert lines[:2] == [
        "Hello from Docker!",
        "This message shows that your installation appears to be working correctly.",
    ]


@pytest.mark.skipif(not ON_LINUX, reason="the program is for Linux on x86-64")
def test_the_program_prints_the_files_that_it_is_given(manifest, tmp_path):
    for name, content in layer_files(manifest).items():
        (tmp_path / name).write_bytes(content)
    (tmp_path / "cat").chmod(0o755)

    done = subprocess.run([tmp_path / "cat", "message.txt", "message.txt"], cwd=tmp_path, capture_output=True)

    assert (done.returncode, done.stdout) == (0, 2 * (tmp_path / "message.txt").read_bytes())
    assert subprocess.run([tmp_path / "cat", "absent"], cwd=tmp_path).returncode == 1


def test_the_builder_repeats_the_layout_byte_for_byte(tmp_path):
    builder = load_builder()
    skip_unless_the_tools_are_those_of_the_shipped_bytes(builder)

    assert builder.build(tmp_path) == MANIFEST
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert made == {p.relative_to(LAYOUT): p.read_bytes() for p in LAYOUT.rglob("*") if p.is_file()}


def test_the_image_that_only_waits_is_repeated_too(tmp_path):
    builder = load_builder()
    skip_unless_the_tools_are_those_of_the_shipped_bytes(builder)

    builder.build(tmp_path, builder.IMAGES["pause"])

    shipped = LAYOUT.with_name("pause")
    made = {p.relative_to(tmp_path): p.read_bytes() for p in tmp_path.rglob("*") if p.is_file()}
    assert made == {p.relative_to(shipped): p.read_bytes() for p in shipped.rglob("*") if p.is_file()}


@pytest.mark.skipif(not ON_LINUX, reason="the program is for Linux on x86-64")
def test_its_program_waits_until_it_is_told_to_end(tmp_path):
    blobs = LAYOUT.with_name("pause") / "blobs" / "sha256"
    layer = next(path for path in blobs.iterdir() if path.read_bytes()[:2] == b"\x1f\x8b")
    with tarfile.open(fileobj=io.BytesIO(gzip.decompress(layer.read_bytes()))) as tar:
        tar.extract("pause", tmp_path, filter="data")
    waiting = subprocess.Popen([tmp_path / "pause"])

    with pytest.raises(subprocess.TimeoutExpired):
        waiting.wait(0.2)
    waiting.terminate()
    assert waiting.wait(5) == 0


def load_builder():
    spec = importlib.util.spec_from_file_location("build", ROOT / "tools" / "image" / "build.py")
    module = importlib.util.module_from_spec(spec)
    spec.loader.exec_module(module)
    return module


def skip_unless_the_tools_are_those_of_the_shipped_bytes(builder):
    if not ON_LINUX or not shutil.which("gcc"):
        pytest.skip("the builder needs gcc on Linux x86-64")
    version = subprocess.run(["gcc", "-dumpversion"], capture_output=True, text=True).stdout.strip()
    if version.partition(".")[0] != builder.COMPILER:
        pytest.skip(f"gcc {version} may choose other instructions than gcc {builder.COMPILER} did")
    if "ng" in zlib.ZLIB_RUNTIME_VERSION:
        pytest.skip("zlib-ng packs other bytes than zlib does")
