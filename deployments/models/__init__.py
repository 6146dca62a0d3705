from deployments.models.application import Application
from deployments.models.aws_calls import AwsCallCount
from deployments.models.deployment import Deployment, Measurement, StageRun
from deployments.models.environment import Environment, GatePolicy, OneOffTask, SmokeCheck, Webhook
from deployments.models.event import Event, EventChain
from deployments.models.events_queue import EventsQueue
from deployments.models.gate import Approval, Gate
from deployments.models.heartbeat import Heartbeat
from deployments.models.release import Immutable, Release, ReleaseImage

__all__ = [
    "Application",
    "Approval",
    "AwsCallCount",
    "Deployment",
    "Environment",
    "Event",
    "EventChain",
    "EventsQueue",
    "Gate",
    "GatePolicy",
    "Heartbeat",
    "Immutable",
    "Measurement",
    "OneOffTask",
    "Release",
    "ReleaseImage",
    "SmokeCheck",
    "StageRun",
    "Webhook",
]
