"""CodeDeploy as the sandbox runs it in a region: the store, the engine, and a story for each platform."""

from collections.abc import Callable
from functools import partial
from pathlib import Path

from sandbox.clock import Clock
from sandbox.codedeploy import github_connections, history
from sandbox.codedeploy.ecs import story as ecs_story
from sandbox.codedeploy.engine import Engine
from sandbox.codedeploy.model import Json
from sandbox.codedeploy.server import newcomers
from sandbox.codedeploy.server import story as server_story
from sandbox.codedeploy.server.fleet import Fleet
from sandbox.codedeploy.store import Store, Surroundings
from sandbox.ecs.store import Store as EcsStore
from sandbox.functions.invoking import Invoke, nobody


class CodeDeploy:
    def __init__(
        self,
        clock: Clock,
        ecs: EcsStore,
        role_exists: Callable[[str], bool],
        note: Callable[[Json], None],
        github: Path | None = None,
        invoke: Invoke = nobody,
    ) -> None:
        self.store = Store(Surroundings(clock, ecs, role_exists, note, invoke))
        # AWS's console connects; here a directory of GitHub revisions does.
        self.store.github_connections = [github_connections.OWN] if github else []
        self.fleet = Fleet(ecs.region, ecs.addresses, ecs.load_balancers, github)
        by_platform = {
            "ECS": partial(ecs_story.deploy, self.store),
            "Server": partial(server_story.deploy, self.store, self.fleet),
        }
        self._engine = Engine(self.store, by_platform, partial(newcomers.welcome, self.store, self.fleet))

    def restore(self, records: list[Json]) -> None:
        """Put noted deployments back, as the journal remembers them."""
        with self.store.lock:
            for record in records:
                history.restore(self.store, record)

    def start(self) -> None:
        self._engine.start()

    def close(self) -> None:
        self._engine.close()
        self.fleet.close()
