from deployments.catalog.models.application import Application
from deployments.catalog.models.environment import Environment, GatePolicy, OneOffTask, SmokeCheck, Webhook
from deployments.catalog.models.release import Release, ReleaseImage

__all__ = [
    "Application",
    "Environment",
    "GatePolicy",
    "OneOffTask",
    "Release",
    "ReleaseImage",
    "SmokeCheck",
    "Webhook",
]
