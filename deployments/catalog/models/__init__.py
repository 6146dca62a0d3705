from deployments.catalog.models.application import Application
from deployments.catalog.models.device_grant import DeviceGrant
from deployments.catalog.models.environment import Environment
from deployments.catalog.models.link import Link
from deployments.catalog.models.policies import GatePolicy, OneOffTask, SmokeCheck, Webhook
from deployments.catalog.models.release import Release, ReleaseImage
from deployments.catalog.models.self_registration import FoundVersion, SelfRegistration
from deployments.catalog.models.token import Token
from deployments.catalog.models.trust import IssuerKeys, JobToken, Trust, UsedIdToken

__all__ = [
    "Application",
    "DeviceGrant",
    "Environment",
    "FoundVersion",
    "GatePolicy",
    "IssuerKeys",
    "JobToken",
    "Link",
    "OneOffTask",
    "Release",
    "ReleaseImage",
    "SelfRegistration",
    "SmokeCheck",
    "Token",
    "Trust",
    "UsedIdToken",
    "Webhook",
]
