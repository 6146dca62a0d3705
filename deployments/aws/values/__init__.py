"""What is read from AWS, as frozen values in our words. Times are aware datetimes in UTC."""

from deployments.aws.values.account import Binding, Identity, Image, ScalableTarget, SecurityGroupRule, TaggedImage
from deployments.aws.values.ecs import (
    Capacity,
    ProtectedTask,
    Rollout,
    Service,
    ServiceDeployment,
    Task,
    TaskDefinition,
    TaskSet,
    images_by_tag,
)
from deployments.aws.values.lattice import Lattice
from deployments.aws.values.load_balancing import NetworkListener, Route, Rule, Target, TargetGroup
from deployments.aws.values.managed import Managed
from deployments.aws.values.pipelines import Approval, ApprovalAction, ApprovalRun, DeclaredAction, release_in
from deployments.aws.values.scheduled import Starter
from deployments.aws.values.service_deployments import FunctionHook, NativeDeployment, PauseHook, ServiceRevision
from deployments.aws.values.watching import Alarm, Metric, Traffic

__all__ = [
    "Alarm",
    "Approval",
    "ApprovalAction",
    "ApprovalRun",
    "Binding",
    "Capacity",
    "DeclaredAction",
    "Identity",
    "Image",
    "Lattice",
    "Managed",
    "Metric",
    "NativeDeployment",
    "NetworkListener",
    "FunctionHook",
    "PauseHook",
    "ProtectedTask",
    "Rollout",
    "Route",
    "Rule",
    "ScalableTarget",
    "SecurityGroupRule",
    "Service",
    "ServiceDeployment",
    "ServiceRevision",
    "Starter",
    "TaggedImage",
    "Target",
    "TargetGroup",
    "Task",
    "TaskDefinition",
    "TaskSet",
    "Traffic",
    "images_by_tag",
    "release_in",
]
