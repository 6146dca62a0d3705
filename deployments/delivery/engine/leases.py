"""Who works on a deployment now: claims are conditional UPDATEs whose row count must be 1.

A lease is held by "host:pid:random". It runs out by itself. A worker that is asked to stop hands its own back, and
one that starts frees those of its host whose process is gone, so that the deployments go on at once.

The host is its name and, on Linux, the number of its process ids' namespace: containers may share a host's name
(host networking), yet the pid of one means nothing in another.
"""

import os
import secrets
import socket
from datetime import datetime, timedelta
from pathlib import Path
from typing import Any

from django.db.models import QuerySet

from deployments import leased
from deployments.delivery.models import Deployment

#: Beats of two workers may be dated so differently.
SAME_TIME = timedelta(seconds=5)
#: Begins the random part of each token of this process and of all that it forks.
WORKER = secrets.token_hex(4)


def token() -> str:
    return f"{host()}:{os.getpid()}:{WORKER}{secrets.token_hex(4)}"


def host() -> str:
    try:
        namespace = str(os.stat("/proc/self/ns/pid").st_ino)
    except OSError:  # no Linux, hence no namespaces
        namespace = ""
    return f"{socket.gethostname()[:70]}/{namespace}"


def claim(deployment_id: int, holder: str, now: datetime) -> bool:
    """Whether it is ours now; no when it is not due, has ended, or somebody else has it."""
    return leased.claim(Deployment.objects.due(now).filter(pk=deployment_id), holder, now)


def release(deployment_id: int, holder: str) -> None:
    Deployment.objects.filter(pk=deployment_id, lease_token=holder).update(**leased.FREE)


def give_back(holder: str) -> None:
    """All that this one holds; what is due stays due."""
    Deployment.objects.filter(lease_token=holder).update(**leased.FREE)


def hand_back(deployment_id: int, holder: str, now: datetime) -> None:
    """Release it for somebody else to go on with at once; moving its time makes every heartbeat see it anew."""
    held = Deployment.objects.filter(pk=deployment_id, lease_token=holder)
    held.update(**leased.FREE, next_check_at=now)


def bring_back(now: datetime) -> None:
    """After the clock went back: what was to be looked at, or held, until a time that is far away again."""
    Deployment.objects.unfinished().filter(next_check_at__gt=now).update(next_check_at=now)
    end = leased.end(now)
    Deployment.objects.unfinished().filter(lease_expires_at__gt=end).update(lease_expires_at=end)


def held_by_this_worker() -> QuerySet[Deployment]:
    """What this process and those that it forked hold, dead ones included."""
    return Deployment.objects.unfinished().filter(
        lease_token__startswith=f"{host()}:", lease_token__contains=f":{WORKER}"
    )


def hand_back_all(now: datetime) -> list[int]:
    """For a worker none of whose processes work any more; which deployments it was."""
    held = list(held_by_this_worker().values_list("pk", flat=True))
    held_by_this_worker().filter(pk__in=held).update(**leased.FREE, next_check_at=now)
    return held


def release_dead() -> int:
    """Free the deployments that processes of this host hold that no longer run; how many that were."""
    return free_dead(Deployment.objects.all())


def free_dead(rows: QuerySet[Any]) -> int:
    """The same for rows of any table that is claimed as deployments are."""
    prefix = f"{host()}:"
    held = rows.order_by().filter(lease_token__startswith=prefix).values_list("lease_token", flat=True).distinct()
    dead = [holder for holder in held if not _is_alive(holder.removeprefix(prefix).partition(":")[0])]
    return rows.filter(lease_token__in=dead).update(**leased.FREE) if dead else 0


def _is_alive(pid: str) -> bool:
    try:
        os.kill(int(pid), 0)
    except (ProcessLookupError, ValueError):
        return False
    except PermissionError:
        return True
    return not _is_zombie(pid)


def _is_zombie(pid: str) -> bool:
    """It has ended and nobody asked how; the first process of a container, which inherits orphans, may never do."""
    try:
        stat = Path(f"/proc/{pid}/stat").read_text()
    except OSError:  # no Linux, or gone this moment
        return False
    return stat.rpartition(")")[2].split()[0] in "ZX"
