import os
import socket
import subprocess
import sys
from datetime import timedelta

import pytest

from deployments.aws.actions import SuspendScaling
from deployments.delivery.engine import leases, record, rows
from deployments.delivery.models import Deployment
from deployments.swaps.decisions import Act
from tests.delivery.engine.world import NOON, make_world

pytestmark = pytest.mark.django_db

HOST = leases.host()


@pytest.fixture
def deployment() -> Deployment:
    return make_world().request()


def holder(deployment: Deployment) -> str:
    deployment.refresh_from_db()
    return deployment.lease_token


def hold(deployment: Deployment, token: str) -> str:
    Deployment.objects.filter(pk=deployment.pk).update(lease_token=token, lease_expires_at=NOON)
    return token


@pytest.fixture
def dead_pid() -> int:
    process = subprocess.Popen([sys.executable, "-c", ""])
    process.wait()
    return process.pid


def test_a_lease_says_who_holds_it() -> None:
    host, pid, rest = leases.token().split(":")

    assert (host, pid, len(rest)) == (HOST, str(os.getpid()), 16)
    assert leases.token() != leases.token()


def test_a_claim_keeps_others_away_until_it_runs_out(deployment: Deployment) -> None:
    assert leases.claim(deployment.pk, "one", NOON)
    assert not leases.claim(deployment.pk, "two", NOON + timedelta(seconds=89))
    assert leases.claim(deployment.pk, "two", NOON + timedelta(seconds=90))

    assert holder(deployment) == "two"


def test_what_is_not_due_is_not_claimed(deployment: Deployment) -> None:
    assert not leases.claim(deployment.pk, "one", NOON - timedelta(seconds=1))
    assert not leases.claim(deployment.pk + 1, "one", NOON)


def test_before_a_write_the_lease_is_renewed_by_its_holder_only(deployment: Deployment) -> None:
    leases.claim(deployment.pk, "one", NOON)
    later = NOON + timedelta(seconds=60)
    act = Act(action=SuspendScaling(resource_id="service/shop/shop-green", suspended=True), reason="suspending")

    deployment.lease_token = "one"
    record.intended(deployment, act, later)
    deployment.lease_token = "two"
    with pytest.raises(rows.Lost):
        record.intended(deployment, act, later + timedelta(seconds=9))

    deployment.refresh_from_db()
    assert deployment.lease_expires_at == later + timedelta(seconds=90)


def test_a_lease_is_given_back_by_its_holder_only(deployment: Deployment) -> None:
    leases.claim(deployment.pk, "one", NOON)

    leases.release(deployment.pk, "two")
    assert holder(deployment) == "one"

    leases.release(deployment.pk, "one")
    assert leases.claim(deployment.pk, "two", NOON)


def test_the_lease_of_a_killed_worker_is_freed(deployment: Deployment, dead_pid: int) -> None:
    hold(deployment, f"{HOST}:{dead_pid}:0123")

    assert leases.release_dead() == 1

    assert holder(deployment) == ""
    assert leases.claim(deployment.pk, "two", NOON)


def test_the_lease_of_a_living_worker_stays(deployment: Deployment) -> None:
    token = hold(deployment, leases.token())

    assert leases.release_dead() == 0
    assert holder(deployment) == token


@pytest.mark.parametrize("host", ["elsewhere", f"{HOST}2", f"x{HOST}", f"{HOST.partition('/')[0]}/4026530000"])
def test_of_another_host_nothing_is_known(deployment: Deployment, dead_pid: int, host: str) -> None:
    token = hold(deployment, f"{host}:{dead_pid}:0123")

    assert leases.release_dead() == 0
    assert holder(deployment) == token


@pytest.mark.skipif(sys.platform != "linux", reason="only Linux has /proc")
def test_a_killed_worker_that_nobody_has_buried_is_freed(deployment: Deployment) -> None:
    worker = subprocess.Popen(["sleep", "100"])
    hold(deployment, f"{HOST}:{worker.pid}:0123")
    assert leases.release_dead() == 0

    worker.kill()
    os.waitid(os.P_PID, worker.pid, os.WEXITED | os.WNOWAIT)

    assert leases.release_dead() == 1
    worker.wait()


def test_a_holder_without_a_process_is_freed(deployment: Deployment) -> None:
    hold(deployment, f"{HOST}:worker:0123")

    assert leases.release_dead() == 1


def test_a_process_of_another_user_is_alive(deployment: Deployment, monkeypatch: pytest.MonkeyPatch) -> None:
    def kill(pid: int, signal: int) -> None:
        raise PermissionError

    hold(deployment, f"{HOST}:1:0123")
    monkeypatch.setattr(os, "kill", kill)

    assert leases.release_dead() == 0


def test_a_long_host_name_is_cut_the_same_everywhere(
    deployment: Deployment, dead_pid: int, monkeypatch: pytest.MonkeyPatch
) -> None:
    long = "worker-" + "x" * 100
    monkeypatch.setattr(socket, "gethostname", lambda: long)
    hold(deployment, leases.token().replace(f":{os.getpid()}:", f":{dead_pid}:"))

    assert leases.release_dead() == 1


def test_a_worker_hands_back_all_that_its_processes_hold_and_nothing_else(deployment: Deployment) -> None:
    later = NOON + timedelta(seconds=30)
    hold(deployment, f"{HOST}:{os.getpid()}:ffffffff00000000")
    assert leases.hand_back_all(later) == []

    token = hold(deployment, leases.token().replace(f":{os.getpid()}:", ":1:"))
    assert [held.lease_token for held in leases.held_by_this_worker()] == [token]
    assert leases.hand_back_all(later) == [deployment.pk]

    deployment.refresh_from_db()
    assert (deployment.lease_token, deployment.lease_expires_at, deployment.next_check_at) == ("", None, later)


def test_a_deployment_is_handed_back_by_its_holder_only(deployment: Deployment) -> None:
    hold(deployment, "one")

    leases.hand_back(deployment.pk, "two", NOON)
    assert holder(deployment) == "one"

    leases.hand_back(deployment.pk, "one", NOON)
    assert leases.claim(deployment.pk, "two", NOON)
