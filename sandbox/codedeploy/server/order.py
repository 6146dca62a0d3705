"""Which instance is deployed to first, as CodeDeploy orders them by health.

1. Unhealthy: the last deployment to it did not end well, or there was none.
2. Unknown: no revision was ever brought to the end there.
3. Old: another revision than that of the group's last successful deployment.
4. Current.

So whoever is out of traffic because a deployment was cut short comes back before the next one leaves.
"""

from enum import IntEnum

from sandbox.codedeploy.model import Deployment, Group
from sandbox.codedeploy.revisions import key_of
from sandbox.codedeploy.server.fleet import Fleet
from sandbox.codedeploy.store import Store


class Health(IntEnum):
    UNHEALTHY = 1
    UNKNOWN = 2
    OLD = 3
    CURRENT = 4


def by_health(store: Store, fleet: Fleet, group: Group, numbers: list[str]) -> list[str]:
    """Those of equal health stay in their order."""
    return sorted(numbers, key=lambda number: _health(store, fleet, group, number))


def _health(store: Store, fleet: Fleet, group: Group, number: str) -> Health:
    attempts = [each for each in store.deployments.values() if each.group is group and _attempted(each, number)]
    newest = max(attempts, key=lambda each: each.created_at, default=None)
    if newest is None or newest.targets[number].status != "Succeeded":
        return Health.UNHEALTHY
    if not fleet.has(number, group):
        return Health.UNKNOWN
    installed = store.deployments.get(fleet.instance(number).installed[group.id].deployment)
    last = group.last_successful
    same = installed is not None and last is not None and key_of(installed.revision) == key_of(last.revision)
    return Health.CURRENT if same else Health.OLD


def _attempted(deployment: Deployment, number: str) -> bool:
    target = deployment.targets.get(number)
    return target is not None and any(event.started_at for event in target.events)
