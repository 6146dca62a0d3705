"""The lifecycle events of one instance: CodeDeploy's own and the scripts of the bundle."""

from collections.abc import Callable, Generator
from dataclasses import dataclass
from pathlib import Path

from sandbox.codedeploy import bundles, traffic
from sandbox.codedeploy.halts import Failed
from sandbox.codedeploy.lifecycle import Story, lifecycle_event, until
from sandbox.codedeploy.model import Deployment, Json, LifecycleEvent, Target
from sandbox.codedeploy.server.appspec import AppSpec, BadAppSpec, Script, parse, unknown_events
from sandbox.codedeploy.server.fleet import Fleet
from sandbox.codedeploy.server.instance import Installed, Instance
from sandbox.codedeploy.server.outcomes import outcome
from sandbox.codedeploy.store import Store

BLOCK = ("BeforeBlockTraffic", "BlockTraffic", "AfterBlockTraffic")
INSTALL = (
    "ApplicationStop",
    "DownloadBundle",
    "BeforeInstall",
    "Install",
    "AfterInstall",
    "ApplicationStart",
    "ValidateService",
)
ALLOW = ("BeforeAllowTraffic", "AllowTraffic", "AfterAllowTraffic")
# Scripts of the revision that was put in place last, however its deployment ended.
FROM_BEFORE = ("BeforeBlockTraffic", "AfterBlockTraffic", "ApplicationStop")
IGNORABLE = FROM_BEFORE
QUICKEST_TIMEOUT = 15.0  # real seconds: a script does not run faster because AWS's minutes do
IN_SERVICE_WITHIN = 3600  # AWS seconds

AGENT_HOME = "opt/codedeploy-agent"
LOG_TAIL = 2048  # characters; whole lines, the newest


@dataclass(eq=False)
class Steps:
    """One instance in one deployment."""

    store: Store
    fleet: Fleet
    deployment: Deployment
    target: Target
    instance: Instance
    spec: AppSpec | None = None
    _content: str | None = None

    def run(self, names: tuple[str, ...]) -> Story:
        own: dict[str, Callable[[], Story]] = {
            "BlockTraffic": self._block,
            "AllowTraffic": self._allow,
            "DownloadBundle": self._download,
            "Install": self._install,
        }
        for name in names:
            try:
                with lifecycle_event(self.target, name):
                    yield from own[name]() if name in own else self._scripts(name)
            except Failed:
                if name not in IGNORABLE or not self.deployment.request.get("ignoreApplicationStopFailures"):
                    raise

    def settle(self) -> None:
        """The revision is what the instance runs now."""
        self.instance.installed[self.deployment.group.id] = self._installed

    @property
    def _installed(self) -> Installed:
        assert self.spec is not None
        return Installed(self.deployment.id, self._archive, self.spec)

    @property
    def _home(self) -> Path:
        place = f"{AGENT_HOME}/deployment-root/{self.deployment.group.id}/{self.deployment.id}"
        return self.instance.root / place

    def _there(self, path: Path) -> str:
        """As the instance has it."""
        return f"/{path.relative_to(self.instance.root)}"

    @property
    def _archive(self) -> Path:
        return self._home / "deployment-archive"

    def _ask(self, **command: object) -> Generator[None, None, Json]:
        return _answer(self.instance, self.instance.ask(**command))

    def _download(self) -> Story:
        self._home.mkdir(parents=True, exist_ok=True)
        there = self.instance.installed.get(self.deployment.group.id) if self.deployment.restarts else None
        try:
            # A restart takes the copy that is on the instance, and needs no bundle any more.
            archive, kind = (
                (there.archive, "directory")
                if there is not None
                else bundles.place(self.deployment.revision, self._home, self.fleet.github)
            )
        except bundles.Missing as problem:
            raise _unknown(str(problem)) from problem
        answer = yield from self._ask(do="unpack", archive=str(archive), kind=kind, to=str(self._archive))
        self._content = answer["appspec"]

    def _read(self) -> AppSpec:
        """Not before the first script of the new revision is looked for."""
        if self.spec is None:
            try:
                self.spec = parse(self._content, self._there(self._archive))
            except BadAppSpec as problem:
                raise _unknown(str(problem)) from problem
        return self.spec

    def _install(self) -> Story:
        spec, group = self._read(), self.deployment.group.id
        if wrong := unknown_events(spec):
            named = ", ".join(f'"{name}"' for name in wrong)
            raise _unknown(f"appspec.yml file contains unknown lifecycle events: [{named}]")
        answer = yield from self._ask(
            do="install",
            **{"from": str(self._archive)},
            root=str(self.instance.root),
            files=spec.files,
            permissions=spec.permissions,
            exists=spec.exists or self.deployment.request.get("fileExistsBehavior", "DISALLOW"),
            # Gone whatever becomes of the rest.
            ours=self.instance.files.pop(group, []),
        )
        self.instance.files[group] = answer["installed"]
        self.instance.in_place[group] = self._installed

    def _scripts(self, name: str) -> Story:
        if name in FROM_BEFORE:
            before = self.instance.in_place.get(self.deployment.group.id)
            if before is None:
                return
            spec, archive = before.spec, before.archive
        else:
            spec, archive = self._read(), self._archive
        said = [f"LifecycleEvent - {name}\n"]
        for script in spec.hooks.get(name, []):
            yield from self._script(name, script, archive, said)

    def _script(self, name: str, script: Script, archive: Path, said: list[str]) -> Story:
        path = archive / script.location.lstrip("/")
        answer = yield from self._ask(
            do="run",
            script=str(path),
            runas=script.runas or ("root" if script.sudo else ""),
            cwd=str(self.instance.root / AGENT_HOME),
            logs=str(self._home / "logs"),
            timeout=max(self.store.clock.seconds(script.timeout), QUICKEST_TIMEOUT),
            environment=self._environment(name),
        )
        said += [f"Script - {script.location}\n", *answer["log"]]
        event = self.target.event(name)
        assert event is not None
        code, message = outcome(answer, script, self._there(path), str(self.instance.root))
        event.diagnostics = {
            "errorCode": code,
            "scriptName": script.location,
            "message": message,
            "logTail": _tail(said) if code != "Success" else "",
        }
        if code != "Success":
            raise Failed("HEALTH_CONSTRAINTS", message)

    def _environment(self, name: str) -> dict[str, str]:
        return {
            "LIFECYCLE_EVENT": name,
            "APPLICATION_NAME": self.deployment.application.name,
            "DEPLOYMENT_ID": self.deployment.id,
            "DEPLOYMENT_GROUP_NAME": self.deployment.group.name,
            "DEPLOYMENT_GROUP_ID": self.deployment.group.id,
            **bundles.environment(self.deployment.revision),
        }

    def _block(self) -> Story:
        """Out of every target group, and the connections that are left come to their end."""
        balancers = self.store.around.ecs.load_balancers
        groups = target_groups(self.store.region, self.deployment)
        for arn, port in groups:
            balancers.deregister(arn, self.instance.id, port)
        yield from until(
            self.store.clock,
            lambda: all(balancers.health(arn, self.instance.id, port).state != "draining" for arn, port in groups),
            within=IN_SERVICE_WITHIN,
            otherwise=_unknown("The instance could not be deregistered from the load balancer."),
        )

    def _allow(self) -> Story:
        balancers = self.store.around.ecs.load_balancers
        groups = target_groups(self.store.region, self.deployment)
        for arn, port in groups:
            balancers.register(arn, self.instance.id, port)
        yield from until(
            self.store.clock,
            lambda: all(balancers.health(arn, self.instance.id, port).state == "healthy" for arn, port in groups),
            within=IN_SERVICE_WITHIN,
            otherwise=_unknown("The instance did not become healthy in the load balancer."),
        )


def _answer(instance: Instance, number: int) -> Generator[None, None, Json]:
    while True:
        answer = instance.answer(number)
        if answer is None:
            yield
            continue
        if "error" in answer:
            raise _unknown(str(answer["error"]))
        return answer


def _tail(said: list[str]) -> str:
    while len(said) > 1 and sum(map(len, said)) > LOG_TAIL:
        said = said[1:]
    return "".join(said)


def _unknown(message: str) -> Failed:
    return Failed("HEALTH_CONSTRAINTS", message)


def target_groups(region: str, deployment: Deployment) -> list[tuple[str, int]]:
    """ARNs and ports of the target groups that the deployment group's instances stand in."""
    names = deployment.group.body.get("loadBalancerInfo", {}).get("targetGroupInfoList") or []
    found = [traffic.target_group(region, each["name"]) for each in names]
    return [(group.arn, int(group.port)) for group in found if group is not None]


def events(names: tuple[str, ...]) -> list[LifecycleEvent]:
    return [LifecycleEvent(name) for name in names]
