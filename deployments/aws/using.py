"""Who uses a task definition, in the whole account and region: asked before a revision is deregistered.

A service's own tasks go on without an ACTIVE revision. A deployment, a rule or a schedule that names one does not.
"""

from collections.abc import Collection, Iterator, Mapping, Sequence

from deployments.aws import actions
from deployments.aws.calling import chunks
from deployments.aws.ecs import SERVICES_A_CALL, TASKS_A_CALL, Ecs
from deployments.aws.scheduled import Scheduled
from deployments.aws.values.scheduled import family_of, names_revision

#: ARN of a revision, and who uses it
Use = tuple[str, str]


class Using(Ecs, Scheduled):
    def _revise(self, action: actions.RegisterTaskDefinition | actions.DeregisterTaskDefinition) -> actions.Made:
        if isinstance(action, actions.RegisterTaskDefinition):
            return self._register_task_definition(action)
        self.call("ecs", "DeregisterTaskDefinition", taskDefinition=action.task_definition)
        return actions.Made()

    def active_revisions(self, family: str) -> tuple[str, ...]:
        pages = self.pages("ecs", "ListTaskDefinitions", familyPrefix=family, status="ACTIVE", sort="DESC")
        return tuple(arn for page in pages for arn in page["taskDefinitionArns"])

    def revisions_in_use(self, families: Collection[str]) -> Mapping[str, str]:
        clusters = [arn for page in self.pages("ecs", "ListClusters") for arn in page["clusterArns"]]
        found: dict[str, str] = {}
        for arn, who in self._uses(families, clusters):
            if names_revision(arn) and family_of(arn) in families:
                found.setdefault(arn, who)
        return found

    def _uses(self, families: Collection[str], clusters: Sequence[str]) -> Iterator[Use]:
        for cluster in clusters:
            yield from self._of_services(cluster)
            for family in sorted(families):
                yield from self._of_tasks(cluster, family)
            for starter in self.starters(cluster, families):
                yield starter.task_definition, starter.called

    def _of_services(self, cluster: str) -> Iterator[Use]:
        arns = [arn for page in self.pages("ecs", "ListServices", cluster=cluster) for arn in page["serviceArns"]]
        for some in chunks(arns, SERVICES_A_CALL):
            for raw in self.call("ecs", "DescribeServices", cluster=cluster, services=some)["services"]:
                for each in (raw, *raw.get("deployments", ()), *raw.get("taskSets", ())):
                    yield each.get("taskDefinition", ""), f"service {raw['serviceName']}"

    def _of_tasks(self, cluster: str, family: str) -> Iterator[Use]:
        # Those that are on their way are to be RUNNING too.
        pages = self.pages("ecs", "ListTasks", cluster=cluster, family=family, desiredStatus="RUNNING")
        arns = [arn for page in pages for arn in page["taskArns"]]
        for some in chunks(arns, TASKS_A_CALL):
            for raw in self.call("ecs", "DescribeTasks", cluster=cluster, tasks=some)["tasks"]:
                yield raw["taskDefinitionArn"], f"task {raw['taskArn'].rsplit('/', 1)[-1]}"
