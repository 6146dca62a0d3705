"""Who is told what of one event."""

from dataclasses import dataclass

from django.contrib.auth.models import User

from deployments.telling.notifications.kinds import Kind
from deployments.telling.notifications.models import NotificationChannel


@dataclass(frozen=True, kw_only=True)
class Told:
    """A notice for each person, and a message for each address of theirs and of the channels."""

    kind: Kind
    #: of the notice and of the messages: told once by it, however many events mean the same
    key: str
    #: what is later said of the same thing
    thread: str
    #: active ones, each once, with their preference
    persons: tuple[User, ...]
    channels: tuple[NotificationChannel, ...]
    deployment: int | None = None
    gate: int | None = None
