"""Whether the board names what the running tasks' digests are, once the idle watch has had its look."""

import time
from contextlib import suppress

from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.aws.sessions import connect
from deployments.catalog.models import Environment, ReleaseImage, running

#: One look of the idle watch, the heartbeat that asks for it, and the worker that is killed meanwhile.
ONE_LOOK = 5 + 5 + 10
#: So much longer for each time that the worker is killed once more: until the next one looks.
A_START = 8
#: Between two comparisons of one environment.
EVERY = 1.5


class Board:
    def __init__(self, environment: Environment) -> None:
        self._pk = environment.pk
        self._next = 0.0
        self._differs_since: float | None = None
        self._killed_then = 0
        self._agreed = False
        self.looks = 0

    def forget(self) -> None:
        """A deployment is under way, which knows better."""
        self._differs_since, self._agreed = None, False

    @property
    def is_sure(self) -> bool:
        """Whether the last comparison found them to agree."""
        return self._agreed

    def wrong(self, killed: int) -> str:
        """What the board says and what runs, once they have differed for longer than one look takes.

        `killed`: how often the worker was, so far.
        """
        if time.monotonic() < self._next:
            return ""
        self._next = time.monotonic() + EVERY
        environment = Environment.objects.select_related("application", "live_release").get(pk=self._pk)
        ran: set[str] | None = None
        with suppress(AwsError):
            ran = _versions(environment, connect(environment.binding))
        if ran is None or len(ran) != 1:  # nobody knows, or tasks are being replaced
            self._differs_since = None
            return ""
        self.looks += 1
        (version,) = ran
        said = _named(environment)
        self._agreed = said == version
        if self._agreed:
            self._differs_since = None
            return ""
        if self._differs_since is None:
            self._differs_since, self._killed_then = time.monotonic(), killed
        lasts, times = time.monotonic() - self._differs_since, killed - self._killed_then
        if lasts < ONE_LOOK + A_START * times:
            return ""
        self._differs_since = None
        looked = f"{environment.compared_at:%H:%M:%S}" if environment.compared_at else "never"
        return (
            f"the board names {said}, but the tasks run {version} for {lasts:.0f} s, in which the worker was killed "
            f"{times} times; it was last looked at {looked}"
        )


def _named(environment: Environment) -> str:
    """A release, or the digest of what no release is."""
    if outside := running.outside(environment):
        digest = (outside.images or {}).get(environment.container_name, "").rpartition("@")[2]
        return outside.version or digest or outside.trouble
    return environment.live_release.version if environment.live_release else "nothing"


def _versions(environment: Environment, gateway: Gateway) -> set[str] | None:
    """What the tasks run that production's traffic reaches, by their digests; None while something moves."""
    rule = gateway.rule(environment.production_rule) if environment.production_rule else None
    if rule is not None and len(rule.live) != 1:
        return None
    name = environment.service
    for slot, group in environment.target_groups.items():
        if rule is not None and rule.share(group) == 100 and environment.services[slot]:
            name = environment.services[slot]
    service = gateway.services(environment.cluster, [name]).get(name)
    if service is None or not service.steady or not service.desired:
        return None
    tasks = gateway.running_tasks(environment.cluster, name)
    if any(task.last_status != "RUNNING" for task in tasks) or len(tasks) != service.desired:
        return None
    digests = {task.digests.get(environment.container_name, "") for task in tasks}
    if len(digests) != 1:
        return None
    known = ReleaseImage.objects.filter(release__application=environment.application, digest__in=digests)
    return set(known.values_list("release__version", flat=True)) or digests
