"""Structured logs: one line an event, json for machines or text for people, secrets blotted out.

    from deployments import logs
    log = logs.get(__name__)
    with logs.bind(deployment=7, stage="SCALE_UP"):
        log.info("targets healthy", healthy=2, wanted=2)

Lines of Django, django-q2 and gunicorn pass through the same processors. What was bound (deployment,
environment, stage, request, person) stands on every line written meanwhile, whoever writes it.
"""

import logging
import re
from collections.abc import Collection, Mapping
from contextlib import AbstractContextManager
from typing import Any

import structlog
from structlog.typing import EventDict, Processor

_SECRET_KEY = re.compile(
    r"passw|secret|token|authorization|cookie|api_?key|private_?key|credential|session_?key", re.IGNORECASE
)
_BLOT = "[redacted]"
#: A shorter value would blot out innocent text.
_SHORTEST_SECRET = 6


class _Learnt:
    """`changes`: how often it became another, by which a pattern made of it is known to be old."""

    def __init__(self) -> None:
        self.secrets: set[str] = set()
        self.changes = 0


_learnt = _Learnt()


def get(name: str) -> structlog.stdlib.BoundLogger:
    logger: structlog.stdlib.BoundLogger = structlog.stdlib.get_logger(name)
    return logger


def bind(**values: Any) -> AbstractContextManager[None]:
    """Put these values on every line written in this thread until the block ends."""
    return structlog.contextvars.bound_contextvars(**values)


def learn(secret: str) -> None:
    """Blot this out as well from now on: a password that was changed while this process runs."""
    if secret not in _learnt.secrets:
        _learnt.secrets.add(secret)
        _learnt.changes += 1


def forget(secret: str) -> None:
    """What is good for nothing any more is not looked for: a process that learns for weeks would slow down by it."""
    if secret in _learnt.secrets:
        _learnt.secrets.discard(secret)
        _learnt.changes += 1


class Redact:
    """Blots out values under telling keys, and configured secrets wherever they stand."""

    def __init__(self, secrets: Collection[str]) -> None:
        self._configured = frozenset(secrets)
        self._changes = -1
        self._known: re.Pattern[str] | None = None

    def _secrets(self) -> re.Pattern[str] | None:
        if self._changes != _learnt.changes:
            self._changes = _learnt.changes
            # Longest first, so that a secret that contains another disappears whole.
            long = {secret for secret in self._configured | _learnt.secrets if len(secret) >= _SHORTEST_SECRET}
            known = sorted(map(re.escape, long), key=len, reverse=True)
            self._known = re.compile("|".join(known)) if known else None
        return self._known

    def __call__(self, logger: Any, method: str, event: EventDict) -> EventDict:
        return {key: self._clean(key, value) for key, value in event.items()}

    def _clean(self, key: str, value: Any) -> Any:
        if key.startswith("_"):  # structlog's own record of the call
            return value
        if _SECRET_KEY.search(key) and value not in (None, "", True, False):
            return _BLOT
        if isinstance(value, str):
            known = self._secrets()
            return known.sub(_BLOT, value) if known else value
        if isinstance(value, Mapping):
            return {str(k): self._clean(str(k), v) for k, v in value.items()}
        if isinstance(value, list | tuple | set | frozenset):
            return [self._clean("", item) for item in value]
        if value is None or isinstance(value, bool | int | float):
            return value
        return self._clean("", str(value))


class SuspiciousRequests(logging.Filter):
    """What Django refuses for its own sake, such as an unknown host, is a line and no error of ours.

    Anybody can send such requests; at level error each would be a traceback, and might wake somebody.
    """

    def filter(self, record: logging.LogRecord) -> bool:
        if record.name.startswith("django.security."):
            record.levelno, record.levelname = logging.WARNING, "WARNING"
            record.exc_info = record.exc_text = None
        return True


def configure(*, form: str, level: str, secrets: Collection[str] = ()) -> dict[str, Any]:
    """Set structlog up and return the value of Django's LOGGING."""
    before: list[Processor] = [
        structlog.contextvars.merge_contextvars,
        structlog.stdlib.add_logger_name,
        structlog.stdlib.add_log_level,
        structlog.stdlib.PositionalArgumentsFormatter(),
        structlog.processors.TimeStamper(fmt="iso", utc=True),
        structlog.processors.StackInfoRenderer(),
    ]
    structlog.configure(
        processors=[*before, structlog.stdlib.ProcessorFormatter.wrap_for_formatter],
        logger_factory=structlog.stdlib.LoggerFactory(),
        wrapper_class=structlog.stdlib.BoundLogger,
        # Tests and gunicorn's reload configure twice; a cached logger would keep the first processors.
        cache_logger_on_first_use=False,
    )
    return {
        "version": 1,
        "disable_existing_loggers": False,
        "formatters": {
            "structured": {
                "()": structlog.stdlib.ProcessorFormatter,
                "foreign_pre_chain": [*before, structlog.stdlib.ExtraAdder()],
                "processors": _renderers(form, secrets),
            }
        },
        "filters": {"suspicious": {"()": SuspiciousRequests}},
        "handlers": {
            "stderr": {"class": "logging.StreamHandler", "formatter": "structured", "filters": ["suspicious"]}
        },
        "root": {"handlers": ["stderr"], "level": level},
        "loggers": {
            "django": {"handlers": [], "propagate": True, "level": level},
            # Says three lines about every nudge; the deployments' own lines tell more.
            "django-q": {"level": level if level == "DEBUG" else "WARNING"},
            # Every 4xx is a line of ours already.
            "django.request": {"level": "ERROR"},
            "django.server": {"handlers": [], "propagate": True, "level": "WARNING"},
            "botocore": {"level": "WARNING"},
            "boto3": {"level": "WARNING"},
            "urllib3": {"level": "WARNING"},
            "httpx": {"level": "WARNING"},
            "gunicorn.error": {"handlers": [], "propagate": True, "level": level},
        },
    }


def _renderers(form: str, secrets: Collection[str]) -> list[Processor]:
    strip = structlog.stdlib.ProcessorFormatter.remove_processors_meta
    if form == "json":
        return [
            strip,
            structlog.processors.format_exc_info,
            Redact(secrets),
            structlog.processors.JSONRenderer(),
        ]
    # In text the traceback is printed as lines of its own, so it is made a string and blotted out first.
    return [
        strip,
        structlog.processors.format_exc_info,
        Redact(secrets),
        structlog.dev.ConsoleRenderer(colors=False, exception_formatter=structlog.dev.plain_traceback),
    ]
