"""Django system checks: settings that are each fine alone and wrong together. They run before every command."""

from collections.abc import Sequence
from typing import Any

from django.apps.config import AppConfig
from django.conf import settings
from django.core.checks import CheckMessage, Error, Tags, Warning, register
from django.db import connection
from django.utils.module_loading import import_string

from deployments.ops import collected

#: The tag of those that a worker runs as well; it has no pages that could be checked.
OURS = "tealgate"
NOT_ENCRYPTED = "Pages are not encrypted: SITE_URL begins with http://."
ENCRYPT = "Inside a private network only. Elsewhere give it a certificate, and SITE_URL https://."
_TIMES = "The times stand together in config/settings/base.py and config/settings/queue.py."


@register(OURS)
def task_times(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Whoever works on a deployment must be done, or known dead, before anyone else may begin."""
    timeout, retry = settings.Q_CLUSTER["timeout"], settings.Q_CLUSTER["retry"]
    found: list[CheckMessage] = []
    for name, longest in (("a task", timeout), ("the heartbeat", settings.HEARTBEAT_TIMEOUT_SECONDS)):
        if retry <= longest:
            found.append(
                Error(
                    f"django-q2 delivers a task again after {retry} s, while {name} may run for {longest} s.",
                    hint=f"Make Q_CLUSTER['retry'] longer than every time-out. {_TIMES}",
                    id="tealgate.E001",
                )
            )
    if timeout >= settings.LEASE_SECONDS:
        found.append(
            Error(
                f"A lease runs out after {settings.LEASE_SECONDS} s, while its holder may run for {timeout} s.",
                hint=f"Make LEASE_SECONDS longer than Q_CLUSTER['timeout']. {_TIMES}",
                id="tealgate.E002",
            )
        )
    if settings.HEARTBEAT_TIMEOUT_SECONDS <= settings.HEARTBEAT_RUN_SECONDS:
        found.append(
            Error(
                f"The heartbeat ends by itself after {settings.HEARTBEAT_RUN_SECONDS} s but is stopped "
                f"after {settings.HEARTBEAT_TIMEOUT_SECONDS} s.",
                hint=f"Make HEARTBEAT_TIMEOUT_SECONDS longer than HEARTBEAT_RUN_SECONDS. {_TIMES}",
                id="tealgate.E003",
            )
        )
    return found


@register(OURS)
def worker_processes(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    if settings.Q_CLUSTER["workers"] >= 2:
        return []
    return [
        Error(
            "There is one worker process, and the heartbeat keeps it busy, so that no deployment would move.",
            hint="Set QUEUE_WORKERS to 2 or more.",
            id="tealgate.E004",
        )
    ]


@register(OURS)
def dotted_paths(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Functions that settings name: a typing error must not wait for the first deployment or event."""
    return [
        Error(
            f"{setting} names {path}, {why}.",
            hint="Write module.function, of a module that this process can import.",
            id="tealgate.E005",
        )
        for setting in ("ADMISSION_RULES", "OUTBOX_RECEIVERS")
        for path in getattr(settings, setting)
        if (why := _why_not_callable(path))
    ]


def _why_not_callable(path: str) -> str:
    try:
        found = import_string(path)
    except ImportError as error:
        return f"which cannot be imported: {error}"
    return "" if callable(found) else "which is nothing that can be called"


@register(Tags.security)
def encrypted_pages(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Django's own, with --deploy, name five settings of this one cause."""
    return [Warning(NOT_ENCRYPTED, hint=ENCRYPT, id="tealgate.W002")] if settings.PLAIN_HTTP else []


@register(Tags.files, deploy=True)
def static_files(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """Web says the same at its start; other programs do without them."""
    wrong = collected.trouble()
    return (
        [Error(f"STATIC_ROOT ({settings.STATIC_ROOT}) {wrong}.", hint=collected.FIX, id="tealgate.E006")]
        if wrong
        else []
    )


@register(Tags.compatibility, deploy=True)
def one_database_for_all(app_configs: Sequence[AppConfig] | None, **kwargs: Any) -> list[CheckMessage]:
    """A broker on the network says that workers run on several hosts; an SQLite file is on one."""
    if connection.vendor != "sqlite" or "orm" in settings.Q_CLUSTER:
        return []
    return [
        Warning(
            "The queue is on the network but the database is an SQLite file, which only one host can use.",
            hint="Set DATABASE_URL to a PostgreSQL database, or QUEUE to orm.",
            id="tealgate.W001",
        )
    ]
