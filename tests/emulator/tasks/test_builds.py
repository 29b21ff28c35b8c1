"""Quick builds: what they make, what their log says, and what is not a build here."""

import base64
import json

import pytest
from azure.core.exceptions import HttpResponseError

from acrlab.emulator.registry.content import Content

LOG = """Downloading source code...
Finished downloading source code
Setting up Docker configuration...
Successfully set up Docker configuration
Logging in to registry: contoso.azurecr.io
Successfully logged into contoso.azurecr.io
Executing step ID: build. Timeout(sec): 28800, Working directory: '', Network: ''"""


def image(builds, repository="app", tag="v1"):
    """What a registry holds under a tag: manifest and configuration."""
    world = builds.cloud.world
    content = Content(world, world.get(registry_id(builds)))
    manifest = json.loads(content.files.find(content.manifest(repository, tag).reference).read())
    return manifest, json.loads(content.blob(repository, manifest["config"]["digest"]).read())


def registry_id(builds):
    from acrlab.azure.arm_id import ArmId

    return ArmId.parse(builds.cloud.registries.registries.get("g", "contoso").id)


def plain(log):
    """A log without its times and its line ends."""
    lines = log.replace("\r\n", "\n").splitlines()
    return "\n".join(line[20:] if line[:4] == "2026" else line for line in lines)


def test_a_build_pulls_its_base_adds_to_it_and_pushes(builds):
    status, log = builds.build()

    assert status == "Succeeded"
    assert plain(log).startswith(LOG)
    assert "Successfully pushed image: contoso.azurecr.io/app:v1" in log
    assert plain(log).splitlines()[-1].startswith("Run ID: ")
    assert " was successful after " in log
    manifest, config = image(builds)
    _, base = image(builds, "hello-world")
    assert len(manifest["layers"]) == len(config["rootfs"]["diff_ids"]) == len(base["rootfs"]["diff_ids"]) + 1
    assert config["config"]["Labels"] == {"team": "blue"}


def test_the_same_build_makes_the_same_layers(builds):
    builds.build(images=("app:v1",))
    builds.build(images=("app:v2",))

    first, second = (image(builds, tag=tag)[0]["layers"] for tag in ("v1", "v2"))
    assert first == second


def test_a_run_goes_from_queued_to_running_to_its_end(builds):
    id, world = builds.schedule(), builds.cloud.world

    seen = []
    for seconds in (0, 6, 60):
        world.advance_to(world.now + seconds)
        run = builds.client.runs.get("g", "contoso", id)
        seen.append(
            (run.properties.status, run.properties.start_time is not None, run.properties.finish_time is not None)
        )

    assert seen == [("Queued", False, False), ("Running", True, False), ("Succeeded", True, True)]
    assert run.properties.run_type == "QuickBuild"
    (made,) = run.properties.output_images
    assert (made.registry, made.repository, made.tag) == ("contoso.azurecr.io", "app", "v1")


def test_the_log_grows_and_says_when_it_is_complete(builds):
    id, world = builds.schedule(), builds.cloud.world
    link = builds.client.runs.get_log_sas_url("g", "contoso", id).log_link
    assert builds.send("HEAD", link).status_code == 404

    world.advance_to(world.now + 6)
    early = builds.send("HEAD", link)
    world.advance_to(world.now + 60)
    late = builds.send("HEAD", link)

    assert int(early.headers["Content-Length"]) < int(late.headers["Content-Length"])
    assert "x-ms-meta-Complete" not in early.headers
    assert late.headers["x-ms-meta-Complete"] == "successful"
    part = builds.send("GET", link, **{"x-ms-range": "bytes=0-9"})
    assert (part.status_code, part.text()) == (206, builds.log(id)[:10])


def test_a_signed_address_is_good_for_its_own_blob_and_verb(builds):
    id = builds.schedule()
    link = builds.client.runs.get_log_sas_url("g", "contoso", id).log_link

    assert builds.send("GET", link.replace(id, "cz9")).status_code == 403
    assert builds.send("PUT", link, b"x").status_code == 403
    builds.cloud.world.advance_to(builds.cloud.world.now + 3601)
    assert builds.send("GET", link).status_code == 403


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("FROM hello-world\nRUN apt-get update\n", "RUN in a Dockerfile"),
        ("FROM hello-world AS one\nFROM scratch\n", "a Dockerfile with stages"),
        ("FROM hello-world\nADD x /x\n", "ADD in a Dockerfile"),
        ("FROM hello-world\nLABEL a=$X\n", "a variable in LABEL"),
    ],
)
def test_what_would_have_to_run_is_said_when_it_is_asked_for(builds, file, said):
    with pytest.raises(HttpResponseError, match=said) as caught:
        builds.schedule(file)

    assert (caught.value.status_code, caught.value.error.code) == (501, "NotEmulated")


def test_a_source_elsewhere_is_not_fetched(builds):
    with pytest.raises(HttpResponseError, match=r"the source https://github\.com") as caught:
        builds.schedule(sourceLocation="https://github.com/Azure-Samples/acr-build-helloworld-node.git#main")

    assert caught.value.status_code == 501


@pytest.mark.parametrize(
    ("file", "said"),
    [
        ("FROM contoso.azurecr.io/none:v1\n", "manifest for contoso.azurecr.io/none:v1 not found"),
        ("FROM scratch\nCOPY missing /x\n", "COPY failed: file not found in build context"),
        ("FROM fabrikam.azurecr.io/x:v1\n", "no such host"),
    ],
)
def test_a_build_that_fails_says_why_and_exits(builds, file, said):
    status, log = builds.build(file)

    assert status == "Failed"
    assert said in log
    assert "failed to run step ID: build: exit status 1" in log
    assert "Error: failed during run, err: exit status 1" in log


def test_microsoft_s_registry_is_a_base_as_well(builds):
    status, _ = builds.build(
        'FROM mcr.microsoft.com/hello-world\nENV A=1 B="2 3"\nCMD ["/hello"]\nEXPOSE 80\nUSER 10\n'
    )

    config = image(builds)[1]["config"]
    assert status == "Succeeded"
    assert config["Cmd"] == ["/hello"]
    assert config["Env"][-2:] == ["A=1", "B=2 3"]
    assert (config["ExposedPorts"], config["User"]) == ({"80/tcp": {}}, "10")


def test_without_a_name_nothing_is_pushed(builds):
    status, log = builds.build(images=())

    assert status == "Succeeded"
    assert "Pushing image" not in log


def test_a_run_that_is_cancelled_does_nothing_more(builds):
    id = builds.schedule()

    builds.client.runs.cancel("g", "contoso", id)

    assert builds.ended(id)[0] == "Canceled"
    repositories = Content(builds.cloud.world, builds.cloud.world.get(registry_id(builds))).repositories()
    assert repositories == ["hello-world"]


def test_a_task_file_pulls_for_real_and_runs_no_container(builds):
    import base64

    text = "version: v1.1.0\nsteps: \n  - cmd: $Registry/hello-world:v1\n    disableWorkingDirectoryOverride: true\n"
    asked = {
        "type": "EncodedTaskRunRequest",
        "encodedTaskContent": base64.b64encode(text.encode()).decode(),
        "platform": {"os": "linux", "architecture": "amd64"},
    }
    id = builds.client.registries.schedule_run("g", "contoso", asked).properties.run_id

    status, log = builds.ended(id)

    assert status == "Failed"
    assert "Status: Downloaded newer image for contoso.azurecr.io/hello-world:v1" in log
    assert "not emulated: no container runs here" in log


def test_runs_are_listed_and_filtered_by_their_task(builds):
    builds.schedule()
    builds.schedule()

    assert len(list(builds.client.runs.list("g", "contoso"))) == 2
    assert list(builds.client.runs.list("g", "contoso", filter="TaskName eq 'other'")) == []


TASK = base64.b64encode(b"steps:\n  - cmd: contoso.azurecr.io/hello-world:v1\n").decode()
RUN = {"type": "EncodedTaskRunRequest", "encodedTaskContent": TASK, "platform": {"os": "Linux"}}


@pytest.mark.parametrize(
    ("change", "status"),
    [
        ({"platform": {"os": "Windows"}}, 501),
        ({"platform": {"os": "Linux", "architecture": "arm64"}}, 501),
        ({"sourceTrigger": "main"}, 501),
        ({"timeout": 60}, 400),
        ({"platform": None}, 400),
        ({"values": "image"}, 400),
    ],
)
def test_a_run_is_asked_for_as_its_kind_is_declared(builds, change, status):
    with pytest.raises(HttpResponseError) as caught:
        builds.client.registries.schedule_run("g", "contoso", {**RUN, **change})

    assert caught.value.status_code == status


def test_a_task_file_is_not_filled_in_with_values(builds):
    text = base64.b64encode(b"steps:\n  - cmd: contoso.azurecr.io/{{ .Values.image }}\n").decode()
    asked = {**RUN, "encodedTaskContent": text, "values": [{"name": "image", "value": "hello-world:v1"}]}

    with pytest.raises(HttpResponseError) as caught:
        builds.client.registries.schedule_run("g", "contoso", asked)

    assert caught.value.error.code == "NotEmulated"


def test_the_stage_that_a_run_of_a_task_asks_for_is_not_passed_over(builds):
    step = {"type": "Docker", "dockerFilePath": "Dockerfile", "contextPath": builds.upload({"Dockerfile": "FROM a"})}
    body = {"location": "westus", "properties": {"platform": {"os": "Linux"}, "step": step}}
    made = builds.client.tasks.create("g", "contoso", "rebuild", body)
    asked = {"type": "TaskRunRequest", "taskId": made.id, "overrideTaskStepProperties": {"target": "final"}}

    with pytest.raises(HttpResponseError) as caught:
        builds.client.registries.schedule_run("g", "contoso", asked)

    assert caught.value.error.code == "NotEmulated"
