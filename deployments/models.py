"""The list of all tables. Each model lives in the room it belongs to; Django finds them here.

The rooms themselves import from each other (`deployments.catalog.models`), never from here.
"""

from deployments.catalog.models import (
    Application,
    DeviceGrant,
    Environment,
    FoundVersion,
    GatePolicy,
    IssuerKeys,
    JobToken,
    Link,
    OneOffTask,
    Release,
    ReleaseImage,
    SelfRegistration,
    SmokeCheck,
    Token,
    Trust,
    UsedIdToken,
    Webhook,
)
from deployments.delivery.models import (
    Approval,
    Deployment,
    EventsQueue,
    Gate,
    Measurement,
    Move,
    PipelineAnswer,
    Presence,
    StageRun,
    Tidying,
)
from deployments.ops.models import Answered, AwsCallCount, Heartbeat
from deployments.record.models import Event, EventChain, Outbox
from deployments.telling.forge.models import Forge, ForgeQuestion, ForgeRepository, ForgeTelling
from deployments.telling.notifications.models import (
    Message,
    Notice,
    NotificationAddress,
    NotificationChannel,
    NotificationPreference,
)
from deployments.telling.webhooks.models import WebhookDelivery, WebhookSubscription

__all__ = [
    "Answered",
    "Application",
    "Approval",
    "AwsCallCount",
    "Deployment",
    "DeviceGrant",
    "Environment",
    "Event",
    "EventChain",
    "EventsQueue",
    "FoundVersion",
    "Forge",
    "ForgeQuestion",
    "ForgeRepository",
    "ForgeTelling",
    "Gate",
    "GatePolicy",
    "Heartbeat",
    "IssuerKeys",
    "JobToken",
    "Link",
    "Measurement",
    "Message",
    "Move",
    "Notice",
    "NotificationAddress",
    "NotificationChannel",
    "NotificationPreference",
    "OneOffTask",
    "Outbox",
    "PipelineAnswer",
    "Presence",
    "Release",
    "ReleaseImage",
    "SelfRegistration",
    "SmokeCheck",
    "StageRun",
    "Tidying",
    "Token",
    "Trust",
    "UsedIdToken",
    "Webhook",
    "WebhookDelivery",
    "WebhookSubscription",
]
