"""Every parameter of the lab: its default (the article's), its rule, and what to do when a value breaks it."""

from __future__ import annotations

from typing import Any, Literal

from pydantic import BaseModel, ConfigDict, Field, ValidationError, model_validator

from acrlab.azure.cloud import Cloud, cloud_of, login_server, region_problem
from acrlab.errors import ConfigurationError
from acrlab.settings.environment import injected_parameters, own_parameters, settings_file
from acrlab.settings.values import filled_in, require_known, require_plain, require_room

# alias of `az vm create` -> publisher:offer:sku:version
IMAGES = {
    "Ubuntu2204": "Canonical:0001-com-ubuntu-server-jammy:22_04-lts-gen2:latest",
    "Ubuntu2404": "Canonical:ubuntu-24_04-lts:server:latest",
    "UbuntuLTS": "Canonical:UbuntuServer:18.04-LTS:latest",
}
NO_SHUTDOWN = "never"
PLANNED_HOURS = 2.25  # what the article's chapters take
GUID = r"[0-9a-fA-F]{8}(-[0-9a-fA-F]{4}){3}-[0-9a-fA-F]{12}"
REGISTRY_ID = (
    rf"(?i:/subscriptions/{GUID}/resourceGroups/[^/]+/providers/Microsoft\.ContainerRegistry/registries/[^/]+)"
)
RESOURCE_NAME = r"^[A-Za-z0-9]([A-Za-z0-9_.-]{0,62}[A-Za-z0-9_])?$"


def _named(default: str, description: str, pattern: str = RESOURCE_NAME) -> Any:
    return Field(default=default, description=description, pattern=f"^$|{pattern}" if not default else pattern)


class Settings(BaseModel):
    """What the lab is called and where it stands. Frozen: one set of settings is one lab.

    Build it with `Settings.from_parameters`, whose errors name the setting and what to do.
    """

    # By default Rust builds an automaton of every pattern as the class is made: 0.2 s of every start.
    model_config = ConfigDict(frozen=True, extra="forbid", regex_engine="python-re")

    backend: Literal["emulator", "azure", "replay"] = Field(
        default="emulator",
        description="Where the lab runs: `emulator` (here, free), `azure` (a real subscription) or `replay` (a "
        "recording of a run on one).",
    )
    subscription: str = Field(
        default="", description="Id of the real subscription; empty: what AZURE_SUBSCRIPTION_ID says."
    )
    other_subscription: str = Field(
        default="",
        description="Id of a second subscription, for what goes across two, as in chapter 04; empty: none, and on the "
        "emulated Azure one that is added there.",
        pattern=rf"^$|^{GUID}$",
    )
    partner: str = Field(
        default="",
        description="Who plays the other side across subscriptions in chapter 04: the id of their registry, or, where "
        "the registry is yours, the ids of their subscriptions, with a comma between; empty: you play both.",
        pattern=rf"^$|^{GUID}(,{GUID})*$|^{REGISTRY_ID}$",
    )
    resource_group: str = _named(
        "myResourceGroup",
        "The group that holds the lab: letters, digits and `_ . ( ) -`, at most 90, no dot at the end.",
        r"^[\w.()-]{0,89}[\w()-]$",
    )
    location: str = Field(default="westus", description="Azure region, by name or display name.")
    registry_name: str = Field(
        default="",
        description="5 to 50 letters and digits, unique in the world; empty: `myregistry` and eight characters.",
        pattern=r"^$|^[A-Za-z0-9]{5,50}$",
    )
    registry_sku: str = Field(default="Premium", description="Only Premium registries can have private endpoints.")
    image: str = Field(
        default="hello-world:v1",
        description="The sample image in the registry, `repository:tag`.",
        pattern=r"^[a-z0-9]+([._/-][a-z0-9]+)*:[\w][\w.-]{0,127}$",
    )
    image_source: str = Field(
        default="mcr.microsoft.com/hello-world:latest", description="Where the sample image is imported from."
    )
    vm_name: str = _named(
        "myDockerVM",
        "The VM: letters, digits and inner dashes, at most 64.",
        r"^[A-Za-z0-9]([A-Za-z0-9-]{0,62}[A-Za-z0-9])?$",
    )
    vm_size: str = Field(default="Standard_B2s", description="Size of the VM: 2 cores, 4 GiB are plenty.")
    vm_image: str = Field(default="Ubuntu2204", description=f"{', '.join(IMAGES)}, or publisher:offer:sku:version.")
    admin_username: str = Field(
        default="azureuser", description="The VM's administrator.", pattern=r"^[a-z][a-z0-9_-]{0,30}$"
    )
    ssh_source: str = Field(
        default="",
        description="Address or range that may reach the VM by SSH, such as 203.0.113.7/32; empty: none, for "
        "run-command needs no open port.",
        pattern=r"^$|^(\d{1,3}\.){3}\d{1,3}(/([1-9]|[12]\d|3[0-2]))?$",
    )
    network_name: str = _named("", "The VM's network; empty: the VM's name and `VNET`.")
    subnet_name: str = _named("", "The VM's subnet; empty: the VM's name and `Subnet`.")
    network_prefix: str = Field(default="10.0.0.0/16", description="Address space of the network, in CIDR notation.")
    subnet_prefix: str = Field(default="10.0.0.0/24", description="Range of the subnet; /28 or larger.")
    zone_name: str = Field(default="", description="The private DNS zone; empty: the only name that works.")
    link_name: str = _named("MyDNSLink", "The link between zone and network.")
    endpoint_name: str = _named("myPrivateEndpoint", "The private endpoint.")
    connection_name: str = _named("myConnection", "The endpoint's connection.")
    manual_endpoint_name: str = _named("myManualEndpoint", "The endpoint of chapter 04, approved by hand.")
    manual_connection_name: str = _named("myManualConnection", "Its connection.")
    portal_resource_group: str = _named(
        "",
        "The group of chapter 05, made and deleted there; empty: named after the lab's group, with `portal` in it.",
        r"^[\w.()-]{0,89}[\w()-]$",
    )
    portal_network_name: str = _named("myPortalVNET", "The network of chapter 05.")
    portal_subnet_name: str = _named("myPortalSubnet", "Its subnet.")
    portal_endpoint_name: str = _named("myPortalEndpoint", "The endpoint of chapter 05.")
    portal_network_prefix: str = Field(default="10.1.0.0/16", description="Address space of chapter 05's network.")
    portal_subnet_prefix: str = Field(default="10.1.0.0/24", description="Range of its subnet.")
    confirm_cost: float = Field(
        default=0,
        ge=0,
        allow_inf_nan=False,
        description="US dollars that a run on a real subscription may cost. Nothing is made there before it is said.",
    )
    owner: str = Field(
        default="",
        description="Who is responsible for what the lab makes, as a tag on it; empty: the caller on a real "
        "subscription, no one on the emulated one.",
    )
    tags: str = Field(
        default="",
        description="Tags of your own on all that the lab makes, as a policy may ask for: `team=web,costCenter=42`.",
        pattern=r"^$|^[^=,<>%&?/\\]+=[^=,]*(,[^=,<>%&?/\\]+=[^=,]*)*$",
    )
    expires_hours: int = Field(
        default=-1,
        ge=-1,
        le=8760,
        description="After how many hours what was forgotten may go (`acrlab clean-up --expired`), as a tag; 0: never; "
        "-1: 48 on a real subscription, never on the emulated one.",
    )
    shutdown_time: str = Field(
        default="",
        description="When Azure switches the VM off every day, in UTC, such as 1900; never: it does not; empty: twelve "
        "hours after the lab was first opened on a real subscription, 2100 on the emulated one.",
        pattern=rf"^$|^{NO_SHUTDOWN}$|^([01]\d|2[0-3])[0-5]\d$",
    )
    hands_on: Literal["auto", "on", "off"] = Field(
        default="auto",
        description="Who does the tasks: `on`: the reader, for whom a check waits; `off`: each check does its task "
        "itself and shows the code; `auto`: the reader where one sits in front, as in JupyterLab.",
    )
    world: str = Field(
        default="", description="File of the emulated Azure; empty: ACRLAB_WORLD, else `.acrlab/world.db`."
    )
    fixtures: str = Field(default="", description="The recording that is replayed; empty: what ACRLAB_FIXTURES says.")

    @classmethod
    def from_parameters(cls, **parameters: Any) -> Settings:
        """Build settings from what a `parameters` cell gives, over those of the settings file.

        A value that differs from its default was chosen there, and counts; others leave it to the file. What papermill
        put into the notebook counts as chosen, also where its cells do not hand it on.

        Raises: ConfigurationError: one line that names the setting, what is wrong with it and what to do.
        """
        injected = injected_parameters()
        defaults = {name: field.default for name, field in cls.model_fields.items()}
        chosen = {n: v for n, v in parameters.items() if n in injected or n not in defaults or v != defaults[n]}
        return cls.given(**chosen)

    @classmethod
    def given(cls, **values: Any) -> Settings:
        """Build settings from values each of which counts, over what papermill injected and over the settings file.

        Raises: ConfigurationError: one line that names the setting, what is wrong with it and what to do.
        """
        injected = injected_parameters()
        require_known({**values}, cls.model_fields)
        require_known({*injected} - own_parameters(), cls.model_fields)
        values = {n: v for n, v in {**injected, **values}.items() if n in cls.model_fields and v is not None}
        return cls._over_the_file(values) if settings_file() else cls.alone(**values)

    @classmethod
    def _over_the_file(cls, values: dict[str, Any]) -> Settings:
        from acrlab.settings.file import from_file, located, of_the_same_lab, require_kind  # most folders have none

        filed = from_file()
        with located(filed, values):
            require_known(filed, cls.model_fields)
            for name, value in filed.items():
                require_kind(name, value, _kind(cls.model_fields[name].annotation))
            return cls.alone(**{**of_the_same_lab(filed, values), **values})

    @classmethod
    def alone(cls, **values: Any) -> Settings:
        """Build settings from these values and the defaults alone: neither a file nor papermill is asked.

        Raises: ConfigurationError: one line that names the setting, what is wrong with it and what to do.
        """
        try:
            return cls(**values)
        except ValidationError as problem:
            raise _explained(problem) from None

    @classmethod
    def problems(cls, **values: Any) -> dict[str, str]:
        """Check settings as `given` does, and go on after the first that is wrong.

        Returns: setting -> what is wrong with it and what to do; empty: nothing is.
        """
        found: dict[str, str] = {}
        left = dict(values)
        while True:
            try:
                cls.given(**left)
            except ConfigurationError as problem:
                if problem.field in found:
                    return found
                found[problem.field] = str(problem).removeprefix(f"{problem.field}: ")
                left.pop(problem.field, None)
            else:
                return found

    @model_validator(mode="before")
    @classmethod
    def _fill_in(cls, given: dict[str, Any]) -> dict[str, Any]:
        """Choose what was left empty."""
        plain = {name: value for name, value in given.items() if value is not None}
        for name, value in plain.items():
            require_plain(name, value)
            # papermill takes `-p registry_name 123456` for a number
            if type(value) is int and name in cls.model_fields and cls.model_fields[name].annotation is str:
                plain[name] = str(value)
        return filled_in(plain, {name: field.default for name, field in cls.model_fields.items()})

    @model_validator(mode="after")
    def _hold_together(self) -> Settings:
        """Refuse what no single value can be blamed for, before anything is asked of Azure."""
        if problem := region_problem(self.location, emulated=self.backend == "emulator"):
            raise ConfigurationError("location", problem)
        if self.registry_sku != "Premium":
            message = f"a {self.registry_sku} registry cannot have private endpoints. Set it to Premium."
            raise ConfigurationError("registry_sku", message)
        if self.zone_name != self.cloud.zone:
            message = f"{self.zone_name} would never be asked in {self.location}. Leave it at {self.cloud.zone}."
            raise ConfigurationError("zone_name", message)
        if self.vm_image not in IMAGES and self.vm_image.count(":") != 3:
            message = f"{self.vm_image} is not known. Use {', '.join(IMAGES)} or publisher:offer:sku:version."
            raise ConfigurationError("vm_image", message)
        require_room("network_prefix", self.network_prefix, "subnet_prefix", self.subnet_prefix)
        require_room(
            "portal_network_prefix", self.portal_network_prefix, "portal_subnet_prefix", self.portal_subnet_prefix
        )
        if taken := [name for name in self.own_tags() if name.lower().startswith("acrlab")]:
            raise ConfigurationError("tags", f"{taken[0]} is a tag of the lab's own. Choose another name.")
        if self.backend == "azure" and not self.subscription:
            message = "backend azure needs the id of a subscription: set it, or AZURE_SUBSCRIPTION_ID."
            raise ConfigurationError("subscription", message)
        return self

    @property
    def cloud(self) -> Cloud:
        """The cloud that the region is in."""
        return cloud_of(self.location)

    @property
    def login_server(self) -> str:
        """The name for clients of a registry that the lab creates. `Lab.login_server` reads that of the one there."""
        return login_server(self.registry_name, self.cloud.registry_suffix)

    def own_tags(self) -> dict[str, str]:
        """Read the tags of one's own: name -> value."""
        pairs = (pair.partition("=") for pair in self.tags.split(",") if pair)
        return {name.strip(): value.strip() for name, _, value in pairs}

    def names(self) -> dict[str, str]:
        """Every setting that gives something its name or place, with the login server: for tables and commands."""
        optional = ("owner", "expires_hours", "confirm_cost", "ssh_source", "tags")
        hidden = {"world", "subscription", "other_subscription", "partner", "fixtures", "hands_on", "shutdown_time"}
        hidden |= {name for name in optional if not getattr(self, name)}
        return {k: str(v) for k, v in self.model_dump().items() if k not in hidden} | {
            "login_server": self.login_server
        }


def _kind(annotation: object) -> type:
    """The type that a settings file writes a setting in; a choice is text."""
    return annotation if annotation in (int, float) else str


def _explained(problem: ValidationError) -> ConfigurationError:
    """The first thing that is wrong, in one line."""
    error = problem.errors()[0]
    name = str(error["loc"][0]) if error["loc"] else "settings"
    rule = Settings.model_fields[name].description if name in Settings.model_fields else error["msg"]
    return ConfigurationError(name, f"{error.get('input')!r} is not possible. {rule}")
