"""A task that ECS may not stop."""

from tests.flows.clients import client


class Protected:
    """One running task of a service, which somebody protects."""

    def __init__(self, cluster: str, service: str) -> None:
        self._ecs, self._cluster = client("ecs"), cluster
        (self.arn, *_) = self._ecs.list_tasks(cluster=cluster, serviceName=service)["taskArns"]
        self.protect(True)

    def protect(self, enabled: bool) -> None:
        self._ecs.update_task_protection(cluster=self._cluster, tasks=[self.arn], protectionEnabled=enabled)
