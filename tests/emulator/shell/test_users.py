"""Who runs a command, who may use docker, and what its daemon wrote down."""

import pytest

PULL = "7f951dda-4ed3-4680-a7ca-43fe172d538d"
SAID = (
    "permission denied while trying to connect to the Docker daemon socket at unix:///var/run/docker.sock: "
    '{} "http://%2Fvar%2Frun%2Fdocker.sock{}": dial unix /var/run/docker.sock: connect: permission denied'
)


@pytest.mark.parametrize(
    ("script", "method", "path"),
    [
        ("docker ps", "Get", "/v1.45/containers/json"),
        ("docker images", "Get", "/v1.45/images/json"),
        ("docker pull contoso.azurecr.io/a:v1", "Post", "/v1.45/images/create"),
    ],
)
def test_docker_tells_a_user_what_it_may_not_ask_of_the_daemon(tools, script, method, path):
    outcome = tools.run(f"su - azureuser -c '{script}'")

    assert (outcome.stderr, outcome.exit_code) == (f"{SAID.format(method, path)}\n", 1)


def test_docker_run_tells_it_in_its_own_way(tools):
    outcome = tools.run("sudo -u azureuser docker run hello-world")

    assert outcome.exit_code == 125
    assert outcome.stderr == f"docker: {SAID.format('Head', '/_ping')}.\nSee 'docker run --help'.\n"


def test_who_is_put_into_the_group_may_use_docker_in_the_next_session(tools):
    assert tools.out("sudo usermod -aG docker azureuser; su azureuser -c 'groups; id -nG'") == "azureuser docker\n" * 2
    assert "CONTAINER ID" in tools.out("su - azureuser -c 'docker ps'")
    assert "groups=1000(azureuser),119(docker)" in tools.out("sudo -u azureuser id")


def test_the_group_is_there_once_docker_is(terminal):
    outcome = terminal.run("usermod -aG docker azureuser")
    assert (outcome.stderr, outcome.exit_code) == ("usermod: group 'docker' does not exist\n", 6)


@pytest.mark.parametrize(
    ("script", "said", "status"),
    [
        ("su - nobody-here -c id", "su: user nobody-here does not exist", 1),
        ("sudo -u azureuser su -c whoami", "su: Authentication failure\n", 1),
        ("sudo -u azureuser usermod -aG docker azureuser", "usermod: Permission denied.", 1),
        ("usermod -aG docker ghost", "usermod: user 'ghost' does not exist\n", 6),
        ("usermod -L azureuser", "usermod: not emulated", 1),
        ("su -m azureuser", "su: not emulated: -m", 1),
    ],
)
def test_what_is_refused_is_said(tools, script, said, status):
    outcome = tools.run(script)

    assert (said in outcome.stderr, outcome.exit_code) == (True, status), outcome.stderr


def test_su_becomes_another_user_with_their_home(tools):
    assert tools.out("su - azureuser -c 'whoami; echo $HOME'") == "azureuser\n/home/azureuser\n"
    assert tools.out("echo whoami | su azureuser") == "azureuser\n"


# -- the daemon's log ------------------------------------------------------------------------------------------------


def test_the_journal_has_what_could_not_be_pulled(place, tools):
    assert tools.out("journalctl -u docker --no-pager") == "-- No entries --\n"
    tools.run("docker pull nobody.azurecr.io/a:v1")

    lines = tools.out("journalctl -u docker.service --no-pager").splitlines()
    assert [line.partition("level=")[2].split()[0] for line in lines] == ["warning", "info", "error"]
    assert lines[0].startswith("Jan 05 09:")
    assert r'msg="Error getting v2 registry: Get \"https://nobody.azurecr.io/v2/\": dial tcp: lookup' in lines[0]
    assert "Handler for POST /v1.45/images/create returned error: Get" in lines[2]
    assert tools.out("journalctl -u docker -n 1").splitlines() == lines[-1:]


def test_the_journal_has_each_try_for_a_layer(place, tools):
    registry = place.registry()
    place.import_hello(registry)
    place.assign(PULL, place.world.get(place.id("Microsoft.Compute/virtualMachines", "vm")), registry)
    place.endpoint()
    place.zone()
    place.record("contoso", "10.0.0.6")
    tools.run("az login --identity; az acr login -n contoso; docker pull contoso.azurecr.io/hello-world:v1")

    told = tools.out("journalctl -u docker")
    assert "Download failed, retrying (5/5): dial tcp: lookup contoso.westus.data.azurecr.io" in told
    assert "Not continuing with pull after error: " in told


def test_the_journal_is_root_s_and_docker_s_alone(tools):
    assert "insufficient permissions" in tools.run("sudo -u azureuser journalctl -u docker").stderr
    assert "not emulated" in tools.run("journalctl -u ssh").stderr
    assert "not emulated" in tools.run("journalctl").stderr
