"""The way to the account: each failure made in the sandbox, and what people read."""

from collections.abc import Callable
from datetime import UTC, datetime

import pytest

from deployments import preflight
from deployments.aws import errors
from deployments.aws.sessions import Clients
from deployments.preflight.report import Level
from tests.preflight.sandboxed.failures import Failure, is_told
from tests.preflight.sandboxed.scene import Scene
from tests.preflight.world import error, unknown

# moto says so of every error that a service's model does not name, as AWS's own AccessDenied.
pytestmark = pytest.mark.filterwarnings("ignore:Exception.AccessDenied. with code AccessDenied")


def wrong_external_id(scene: Scene) -> None:
    scene.change(external_id="somebody-elses")


def no_external_id(scene: Scene) -> None:
    scene.change(external_id="")


def own_credentials_refused(scene: Scene) -> None:
    scene.change(role_arn="", external_id="")
    scene.fault("deny", "sts", "GetCallerIdentity")


def another_account(scene: Scene) -> None:
    scene.change(account_id="999999999999")


def sts_is_down(scene: Scene) -> None:
    scene.fault("error", "sts", "GetCallerIdentity")


def clock(minutes: int) -> Callable[[Scene], None]:
    """Tealgate's is behind AWS's by so many minutes."""

    def make(scene: Scene) -> None:
        assert scene.gateway.identity(datetime.now(UTC))  # the role is assumed before
        scene.sandbox.skew.seconds = 60 * minutes
        scene.undo.callback(setattr, scene.sandbox.skew, "seconds", 0)

    return make


ROLE = "role/tealgate-deployer cannot be assumed: AWS answered"
FAILURES = (
    Failure(wrong_external_id, "access", "access-role", ROLE),
    Failure(wrong_external_id, "access", "access-role", "sts:ExternalId somebody-elses as in the environment; another"),
    Failure(no_external_id, "access", "access-role", "with no sts:ExternalId condition, or the environment must name"),
    Failure(own_credentials_refused, "access", "access-role", "AWS refuses Tealgate's own credentials"),
    Failure(another_account, "access", "access-account", "but the environment expects 999999999999"),
    Failure(sts_is_down, "access", "access-role", "AWS did not answer (GetCallerIdentity", level=Level.UNKNOWN),
    Failure(clock(7), "access", "access-clock", "Tealgate's clock is 7 min behind AWS's"),
    Failure(clock(-7), "access", "access-clock", "Tealgate's clock is 7 min ahead of AWS's"),
    Failure(clock(20), "access", "access-clock", "Tealgate's clock is wrong: AWS answered GetCallerIdentity with"),
)


@pytest.mark.parametrize("failure", FAILURES, ids=str)
def test_why_the_account_is_not_reached_is_told(failure: Failure, scene: Scene) -> None:
    is_told(failure, scene)


@pytest.mark.parametrize("controller", ["SERVICE_PAIR"])
def test_without_any_credentials_it_says_who_gives_them(scene: Scene, monkeypatch: pytest.MonkeyPatch) -> None:
    for name in ("AWS_ACCESS_KEY_ID", "AWS_SECRET_ACCESS_KEY"):
        monkeypatch.delenv(name)
    for name in ("AWS_SHARED_CREDENTIALS_FILE", "AWS_CONFIG_FILE"):
        monkeypatch.setenv(name, "/nonexistent")
    monkeypatch.setenv("AWS_EC2_METADATA_DISABLED", "true")

    with pytest.raises(errors.Denied) as refused:
        Clients(scene.settings.binding)
    report = preflight.unreachable(scene.settings, None, refused.value, scene.kind)

    assert "Tealgate has no AWS credentials of its own. Give its task" in error(report, "access-role")
    assert unknown(report, "services") == "Not looked at, because Tealgate does not reach the account."


@pytest.mark.parametrize("controller", ["SERVICE_PAIR"])
@pytest.mark.usefixtures("only_tealgates_roles")
def test_a_role_that_is_on_nobody_s_list_is_refused_before_aws_is_asked(scene: Scene) -> None:
    scene.change(role_arn="arn:aws:iam::123456789012:role/administrator")

    with pytest.raises(errors.Denied) as refused:
        Clients(scene.settings.binding)
    report = preflight.unreachable(scene.settings, None, refused.value, scene.kind)

    assert "role/administrator is not on the list of roles that Tealgate may assume" in error(report, "access-role")
