"""A lock as it is asked for and as it is shown."""

from datetime import datetime

from ninja import Schema

from deployments.api.texts import Line
from deployments.catalog.models import Environment


class LockOut(Schema):
    #: a person, by which token; or an agent, and on whose behalf
    by: str
    at: datetime
    message: str
    #: whether an agent may open it that has not set it
    agents_may_open: bool


class Lock(Schema):
    model_config = {"extra": "forbid"}

    #: everyone who wants to deploy sees it
    message: Line
    #: also by an agent that has not set it
    agents_may_open: bool = False


def lock_out(environment: Environment) -> LockOut | None:
    """None while it is open."""
    if environment.locked_at is None:
        return None
    return LockOut(
        by=environment.lock_holder,
        at=environment.locked_at,
        message=environment.lock_message,
        agents_may_open=environment.opens_to_agents,
    )
