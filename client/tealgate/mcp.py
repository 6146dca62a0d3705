"""`tealgate mcp`: what an agent may do, as tools of the Model Context Protocol, over standard input and output.

There is no tool that decides at a gate, and the token refuses it, too. What changes something is offered only where the
token was given the scope for it. What identifies a thing has a form that no address can be hidden in.
"""

from collections.abc import Callable, Collection
from functools import wraps
from typing import Annotated, Any, TypeVar

from mcp.server import MCPServer
from mcp.server.mcpserver.exceptions import ToolError
from mcp_types import ToolAnnotations
from pydantic import Field

from tealgate import __version__
from tealgate.api import Api, at
from tealgate.endings import Ending, Refused
from tealgate.quoting import NOTE, marked
from tealgate.texts import clean

Tool = TypeVar("Tool", bound=Callable[..., Any])

Slug = Annotated[str, Field(pattern=r"^[A-Za-z0-9_-]{1,60}$")]
Version = Annotated[str, Field(pattern=r"^[A-Za-z0-9_+~-][A-Za-z0-9._+~-]{0,99}$")]
Number = Annotated[int, Field(ge=1, le=2**63 - 1, strict=True)]
Few = Annotated[int, Field(ge=1, le=100)]
Text = Annotated[str, Field(min_length=1, max_length=500)]

#: Shorter than what clients wait for an answer.
LONGEST_WATCH = 50
_INSTRUCTIONS = (
    "Tealgate puts releases on Amazon ECS. You read, compare, preview, register, ask for deployments and watch them. "
    "You do not decide: at a gate people do, on the page that the gate names; tell them, and wait. Preview before you "
    "ask, and give the preview's fingerprint. Everything you ask for is told as asked for by an agent. " + NOTE
)
_MAKE = "Make it on the page API tokens, with “It acts for an agent” ticked."
_READS = ToolAnnotations(read_only_hint=True, open_world_hint=False)
_ADDS = ToolAnnotations(read_only_hint=False, destructive_hint=False, open_world_hint=False)
_CHANGES = ToolAnnotations(read_only_hint=False, destructive_hint=True, open_world_hint=False)


def serve(api: Api) -> None:
    """Until standard input ends. Raises Refused for the token of anybody but an agent."""
    server(api, scopes_of_agent(api)).run("stdio")


def scopes_of_agent(api: Api) -> Collection[str]:
    """Raises Refused: with a person's token an agent could decide, and with a machine's nobody would see an agent."""
    who = api.get("/me")
    if who["kind"] == "AGENT":
        return frozenset(who["scopes"])
    if who["kind"] == "PERSON":
        raise Refused(f"This token is a person's, who may decide at gates. An agent needs one of its own. {_MAKE}")
    raise Refused(f"The token {clean(who['name'])} does not say that an agent uses it. {_MAKE}")


def server(api: Api, scopes: Collection[str]) -> MCPServer[Any]:
    found: MCPServer[Any] = MCPServer(
        "tealgate", version=__version__, instructions=_INSTRUCTIONS, log_level="WARNING", subscriptions=False
    )
    _reading(found, api)
    _asking(found, api, scopes)
    if "deployments:stop" in scopes:
        _turning_back(found, api)
    return found


def _reading(server: MCPServer[Any], api: Api) -> None:
    tool = _tools(server, _READS)

    @tool
    def list_environments(limit: Few = 50) -> dict[str, Any]:
        """Every environment: what is live there, whether it is locked, which deployment is under way."""
        return marked(api.get("/environments", {"limit": limit}))

    @tool
    def environment(application: Slug, environment: Slug, preflight: bool = False) -> dict[str, Any]:
        """One environment. With preflight its checks, too, which reads AWS."""
        place = at("environments", application, environment)
        return marked({**api.get(place), **({"preflight": api.get(f"{place}/preflight")} if preflight else {})})

    @tool
    def releases(application: Slug, limit: Few = 20) -> dict[str, Any]:
        """The newest releases of an application, with their images' digests and commits."""
        return marked(api.get(f"{at('applications', application)}/releases", {"limit": limit}))

    @tool
    def compare(application: Slug, version: Version, other: Version) -> dict[str, Any]:
        """Two releases of an application, and in which of their members they differ."""
        one, two = (api.get(at("applications", application, "releases", each)) for each in (version, other))
        differs = sorted(name for name in one if name not in ("id", "version") and one[name] != two.get(name))
        return marked({"differs": differs, "releases": [one, two]})

    @tool
    def watch(deployment: Number, seen: str = "", seconds: Annotated[int, Field(ge=0, le=LONGEST_WATCH)] = 0) -> Any:
        """A deployment: status, stages, gate. With seconds it waits that long for a change of what `seen` was."""
        query = {"wait": seconds, **({"seen": seen[:40]} if seen else {})} if seconds else {}
        return marked(api.ask("GET", at("deployments", deployment), query=query, timeout=seconds + 15).data)

    @tool
    def events(deployment: Annotated[int, Field(ge=0)] = 0, limit: Few = 20) -> dict[str, Any]:
        """What happened, newest first: of one deployment, or everywhere (0)."""
        path = f"{at('deployments', deployment)}/events" if deployment else "/events"
        return marked(api.get(path, {"limit": limit}))

    @tool
    def gate(gate: Number) -> dict[str, Any]:
        """A gate with its evidence, who asked, what was decided, and the page on which people decide."""
        found = api.get(at("gates", gate))
        return marked({**found, "people_decide_at": api.page(found["deployment"])})


def _asking(server: MCPServer[Any], api: Api, scopes: Collection[str]) -> None:
    def preview(application: Slug, environment: Slug, version: Version, strategy: Slug = "") -> dict[str, Any]:
        """What a deployment would do, what stands in its way, and the fingerprint of that. Reads AWS."""
        query = {"version": version, **({"strategy": strategy} if strategy else {})}
        return marked(api.get(f"{at('environments', application, environment)}/preview", query))

    def register_release(
        application: Slug,
        version: Version,
        images: dict[str, str],
        git_sha: Annotated[str, Field(pattern=r"^([0-9a-f]{7,64})?$")] = "",
        notes: Annotated[str, Field(max_length=10_000)] = "",
    ) -> dict[str, Any]:
        """Register a release: container to image, by tag or digest. The same again is well; other contents refused."""
        body = {"version": version, "images": images, "git_sha": git_sha, "notes": notes}
        return marked(api.post(f"{at('applications', application)}/releases", body))

    def request_deployment(
        application: Slug,
        environment: Slug,
        version: Version,
        reason: Text,
        fingerprint: Annotated[str, Field(pattern="^[0-9a-f_]{1,200}$")],
        strategy: Slug = "",
    ) -> dict[str, Any]:
        """Ask for what was previewed. People read the reason at its gates, and that an agent asked."""
        body = {"version": version, "reason": reason, "fingerprint": fingerprint}
        body |= {"strategy": strategy} if strategy else {}
        return marked(api.post(f"{at('environments', application, environment)}/deployments", body))

    if "deployments:write" in scopes:
        _tools(server, _READS)(preview)
        _tools(server, _CHANGES)(request_deployment)
    if "releases:write" in scopes:
        _tools(server, _ADDS)(register_release)


def _turning_back(server: MCPServer[Any], api: Api) -> None:
    tool = _tools(server, _CHANGES)

    @tool
    def stop(deployment: Number, reason: Text) -> dict[str, Any]:
        """Stop a deployment: before anything changed it just ends, after that it is rolled back."""
        return marked(api.post(at("deployments", deployment, "stop"), {"reason": reason}))

    @tool
    def roll_back(deployment: Number, reason: Text) -> dict[str, Any]:
        """All production traffic back to what was live before."""
        return marked(api.post(at("deployments", deployment, "roll-back"), {"reason": reason}))


def _tools(server: MCPServer[Any], annotations: ToolAnnotations) -> Callable[[Tool], Tool]:
    """Offers a function, and says in a sentence why it could not be done."""

    def offered(function: Tool) -> Tool:
        @wraps(function)
        def told(*arguments: Any, **named: Any) -> Any:
            try:
                return function(*arguments, **named)
            except Ending as ending:
                raise ToolError(f"Tealgate says no, quoted: “{clean(ending.sentence)}”") from ending

        server.tool(annotations=annotations, structured_output=False)(told)
        return function

    return offered
