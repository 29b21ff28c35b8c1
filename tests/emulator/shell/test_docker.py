"""Docker on the VM: real protocol work from the VM's place in the network."""

import pytest

from acrlab.emulator.registry.content import BLOB, Content, Entry

ACR_PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
ACR_PUSH = "8311e382-0749-4cb8-b61a-304f252e45ec"
IMAGE = "contoso.azurecr.io/hello-world:v1"
DIGEST = "sha256:9d657c07c418fe758c68b40b6b5f3a6534afdc73706894c8148ae63439b9357f"
LAYER = "b54754cdf30e"
MANIFEST = "https://contoso.azurecr.io/v2/hello-world/manifests/v1"
SIGN_IN = "az login --identity > /dev/null && az acr login --name contoso > /dev/null"


@pytest.fixture
def signed_in(place, tools):
    """The VM with docker, signed in to the registry, which holds the sample image."""
    registry = place.registry()
    place.import_hello(registry)
    place.assign(ACR_PULL, place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm")), registry)
    tools.out(SIGN_IN)
    return tools


def test_pull_brings_every_layer_and_tells_the_digest(signed_in):
    assert signed_in.out(f"docker pull {IMAGE}").splitlines() == [
        "v1: Pulling from hello-world",
        f"{LAYER}: Pulling fs layer",
        f"{LAYER}: Verifying Checksum",
        f"{LAYER}: Download complete",
        f"{LAYER}: Pull complete",
        f"Digest: {DIGEST}",
        f"Status: Downloaded newer image for {IMAGE}",
        IMAGE,
    ]


def test_second_pull_moves_nothing(signed_in):
    signed_in.out(f"docker pull {IMAGE}")
    assert signed_in.out(f"docker pull {IMAGE}").splitlines() == [
        "v1: Pulling from hello-world",
        f"Digest: {DIGEST}",
        f"Status: Image is up to date for {IMAGE}",
        IMAGE,
    ]


def test_image_can_be_pulled_by_its_digest(signed_in):
    out = signed_in.out(f"docker pull contoso.azurecr.io/hello-world@{DIGEST}")
    assert f"Status: Downloaded newer image for contoso.azurecr.io/hello-world@{DIGEST}" in out


def test_removed_image_has_to_travel_again(signed_in):
    signed_in.out(f"docker pull {IMAGE}")
    removed = signed_in.out('for image in $(docker images -q | sort -u); do docker rmi -f "$image"; done')
    assert f"Untagged: {IMAGE}\n" in removed
    assert signed_in.out("docker images -q") == ""
    assert f"{LAYER}: Pull complete" in signed_in.out(f"docker pull {IMAGE}")


def test_pull_without_signing_in_is_unauthorized(place, tools):
    place.import_hello(place.registry())
    outcome = tools.run(f"docker pull {IMAGE}")
    assert outcome.exit_code == 1
    assert outcome.stderr == (
        f'Error response from daemon: Head "{MANIFEST}": unauthorized: authentication required, visit '
        "https://aka.ms/acr/authorization for more information.\n"
    )


def test_closed_registry_names_the_address_that_it_saw(place, signed_in):
    place.registry(publicNetworkAccess="Disabled")
    refer = "Refer https://aka.ms/acr/firewall to grant access."
    denied = f"denied: client with IP '203.0.113.77' is not allowed access. {refer}"
    outcome = signed_in.run(f"docker pull {IMAGE}")
    assert outcome.stderr == f'Error response from daemon: Head "{MANIFEST}": {denied}\n'
    outcome = signed_in.run("echo secret | docker login contoso.azurecr.io -u someone --password-stdin")
    assert outcome.stderr == f'Error response from daemon: Get "https://contoso.azurecr.io/v2/": {denied}\n'


def test_closed_registry_is_open_through_its_endpoint(place, signed_in):
    place.registry(publicNetworkAccess="Disabled")
    place.linked()
    assert f"Digest: {DIGEST}" in signed_in.out(f"{SIGN_IN}; docker pull {IMAGE}")


def test_missing_data_record_fails_where_layers_are_fetched(place, signed_in):
    place.endpoint()
    place.zone()
    place.record("contoso", "10.0.0.6")
    outcome = signed_in.run(f"docker pull {IMAGE}")
    assert outcome.stdout == f"v1: Pulling from hello-world\n{LAYER}: Pulling fs layer\n"
    assert outcome.stderr == (
        "Error response from daemon: error pulling image configuration: download failed after attempts=6: dial tcp: "
        "lookup contoso.westus.data.azurecr.io on 127.0.0.53:53: no such host\n"
    )


def test_missing_registry_record_is_no_such_host(place, signed_in):
    place.endpoint()
    place.zone()
    assert signed_in.run(f"docker pull {IMAGE}").stderr == (
        'Error response from daemon: Get "https://contoso.azurecr.io/v2/": dial tcp: lookup contoso.azurecr.io on '
        "127.0.0.53:53: no such host\n"
    )


def test_stale_record_times_out(place, signed_in):
    place.endpoint(status="Pending")
    place.zone()
    place.record("contoso", "10.0.0.6")
    assert signed_in.run(f"docker pull {IMAGE}").stderr == (
        'Error response from daemon: Get "https://contoso.azurecr.io/v2/": net/http: request canceled while waiting '
        "for connection (Client.Timeout exceeded while awaiting headers)\n"
    )


def test_swapped_records_show_in_the_certificate(place, signed_in):
    place.endpoint()
    place.zone()
    place.record("contoso", "10.0.0.5")
    assert signed_in.run(f"docker pull {IMAGE}").stderr == (
        'Error response from daemon: Get "https://contoso.azurecr.io/v2/": tls: failed to verify certificate: x509: '
        "certificate is valid for *.westus.data.azurecr.io, not contoso.azurecr.io\n"
    )


def test_unknown_tag_is_named(signed_in):
    assert signed_in.run("docker pull contoso.azurecr.io/hello-world:v9").stderr == (
        "Error response from daemon: manifest for contoso.azurecr.io/hello-world:v9 not found: manifest unknown: "
        'manifest tagged by "v9" is not found\n'
    )


def test_layer_that_arrives_damaged_is_refused(place, signed_in):
    folder = place.world.blobs / "sha256"
    for file in folder.rglob(f"{LAYER}*"):
        file.write_bytes(b"something else")
    outcome = signed_in.run(f"docker pull {IMAGE}")
    assert outcome.exit_code == 1
    assert "filesystem layer verification failed for digest sha256:b54754cdf30e" in outcome.stderr


# -- run -----------------------------------------------------------------------------------------------------------


def test_run_fetches_what_is_missing_and_prints_the_images_message(tools):
    outcome = tools.run("sudo docker run hello-world")
    assert outcome.stdout.startswith("Hello from Docker!\n")
    assert outcome.stderr.startswith("Unable to find image 'hello-world:latest' locally\nlatest: Pulling from library/")
    assert tools.run("sudo docker run hello-world").stderr == ""


def test_run_takes_words_for_the_program(tools):
    assert tools.out("docker run --rm --entrypoint echo hello-world hi 2>&1 || true").endswith(
        'exec: "echo": executable file not found in $PATH: unknown.\n'
    )
    assert tools.run("docker run --rm hello-world /no/such").stderr.endswith(
        "cat: /no/such: No such file or directory\n"
    )


def test_run_with_a_terminal_needs_one(tools):
    assert tools.run("docker run -it hello-world").stderr == "the input device is not a TTY\n"
    assert tools.run("docker run -i hello-world").exit_code == 0


def test_containers_files_are_not_the_vms(tools):
    assert tools.run("docker run hello-world /etc/hostname").stderr.endswith("No such file or directory\n")


# -- tag, push, images -----------------------------------------------------------------------------------------------


def test_push_brings_an_image_to_the_registry(place, signed_in):
    registry = place.registry()
    place.assign(ACR_PUSH, place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm")), registry)
    script = f"{SIGN_IN}; docker pull {IMAGE} > /dev/null; docker tag {IMAGE} contoso.azurecr.io/team/copy:v2"
    pushed = signed_in.out(f"{script} && docker push contoso.azurecr.io/team/copy:v2")
    assert pushed.splitlines()[0] == "The push refers to repository [contoso.azurecr.io/team/copy]"
    assert pushed.splitlines()[-1] == f"v2: digest: {DIGEST} size: 401"
    signed_in.out("docker rmi -f contoso.azurecr.io/team/copy:v2 > /dev/null")
    assert f"Digest: {DIGEST}" in signed_in.out("docker pull contoso.azurecr.io/team/copy:v2")


def test_push_without_the_right_to_is_unauthorized(signed_in):
    script = f"docker pull {IMAGE} > /dev/null; docker tag {IMAGE} contoso.azurecr.io/copy:v2"
    outcome = signed_in.run(f"{script}; docker push contoso.azurecr.io/copy:v2")
    assert outcome.exit_code == 1
    assert outcome.stderr.startswith("unauthorized: authentication required")


def test_push_of_what_is_not_there_is_refused(signed_in):
    outcome = signed_in.run("docker push contoso.azurecr.io/none:v1")
    assert outcome.stderr == "An image does not exist locally with the tag: contoso.azurecr.io/none\n"


def test_images_are_listed(tools):
    tools.run("docker run hello-world")
    assert tools.out("docker images").splitlines() == [
        "REPOSITORY    TAG       IMAGE ID       CREATED      SIZE",
        "hello-world   latest    90629027b1f1   4 days ago   888B",
    ]
    assert tools.out("docker images -q hello-world:latest") == "90629027b1f1\n"


# -- the daemon, and credentials ---------------------------------------------------------------------------------------


def test_docker_is_a_command_only_once_installed(terminal):
    assert terminal.run("docker ps").exit_code == 127
    assert terminal.run("command -v docker").exit_code == 1


def test_stopped_daemon_does_not_answer(tools):
    outcome = tools.run("systemctl stop docker; docker images")
    assert outcome.stderr.startswith("Cannot connect to the Docker daemon at unix:///var/run/docker.sock.")
    assert tools.out("systemctl start docker; systemctl is-active docker") == "active\n"


def test_socket_is_roots(tools):
    assert tools.run("sudo -u azureuser docker ps").stderr.startswith("permission denied while trying to connect")
    assert tools.out("sudo -u azureuser sudo docker ps -q") == ""


def test_admin_signs_in_with_the_registrys_password(place, tools):
    registry = place.registry(adminUserEnabled=True)
    password = place.world.perform("registry_credentials", registry)["passwords"][0]["value"]
    outcome = tools.run(f"echo {password} | docker login contoso.azurecr.io --username contoso --password-stdin")
    assert (outcome.stdout, outcome.exit_code) == ("Login Succeeded\n", 0)
    assert tools.run("docker login contoso.azurecr.io -u contoso -p wrong").stderr.endswith(
        'Error response from daemon: Get "https://contoso.azurecr.io/v2/": unauthorized: authentication required, '
        "visit https://aka.ms/acr/authorization for more information.\n"
    )


def test_signing_out_forgets_the_credential(signed_in):
    assert signed_in.out("docker logout contoso.azurecr.io") == "Removing login credentials for contoso.azurecr.io\n"
    assert signed_in.out("docker logout contoso.azurecr.io") == "Not logged in to contoso.azurecr.io\n"
    assert signed_in.run(f"docker pull {IMAGE}").exit_code == 1


@pytest.mark.parametrize(
    ("script", "words"),
    [
        ("docker build .", "docker: not emulated: docker build"),
        ("docker pull --all-tags x", "unknown flag: --all-tags (or not emulated)"),
        ("docker login", "docker login: not emulated: accounts of Docker Hub"),
        ("docker pull 'UPPER CASE'", "Error response from daemon: invalid reference format"),
        ("docker login contoso.azurecr.io", "Error: Cannot perform an interactive login from a non TTY device"),
    ],
)
def test_what_is_not_emulated_says_so(tools, script, words):
    outcome = tools.run(script)
    assert outcome.exit_code
    assert outcome.stderr.startswith(words)


DOCKERS = "application/vnd.docker.distribution.manifest.v2+json"
DOCKERS_LIST = "application/vnd.docker.distribution.manifest.list.v2+json"


def push(place, manifest, config, media_type=DOCKERS):
    """Put an image into the registry as anyone who may push could have put it there."""
    registry = place.world.get(place.id("Microsoft.ContainerRegistry/registries", "contoso"))
    content = Content(place.world, registry)
    with place.world.transaction():
        digest = content.files.write(config).digest
        content.put(Entry(BLOB, "odd", digest))
        raw = manifest.replace(b"CONFIG", digest.encode())
        content.keep_manifest("odd", raw, {"mediaType": media_type}, tag="v1")


@pytest.mark.parametrize(
    ("manifest", "config", "media_type", "problem"),
    [
        (b"[]", b"{}", DOCKERS, "invalid manifest: it is not an object"),
        (b"{", b"{}", DOCKERS, "invalid manifest: Expecting"),
        (b"[" * 50_000, b"{}", DOCKERS, "invalid manifest: "),
        (b'{"config": {"digest": "CONFIG"}}', b"{}", DOCKERS, "invalid manifest: layers"),
        (b'{"layers": []}', b"{}", DOCKERS, "invalid manifest: config"),
        (b'{"config": {"digest": "CONFIG"}, "layers": [7]}', b"{}", DOCKERS, "invalid manifest: layers"),
        (b'{"config": {"digest": "CONFIG"}, "layers": []}', b"[", DOCKERS, "invalid image configuration: Expecting"),
        (b'{"config": {"digest": "CONFIG"}, "layers": []}', b"[]", DOCKERS, "configuration: it is not an object"),
        (b'{"config": {"digest": "CONFIG"}, "layers": []}', b'{"created": 7}', DOCKERS, "configuration: created"),
        (b'{"config": {"digest": "CONFIG"}, "layers": []}', b'{"config": {"Cmd": 7}}', DOCKERS, "configuration: Cmd"),
        (b'{"config": {"digest": "CONFIG"}, "layers": []}', b'{"rootfs": []}', DOCKERS, "configuration: rootfs"),
        (b'{"manifests": 7}', b"{}", DOCKERS_LIST, "invalid manifest list: manifests"),
        (b'{"manifests": [{"platform": 7}]}', b"{}", DOCKERS_LIST, "invalid manifest list: manifests"),
        (b'{"manifests": [{}]}', b"{}", DOCKERS_LIST, ""),
    ],
)
def test_an_image_that_makes_no_sense_is_refused_and_does_no_harm(
    place, signed_in, manifest, config, media_type, problem
):
    push(place, manifest, config, media_type)

    outcome = signed_in.run("docker pull contoso.azurecr.io/odd:v1 && docker run contoso.azurecr.io/odd:v1")

    assert outcome.exit_code != 0
    assert problem in outcome.stderr
    assert "odd" not in signed_in.out("docker images")


REGIONAL = "contoso.westus.geo.azurecr.io"
WITH_A_TOKEN = (
    "az acr login --name contoso --expose-token --query accessToken --output tsv 2> /dev/null"
    f" | docker login {REGIONAL} --username 00000000-0000-0000-0000-000000000000 --password-stdin > /dev/null"
)


def test_a_region_s_own_login_server_serves_the_same_images_from_its_own_data_endpoint(place, signed_in):
    place.registry(regionalEndpoints="Enabled", dataEndpointEnabled=True)

    refused = signed_in.run(f"docker pull {REGIONAL}/hello-world:v1")
    pulled = signed_in.out(f"{WITH_A_TOKEN}; docker pull {REGIONAL}/hello-world:v1")
    headers = signed_in.out(f"curl --silent --include https://{REGIONAL}/v2/")

    assert "unauthorized" in refused.stderr
    assert f"Digest: {DIGEST}" in pulled
    assert f'realm="https://{REGIONAL}/oauth2/token",service="{REGIONAL}"' in headers


def test_without_regional_endpoints_their_names_do_not_exist(signed_in):
    assert "no such host" in signed_in.run(f"docker pull {REGIONAL}/hello-world:v1").stderr
