"""One thread that takes every deployment's story one step on, again and again.

Between two steps it looks whether a person or an alarm wants the deployment stopped, and throws that into
the story at the place where it waits. A story therefore reads as if nothing could interrupt it.
"""

import logging
import threading
from collections.abc import Callable, Mapping

from sandbox.codedeploy import alarms, history, rollbacks
from sandbox.codedeploy.halts import Failed, Halt, Stopped
from sandbox.codedeploy.lifecycle import Story
from sandbox.codedeploy.model import Deployment, utcnow
from sandbox.codedeploy.store import Store

logger = logging.getLogger(__name__)

MOVING = 0.05
RESTING = 0.25
Deploy = Callable[[Deployment], Story]


class Engine:
    """``by_platform`` begins a deployment's story; ``look_around`` finds what nobody asked for."""

    def __init__(self, store: Store, by_platform: Mapping[str, Deploy], look_around: Callable[[], None]) -> None:
        self._store = store
        self._by_platform = by_platform
        self._look_around = look_around
        self._stories: dict[str, Story] = {}
        self._closing = False
        self._thread = threading.Thread(target=self._run, name="codedeploy", daemon=True)

    def start(self) -> None:
        self._thread.start()

    def close(self) -> None:
        self._closing = True
        self._store.wake()
        if self._thread.ident is not None:
            self._thread.join()

    def _run(self) -> None:
        while not self._closing:
            self._store.changed.wait(MOVING if self._stories else RESTING)
            self._store.changed.clear()
            if self._closing:
                return
            try:
                with self._store.lock:
                    self._pass()
            except Exception:
                # One bad pass must not end the world; the next one sees the same state again.
                logger.exception("CodeDeploy: a pass failed")

    def _pass(self) -> None:
        for deployment in list(self._store.deployments.values()):
            if not deployment.is_over:
                self._advance(deployment)
        self._look_around()

    def _advance(self, deployment: Deployment) -> None:
        story = self._stories.get(deployment.id)
        try:
            if story is None:
                story = self._stories[deployment.id] = self._deploy(deployment)
                history.note(self._store, deployment)
                next(story)
                return
            halt = _interruption(self._store, deployment)
            if halt is not None:
                story.throw(halt)
            else:
                next(story)
        except StopIteration:
            del self._stories[deployment.id]
            history.note(self._store, deployment)

    def _deploy(self, deployment: Deployment) -> Story:
        """Any deployment, from Created to its end."""
        try:
            deployment.status = "Queued"
            yield
            deployment.status, deployment.started_at = "InProgress", utcnow()
            if not self._store.around.role_exists(deployment.group.body.get("serviceRoleArn", "")):
                raise Failed("IAM_ROLE_MISSING", "The service role of the deployment group cannot be accessed.")
            yield from self._by_platform[deployment.group.platform](deployment)
        except Halt as halt:
            rollbacks.follow(self._store, deployment, halt)
        except Exception:
            logger.exception("CodeDeploy: %s failed", deployment.id)
            rollbacks.follow(self._store, deployment, Failed("INTERNAL_ERROR", "There was an internal error."))
        else:
            deployment.finish("Succeeded")
            # A rollback of a first deployment went back to something that was never a revision here.
            if deployment.undoes is None or deployment.undoes.previous_revision is not None:
                deployment.group.last_successful = deployment


def _interruption(store: Store, deployment: Deployment) -> Halt | None:
    if deployment.past_return:
        return None
    if deployment.stop_requested:
        return Stopped("MANUAL_STOP", "The deployment was stopped by a user.", event="DEPLOYMENT_STOP_ON_REQUEST")
    # A rollback goes on while the alarm that caused it is still red.
    return alarms.judge(store.region, deployment) if deployment.undoes is None else None
