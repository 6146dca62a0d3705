"""manage.py check_environment: what it prints and how it exits."""

import json
from io import StringIO

import pytest
from django.core.management import call_command

from deployments.aws import errors
from deployments.aws.values import Binding
from deployments.catalog import environments
from deployments.catalog.models import Application, Environment, Release, ReleaseImage
from deployments.vocabulary import Stage
from tests.preflight.world import DIGEST, REPOSITORY, SHOP, Account, healthy_account

pytestmark = pytest.mark.django_db


@pytest.fixture
def account(monkeypatch: pytest.MonkeyPatch) -> Account:
    """What the environments are connected to."""
    account = healthy_account()
    monkeypatch.setattr(environments, "connect", lambda binding: account)
    return account


@pytest.fixture
def production() -> Environment:
    environment = environment_of(Application.objects.create(name="Shop", slug="shop"), "production")
    environment.gate_policies.create(stage=Stage.POST_TEST_TRAFFIC_SHIFT)
    return environment


def environment_of(application: Application, name: str) -> Environment:
    return Environment.objects.create(
        application=application,
        name=name,
        region="eu-central-1",
        cluster=SHOP.cluster,
        container_name=SHOP.container,
        container_port=SHOP.container_port,
        blue_service=SHOP.service("blue"),
        green_service=SHOP.service("green"),
        blue_target_group=SHOP.target_group("blue"),
        green_target_group=SHOP.target_group("green"),
        production_rule=SHOP.production_rule,
        test_rule=SHOP.test_rule,
        alarms=SHOP.alarm,
    )


def run(*arguments: str) -> tuple[int, str, str]:
    """Exit code, standard output, standard error."""
    out, err = StringIO(), StringIO()
    try:
        call_command("check_environment", *arguments, stdout=out, stderr=err, no_color=True)
    except SystemExit as exit_:
        return int(exit_.code or 0), out.getvalue(), err.getvalue()
    return 0, out.getvalue(), err.getvalue()


def test_a_healthy_environment_exits_with_0(account: Account, production: Environment) -> None:
    code, out, err = run("shop/production")

    assert (code, err) == (0, "")
    assert out.startswith("shop/production\n")
    assert "ok       live-slot: What is live is in one slot (blue slot), and a release goes to" in out
    assert out.endswith(" ok.\n")


def test_an_error_exits_with_1_and_shows_the_fix(account: Account, production: Environment) -> None:
    account.alarm(SHOP.alarm, "ALARM", "Threshold crossed")

    code, out, err = run("shop/production")

    assert (code, err) == (1, "")
    assert "error    alarms: The alarm shop-5xx has been in ALARM: Threshold crossed." in out
    assert "         → Mend what it complains about first" in out
    assert out.endswith(" ok, 1 error.\n")


def test_a_warning_exits_with_0(account: Account, production: Environment) -> None:
    account.alarm(SHOP.alarm, "INSUFFICIENT_DATA")

    code, out, _ = run("shop/production")

    assert code == 0
    assert out.endswith(" ok, 1 warning.\n")


def test_the_environment_alone_will_do_when_only_one_is_called_so(account: Account, production: Environment) -> None:
    assert run("production")[0] == 0


def test_an_ambiguous_name_lists_the_environments_to_choose_from(account: Account, production: Environment) -> None:
    environment_of(Application.objects.create(name="Blog", slug="blog"), "production")

    code, out, err = run("production")

    assert (code, out) == (2, "")
    assert err == ("production is the name of several environments: blog/production, shop/production. Say which.\n")


def test_an_unknown_name_lists_the_environments_that_there_are(production: Environment) -> None:
    code, out, err = run("shop/staging")

    assert (code, out) == (2, "")
    assert err == "There is no environment shop/staging. The environments are: shop/production.\n"


def test_without_any_environment_it_says_so() -> None:
    assert run("shop/staging") == (2, "", "There is no environment shop/staging. There is no environment yet.\n")


def test_a_release_is_checked_as_well(account: Account, production: Environment) -> None:
    release = Release.objects.create(application=production.application, version="2.0")
    ReleaseImage.objects.create(
        release=release,
        container="web",
        reference=f"{REPOSITORY}:2.0",
        repository=REPOSITORY,
        digest=DIGEST,
        platforms=["linux/arm64"],
    )

    code, out, _ = run("shop/production", "--release", "2.0")

    assert code == 1
    assert out.startswith("shop/production with 2.0\n")
    assert "`docker buildx build --platform linux/amd64`" in " ".join(out.split())


def test_an_unknown_release_lists_the_newest_ones(production: Environment) -> None:
    Release.objects.create(application=production.application, version="2.0")

    assert run("shop/production", "--release", "3.0") == (
        2,
        "",
        "Shop has no release 3.0. The releases are: 2.0.\n",
    )


def test_json_is_for_programs(account: Account, production: Environment) -> None:
    account.alarm(SHOP.alarm, "ALARM")

    code, out, _ = run("shop/production", "--json")

    assert code == 1
    assert {"error"} == {result["level"] for result in json.loads(out) if result["check"] == "alarms"}


def test_without_credentials_the_rest_is_not_looked_at(
    production: Environment, monkeypatch: pytest.MonkeyPatch
) -> None:
    def connect(binding: Binding) -> Account:
        raise errors.Denied("GetCredentials", "NoCredentials", "Tealgate has no AWS credentials")

    monkeypatch.setattr(environments, "connect", connect)

    code, out, err = run("shop/production")

    assert (code, err) == (1, "")
    assert "error    access-role: Tealgate has no AWS credentials of its own." in out
    assert "Not looked at, because Tealgate does not reach the account." in out


@pytest.mark.usefixtures("only_tealgates_roles")
def test_a_role_that_is_not_on_the_list_is_said_without_asking_aws(production: Environment) -> None:
    """By the real door to AWS, which refuses it before there is anybody to ask."""
    Environment.objects.update(role_arn="arn:aws:iam::123456789012:role/administrator")

    code, out, err = run("shop/production")

    said = " ".join(out.split())
    assert (code, err) == (1, "")
    assert "role/administrator is not on the list of roles that Tealgate may assume; AWS was not asked." in said
    assert "have its ARN added to the setting AWS_ROLE_ARNS." in said


def test_an_empty_production_is_offered_a_first_release_and_nobody_scales_it_by_hand(
    account: Account, production: Environment
) -> None:
    for slot in ("blue", "green"):
        service = account.ecs[SHOP.cluster, SHOP.service(slot)]
        service.desired = service.running = 0
    code, out, _ = run("shop/production")

    assert code == 1
    assert "the plan of a release offers to deploy it as a first release" in " ".join(out.split())
