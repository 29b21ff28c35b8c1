"""Carries out one run: signs in, does its steps, and keeps what it wrote and how it ended.

Words of the log: Azure/azure-cli#22920, Azure/acr-cli#122, Azure/acr-builder#613 and the documentation's samples.
"""

from __future__ import annotations

from acrlab.emulator.core.deviation import Deviation
from acrlab.emulator.core.http import JSON, ArmError
from acrlab.emulator.core.resource import Resource
from acrlab.emulator.core.world import World
from acrlab.emulator.network.routing import Delivery
from acrlab.emulator.shell.docker.client import Client, DockerProblem
from acrlab.emulator.shell.docker.reference import Reference
from acrlab.emulator.tasks import dockerfile, files, image
from acrlab.emulator.tasks.agent import Agent, agent_for
from acrlab.emulator.tasks.image import Image
from acrlab.emulator.tasks.log import Log
from acrlab.emulator.tasks.sign_in import NoLogin, logins, sign_in
from acrlab.emulator.tasks.source import Source
from acrlab.emulator.types.container_registry.registry_rules import server_of

NO_PROCESSOR = "not emulated: no container runs here; the image was pulled, and its program was not started"


class _Failed(Exception):
    """A step failed; the log says why."""


def carry_out(delivery: Delivery, registry: Resource, run: Resource, begun: float) -> None:
    """Do a run that has found an agent. What it wrote is seen as time goes on. `begun`: virtual second of its start."""
    job = _Job(delivery.world, registry, run, agent_for(delivery, registry, run), Log(begun))
    run.state["begun"] = begun
    problem = ""
    try:
        job.do()
    except (_Failed, ArmError) as failed:
        problem = "failed during run, err: exit status 1"
        job.log.tell(str(failed))
    seconds = round(job.log.now - begun)
    ending = f"failed after {seconds}s. Error: {problem}" if problem else f"was successful after {seconds}s"
    job.log.tell(f"\nRun ID: {run.id.name} {ending}")
    run.state |= {
        "ended": job.log.now,
        "status": "Failed" if problem else "Succeeded",
        "error": problem,
        "images": job.pushed,
        "log": job.log.lines,
    }
    files.forget(delivery.world, registry, run.state["step"]["source"])


class _Job:
    """One run on one agent.

    Attributes:
        pushed: what it brought to registries, for `outputImages`.
    """

    def __init__(self, world: World, registry: Resource, run: Resource, agent: Agent, log: Log) -> None:
        self._world, self._registry, self._run, self._agent, self.log = world, registry, run, agent, log
        self._clients: dict[str, Client] = {}
        self._built: dict[str, Image] = {}
        self.pushed: list[JSON] = []

    @property
    def _step(self) -> JSON:
        step: JSON = self._run.state["step"]
        return step

    def do(self) -> None:
        """Do everything. Raises: _Failed, ArmError."""
        source = self._source()
        self._sign_in()
        for number, step in enumerate(self._step["steps"]):
            name = step["do"] if step["do"] != "cmd" else f"acb_step_{number}"
            self.log.say(f"Executing step ID: {name}. Timeout(sec): 28800, Working directory: '', Network: ''")
            self._perform(step, source)
            self.log.say(f"Step ID: {name} marked as successful")

    def _source(self) -> Source:
        if not self._step["source"]:
            return Source({})
        self.log.say("Downloading source code...")
        found = files.source_of(self._world, self._registry, self._step["source"])
        self.log.say("Finished downloading source code")
        return found

    def _sign_in(self) -> None:
        self.log.say("Setting up Docker configuration...")
        self.log.say("Successfully set up Docker configuration")
        for login in logins(self._world, self._registry, self._run):
            self.log.say(f"Logging in to registry: {login.host}")
            try:
                self._clients[login.host] = sign_in(self._agent, login)
            except NoLogin as problem:
                self.log.now += 5  # it tries again, and again
                text = f"failed to login, ran out of retries: failed to set docker credentials: {problem}"
                raise _Failed(f"{text}\n: exit status 1") from problem
            self.log.say(f"Successfully logged into {login.host}")

    # -- steps -------------------------------------------------------------------------------------------------------

    def _perform(self, step: JSON, source: Source) -> None:
        try:
            if step["do"] == "build":
                self._build(step, source)
            elif step["do"] == "push":
                for name in step["images"]:
                    self._push(self._reference(name))
            else:
                self._pull_and_run(step)
        except DockerProblem as problem:
            name = step["do"]
            self.log.tell(str(problem))
            self.log.say(f"Container failed during run: {name}. No retries remaining.")
            raise _Failed(f"failed to run step ID: {name}: exit status 1") from problem

    def _build(self, step: JSON, source: Source) -> None:
        instructions = dockerfile.read(source.text(step["file"]))
        self.log.say("Scanning for dependencies...")
        self.log.say("Successfully scanned dependencies")
        self.log.say("Launching container with name: build")
        base = self._base(instructions[0].rest, len(instructions))
        for number, one in enumerate(instructions[1:], start=2):
            self.log.tell(f"Step {number}/{len(instructions)} : {one}")
        made = image.build(base, instructions, source, self._world.timestamp()[:19] + "Z")
        self.log.tell(f"Successfully built {made.id[7:19]}")
        references = [self._reference(name) for name in step["images"]]
        for reference in references:
            self._built[str(reference)] = made
            self.log.tell(f"Successfully tagged {reference}")
        self.log.say("Successfully executed container: build")
        if step["push"]:
            self.log.say("Executing step ID: push. Timeout(sec): 3600, Working directory: '', Network: ''")
            for reference in references:
                self._push(reference)

    def _base(self, name: str, steps: int) -> Image:
        self.log.tell(f"Step 1/{steps} : FROM {name}")
        if name == "scratch":
            return Image({"architecture": "amd64", "os": "linux", "config": {}})
        return self._pulled(self._reference(name, own=False))

    def _pulled(self, reference: Reference) -> Image:
        found = image.pull(self._client(reference), reference)
        self.log.tell(f"{reference.wanted}: Pulling from {reference.path}\nDigest: {found.digest}")
        self.log.tell(f"Status: Downloaded newer image for {reference}")
        return found

    def _push(self, reference: Reference) -> None:
        made = self._built.get(str(reference))
        if made is None:
            raise DockerProblem(f"An image does not exist locally with the tag: {reference.repository}")
        self.log.say(f"Pushing image: {reference}, attempt 1")
        self.log.tell(f"The push refers to repository [{reference.domain}/{reference.path}]")
        digest = image.push(self._client(reference), reference, made)
        self.log.tell(f"{reference.tag}: digest: {digest} size: {len(made.manifest)}")
        self.log.say(f"Successfully pushed image: {reference}")
        about = {"registry": reference.domain, "repository": reference.path, "tag": reference.tag, "digest": digest}
        self.pushed.append(about)

    def _pull_and_run(self, step: JSON) -> None:
        reference = self._reference(step["image"], own=False)
        self.log.say(f"Launching container with name: {step['do']}")
        self._pulled(reference)
        raise DockerProblem(NO_PROCESSOR)

    # -- names and registries ------------------------------------------------------------------------------------------

    def _reference(self, name: str, *, own: bool = True) -> Reference:
        """Read an image's name; one without a registry means the run's own, where it is to be pushed."""
        server = server_of(self._registry)
        for word in ("$Registry", "{{.Run.Registry}}", "{{ .Run.Registry }}"):
            name = name.replace(word, server)
        for word in ("$ID", "{{.Run.ID}}", "{{ .Run.ID }}"):
            name = name.replace(word, self._run.id.name)
        found = Reference.parse(name)
        if found is not None and own and found.domain != server and "." not in name.partition("/")[0]:
            found = Reference.parse(f"{server}/{name}")
        if found is None:
            raise DockerProblem(f'invalid argument "{name}" for "-t, --tag" flag: invalid reference format')
        return found.tagged()

    def _client(self, reference: Reference) -> Client:
        """A client of a registry: signed in, or as anyone."""
        if reference.host not in self._clients:
            client = Client(self._agent, reference.host)
            client.ping()
            self._clients[reference.host] = client
        return self._clients[reference.host]


DEVIATIONS = (
    Deviation(
        of="runs of a registry's tasks",
        what="A run's requests are never throttled, and all that it does happens when an agent takes it.",
        impact="A push that Azure would try again goes through at the first attempt.",
        reason="The world's clock stands still while a run is done; its log says what each step takes.",
        workaround="On Azure look for `attempt 2` in a log.",
    ),
)
