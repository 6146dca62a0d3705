from deployments.catalog.models.application import Application
from deployments.catalog.models.device_grant import DeviceGrant
from deployments.catalog.models.environment import Environment
from deployments.catalog.models.policies import GatePolicy, OneOffTask, SmokeCheck, Webhook
from deployments.catalog.models.release import Release, ReleaseImage
from deployments.catalog.models.token import Token

__all__ = [
    "Application",
    "DeviceGrant",
    "Environment",
    "GatePolicy",
    "OneOffTask",
    "Release",
    "ReleaseImage",
    "SmokeCheck",
    "Token",
    "Webhook",
]
