"""What is asked of IAM before an environment moves to ECS: all that ECS takes, and the write of the production rule."""

from deployments.preflight import grants, permissions
from deployments.preflight.checklist import Checklist
from deployments.preflight.native_readings import NativeReadings

MOVING = Checklist(read=NativeReadings, groups=(("permissions", permissions.of((*grants.ECS, *grants.MOVING))),))
