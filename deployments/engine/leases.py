"""Who works on a deployment now: claims are conditional UPDATEs whose row count must be 1.

A lease is held by "host:pid:random". It runs out by itself, and a worker that starts frees those of its own
host whose process is gone, so that a killed worker's deployments go on at once.
"""

import os
import secrets
import socket
from datetime import datetime, timedelta

from django.conf import settings

from deployments.models import Deployment


def token() -> str:
    return f"{socket.gethostname()[:80]}:{os.getpid()}:{secrets.token_hex(8)}"


def claim(deployment_id: int, holder: str, now: datetime) -> bool:
    """Whether it is ours now; no when it is not due, has ended, or somebody else has it."""
    claimed = (
        Deployment.objects.due(now).filter(pk=deployment_id).update(lease_token=holder, lease_expires_at=_end(now))
    )
    return claimed == 1


def renew(deployment_id: int, holder: str, now: datetime) -> bool:
    """Whether it is still ours, for a full lease from now."""
    held = Deployment.objects.filter(pk=deployment_id, lease_token=holder)
    return held.update(lease_expires_at=_end(now)) == 1


def release(deployment_id: int, holder: str) -> None:
    Deployment.objects.filter(pk=deployment_id, lease_token=holder).update(lease_token="", lease_expires_at=None)


def release_dead(host: str) -> int:
    """Free what processes of this host hold that no longer run; how many that were."""
    prefix = f"{host[:80]}:"
    held = Deployment.objects.filter(lease_token__startswith=prefix).values_list("lease_token", flat=True)
    dead = [holder for holder in held if not _is_alive(holder.removeprefix(prefix).partition(":")[0])]
    return Deployment.objects.filter(lease_token__in=dead).update(lease_token="", lease_expires_at=None)


def _end(now: datetime) -> datetime:
    return now + timedelta(seconds=settings.LEASE_SECONDS)


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return True
