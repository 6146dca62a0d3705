"""Everything CodeDeploy knows of a region, under one lock, and what it needs from the rest of the sandbox."""

import threading
from collections.abc import Callable
from dataclasses import dataclass

from sandbox.clock import Clock
from sandbox.codedeploy.configs import predefined
from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.model import Application, Config, Deployment, Group, Json
from sandbox.ecs.store import Store as EcsStore
from sandbox.functions.invoking import Invoke, nobody


@dataclass
class Surroundings:
    clock: Clock
    ecs: EcsStore
    role_exists: Callable[[str], bool]
    note: Callable[[Json], None]  # writes what became of a deployment into the journal
    invoke: Invoke = nobody  # a function, as a role that CodeDeploy may assume


class Store:
    def __init__(self, around: Surroundings) -> None:
        self.around = around
        self.clock = around.clock
        self.region = around.ecs.region
        # Taken before ECS's lock, never after it.
        self.lock = threading.RLock()
        self.changed = threading.Event()
        self.applications: dict[str, Application] = {}
        self.configs: dict[str, Config] = {config.name: config for config in predefined()}
        self.deployments: dict[str, Deployment] = {}
        self.tags: dict[str, list[Json]] = {}
        #: GitHub accounts that CodeDeploy's console was connected to
        self.github_connections: list[str] = []

    def wake(self) -> None:
        self.changed.set()

    def application(self, name: str) -> Application:
        found = self.applications.get(name)
        if found is None:
            refuse("ApplicationDoesNotExist", f"No application found for name: {name}")
        return found

    def group(self, application: str, name: str) -> Group:
        found = self.application(application).groups.get(name)
        if found is None:
            refuse("DeploymentGroupDoesNotExist", f"No Deployment Group found for name: {name}")
        return found

    def config(self, name: str) -> Config:
        found = self.configs.get(name)
        if found is None:
            refuse("DeploymentConfigDoesNotExist", f"No Deployment Configuration found for name: {name}")
        return found

    def deployment(self, number: str) -> Deployment:
        found = self.deployments.get(number)
        if found is None:
            refuse("DeploymentDoesNotExist", f"The deployment {number} could not be found")
        return found

    def groups(self) -> list[Group]:
        return [group for application in self.applications.values() for group in application.groups.values()]

    def active_in(self, group: Group) -> Deployment | None:
        running = (each for each in self.deployments.values() if each.group is group and not each.is_over)
        return next(running, None)
