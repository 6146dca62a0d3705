"""What AWS's services look like, as botocore has it from files: only of what is asked of them.

Whole, they are a thousand operations with their manuals, tens of megabytes in each process that makes clients of them.
"""

import sys
from collections.abc import Iterable, Iterator, Mapping
from pathlib import Path
from typing import Any

from botocore.loaders import JSONFileLoader, Loader

#: All that Tealgate asks of AWS. A client has no method for anything else.
OPERATIONS = {
    service: frozenset(operations.split())
    for service, operations in {
        "application-autoscaling": "DescribeScalableTargets RegisterScalableTarget",
        "cloudwatch": "DescribeAlarms GetMetricData",
        "codedeploy": "BatchGetDeploymentGroups BatchGetDeploymentTargets BatchGetDeployments ContinueDeployment "
        "CreateDeployment GetApplication GetApplicationRevision GetDeployment GetDeploymentConfig GetDeploymentGroup "
        "ListApplications ListDeploymentGroups ListDeploymentTargets ListDeployments ListGitHubAccountTokenNames "
        "StopDeployment",
        "codepipeline": "GetPipeline GetPipelineState ListActionExecutions PutApprovalResult",
        "ec2": "DescribeInstances DescribeSecurityGroups",
        "ecr": "BatchGetImage DescribeImages GetDownloadUrlForLayer",
        "ecs": "ContinueServiceDeployment DeregisterTaskDefinition DescribeContainerInstances "
        "DescribeServiceDeployments DescribeServiceRevisions DescribeServices DescribeTaskDefinition DescribeTasks "
        "GetTaskProtection "
        "ListClusters ListContainerInstances ListServiceDeployments ListServices ListTaskDefinitions ListTasks "
        "RegisterTaskDefinition RunTask StopServiceDeployment StopTask UpdateExpressGatewayService UpdateService",
        "elbv2": "DescribeListeners DescribeLoadBalancers DescribeRules DescribeTags DescribeTargetGroupAttributes "
        "DescribeTargetGroups DescribeTargetHealth ModifyListener ModifyRule",
        "events": "DescribeRule ListRuleNamesByTarget ListTargetsByRule PutEvents PutTargets",
        "iam": "GetRole SimulatePrincipalPolicy",
        "logs": "DescribeLogGroups GetLogEvents",
        "s3": "GetObject HeadObject",
        "scheduler": "GetSchedule ListSchedules UpdateSchedule",
        "secretsmanager": "GetSecretValue",
        "sns": "Publish",
        "sqs": "DeleteMessageBatch GetQueueUrl ReceiveMessage",
        # botocore itself asks for the credentials of roles.
        "sts": "AssumeRole AssumeRoleWithWebIdentity GetCallerIdentity",
        "vpc-lattice": "GetListener GetRule",
    }.items()
}


def loader() -> Loader:
    """For sessions. Parses each file once; what it gives is only ever read, so all may share it."""
    return Loader(file_loader=Files())


class Files(JSONFileLoader):
    """Other services than those above, such as sso where a developer signs in by it, are whole."""

    def __init__(self) -> None:
        #: what is known already, by its path without `.json`
        self.known: dict[str, Any] = {}

    def load_file(self, file_path: str) -> Any:
        if file_path not in self.known:
            self.known[file_path] = self._read(file_path)
        return self.known[file_path]

    def _read(self, path: str) -> Any:
        found = super().load_file(path)
        *_, service, _, kind = ("", "", *Path(path).parts)
        if found is None or service not in OPERATIONS:
            return _plain(found)
        if kind == "service-2":
            found = _only(found, OPERATIONS[service])
        elif kind == "paginators-1":
            pages = found["pagination"]
            found = {"pagination": {name: pages[name] for name in pages if name in OPERATIONS[service]}}
        return _plain(found)


def _only(model: Mapping[str, Any], names: Iterable[str]) -> dict[str, Any]:
    """As of a service that has but these operations, and no manual."""
    operations = {name: _bare(model["operations"][name]) for name in sorted(names)}
    shapes: dict[str, Any] = {}
    waiting = list(_shapes_named(operations))
    while waiting:
        if (name := waiting.pop()) not in shapes:
            shapes[name] = _bare(model["shapes"][name])
            waiting += _shapes_named(shapes[name])
    return {**model, "operations": operations, "shapes": shapes}


def _bare(part: Mapping[str, Any]) -> dict[str, Any]:
    """Of an operation or a shape: without its text and its members'."""
    bare = {name: value for name, value in part.items() if not name.startswith("documentation")}
    for name in ("input", "output", "member", "key", "value"):
        if name in bare:
            bare[name] = _bare(bare[name])
    if "members" in bare:
        bare["members"] = {name: _bare(member) for name, member in bare["members"].items()}
    return bare


def _shapes_named(part: Any) -> Iterator[str]:
    if isinstance(part, Mapping):
        if isinstance(part.get("shape"), str):
            yield part["shape"]
        part = list(part.values())
    if isinstance(part, list):
        for each in part:
            yield from _shapes_named(each)


def _plain(part: Any) -> Any:
    """botocore reads ordered dictionaries, which take twice as much; every dictionary keeps its order."""
    if isinstance(part, Mapping):
        return {name: _plain(value) for name, value in part.items()}
    if isinstance(part, list):
        return [_plain(each) for each in part]
    return sys.intern(part) if isinstance(part, str) else part
