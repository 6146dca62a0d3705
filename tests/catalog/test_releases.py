"""Registering releases, with ECR in memory and a registry on loopback."""

from collections.abc import Iterator
from typing import Any
from urllib.parse import quote

import pytest
from pytest_django.fixtures import Settings

from deployments.aws import errors, values
from deployments.aws.values import Binding
from deployments.catalog import releases
from deployments.catalog.models import Application, Release
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from tests.delivery.engine.world import NOON, make_environment
from tests.fakes.aws import FakeGateway
from tests.outbound.registry_server import PASSWORD, USER, Registry, basic, serving

CI = Principal.token("ci")
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
DIGEST = "sha256:" + "2" * 64


@pytest.fixture
def registry() -> Iterator[Registry]:
    with serving(Registry()) as registry:
        registry.push("1.0")
        yield registry


@pytest.fixture
def shop(db: None) -> Application:
    return Application.objects.create(name="Shop", slug="shop")


@pytest.fixture
def ecr() -> FakeGateway:
    """Has shop:1.0."""
    aws = FakeGateway()
    aws.images[ECR, "1.0"] = values.Image(repository=ECR, tag="1.0", digest=DIGEST, platforms=("linux/amd64",))
    return aws


@pytest.fixture
def bindings(db: None, ecr: FakeGateway, monkeypatch: pytest.MonkeyPatch) -> list[Binding]:
    """How ECR was reached, in order."""
    seen: list[Binding] = []

    def connect(binding: Binding) -> FakeGateway:
        seen.append(binding)
        return ecr

    monkeypatch.setattr(releases, "connect", connect)
    return seen


def register(application: Application, *references: str, version: str = "1.0", **changes: Any) -> Release:
    images = dict(zip(("web", "worker"), references, strict=False))
    return releases.register_release(
        application=application, version=version, images=images, principal=CI, now=NOON, **changes
    )


def refusal(application: Application, *references: str, **changes: Any) -> Refused:
    with pytest.raises(Refused) as caught:
        register(application, *references, **changes)
    return caught.value


def test_a_commit_of_a_repository_that_hashes_with_sha256_is_taken(shop: Application, bindings: list[Binding]) -> None:
    assert register(shop, f"{ECR}:1.0", git_sha="0123456789abcdef" * 4).git_sha == "0123456789abcdef" * 4


def test_a_tag_in_ecr_is_pinned_to_its_digest(shop: Application, bindings: list[Binding]) -> None:
    release = register(shop, f"{ECR}:1.0", git_sha="0123abc", notes="Faster checkout")

    assert release.pinned == {"web": f"{ECR}@{DIGEST}"}
    assert release.images.get().platforms == ["linux/amd64"]
    assert (release.registered_by, release.git_sha) == ("ci", "0123abc")
    assert bindings == [Binding(region="eu-central-1")]


@pytest.mark.parametrize(
    ("host", "region"),
    [
        ("123456789012.dkr-ecr.us-east-1.on.aws", "us-east-1"),
        ("123456789012.dkr.ecr-fips.us-east-1.amazonaws.com", "us-east-1"),
        ("123456789012.dkr.ecr.eusc-de-east-1.amazonaws.eu", "eusc-de-east-1"),
    ],
)
def test_every_address_of_ecr_can_be_registered(
    shop: Application, ecr: FakeGateway, bindings: list[Binding], host: str, region: str
) -> None:
    ecr.images[f"{host}/shop", "1.0"] = values.Image(repository=f"{host}/shop", tag="1.0", digest=DIGEST, platforms=())

    assert register(shop, f"{host}/shop:1.0").pinned == {"web": f"{host}/shop@{DIGEST}"}
    assert [binding.region for binding in bindings] == [region]


def test_a_registration_is_in_the_log_of_the_application(shop: Application, bindings: list[Binding]) -> None:
    register(shop, f"{ECR}:1.0")

    event = Event.objects.get()
    assert (event.chain.name, event.actor_kind, event.message) == (
        f"application:{shop.pk}",
        "TOKEN",
        "Release 1.0 registered by ci",
    )
    assert event.data == {"images": {"web": f"{ECR}@{DIGEST}"}}


@pytest.mark.parametrize(
    "account", [{"account_id": "123456789012"}, {"role_arn": "arn:aws:iam::123456789012:role/tealgate"}]
)
def test_ecr_is_asked_with_the_role_of_an_environment_in_its_account(
    account: dict[str, str], bindings: list[Binding]
) -> None:
    environment = make_environment(history=False, external_id="blue", **account)

    register(environment.application, f"{ECR}:1.0")

    assert bindings == [
        Binding(region="eu-central-1", role_arn=account.get("role_arn", ""), external_id="blue"),
    ]


def test_an_environment_in_another_account_lends_no_role(bindings: list[Binding]) -> None:
    environment = make_environment(account_id="210987654321", role_arn="arn:aws:iam::210987654321:role/tealgate")

    register(environment.application, f"{ECR}:1.0")

    assert bindings == [Binding(region="eu-central-1")]


@pytest.mark.parametrize(
    ("error", "fragment"),
    [
        (errors.NotFound, f"{ECR}:1.0 does not exist in ECR: injected by the test Push it, or correct the address."),
        (errors.Denied, "The role needs ecr:BatchGetImage and ecr:GetDownloadUrlForLayer on this repository."),
        (errors.Unavailable, f"{ECR}:1.0 could not be resolved: AWS answered image with Injected"),
    ],
)
def test_what_ecr_refuses_is_said_with_what_to_do(
    shop: Application, ecr: FakeGateway, bindings: list[Binding], error: type[errors.AwsError], fragment: str
) -> None:
    ecr.fail_next("image", error)

    refused = refusal(shop, f"{ECR}:1.0")

    assert fragment in refused.sentence
    assert (refused.field, Release.objects.count()) == ("images", 0)


def test_a_registry_that_the_application_names_is_asked(shop: Application, registry: Registry) -> None:
    shop.registries = f"ghcr.io\n {registry.host} \n"

    release = register(shop, f"{registry.host}/team/app:1.0", f"{registry.host}/team/app:1.0")

    assert sorted(release.pinned) == ["web", "worker"]
    assert release.images.get(container="web").reference == f"{registry.host}/team/app:1.0"


def test_a_registry_that_nobody_named_is_never_asked(shop: Application, registry: Registry) -> None:
    refused = refusal(shop, f"{registry.host}/team/app:1.0")

    assert refused.sentence == (
        f"Registry {registry.host} is not on Shop's list of registries; "
        "an administrator adds it on the application's page."
    )
    assert registry.seen == []


def test_an_unknown_tag_is_refused_in_the_words_of_the_registry(shop: Application, registry: Registry) -> None:
    shop.registries = registry.host

    refused = refusal(shop, f"{registry.host}/team/app:9.9")

    assert "has no tag 9.9; push it, or correct it." in refused.sentence
    assert refused.field == "images"


def secret_for(host: str) -> str:
    return f"https://{USER}:{quote(PASSWORD)}@{host}"


def test_the_secret_of_a_private_registry_is_sent_to_it(
    shop: Application, registry: Registry, settings: Settings
) -> None:
    registry.auth = "basic"
    shop.registries, shop.registry_secret = registry.host, "TEAM"
    settings.REGISTRY_SECRETS = {"TEAM": secret_for(registry.host)}

    assert register(shop, f"{registry.host}/team/app:1.0").pinned
    assert basic() in {authorization for _, authorization in registry.seen}


def test_the_secret_of_another_registry_is_kept_back(shop: Application, registry: Registry, settings: Settings) -> None:
    registry.auth = "basic"
    shop.registries, shop.registry_secret = registry.host, "TEAM"
    settings.REGISTRY_SECRETS = {"TEAM": secret_for("ghcr.io")}

    refused = refusal(shop, f"{registry.host}/team/app:1.0")

    assert "does not show team/app to everyone" in refused.sentence
    assert {authorization for _, authorization in registry.seen} == {""}


def test_a_secret_that_is_not_set_is_named(shop: Application, registry: Registry) -> None:
    shop.registries, shop.registry_secret = registry.host, "TEAM"

    assert refusal(shop, f"{registry.host}/team/app:1.0").sentence == (
        "The secret TEAM named by Shop is not set; set REGISTRY_SECRET_TEAM "
        "(or REGISTRY_SECRET_TEAM_FILE) to https://user:password@host."
    )


def test_a_version_is_registered_once(shop: Application, bindings: list[Binding]) -> None:
    register(shop, f"{ECR}:1.0")

    refused = refusal(shop, f"{ECR}:1.0")

    assert (refused.field, refused.sentence) == ("version", "Shop already has a release 1.0.")
    assert len(bindings) == 1


def test_two_at_once_who_register_one_version_are_told_apart_by_the_database(
    shop: Application, bindings: list[Binding], monkeypatch: pytest.MonkeyPatch
) -> None:
    resolve = releases.resolve

    def resolving_while_another_registers(application: Application, text: str) -> values.Image:
        Release.objects.create(application=shop, version="1.0", registered_by="colleague")
        return resolve(application, text)

    monkeypatch.setattr(releases, "resolve", resolving_while_another_registers)

    assert refusal(shop, f"{ECR}:1.0").sentence == "Shop already has a release 1.0."


def test_another_application_may_have_the_same_version(shop: Application, bindings: list[Binding]) -> None:
    register(shop, f"{ECR}:1.0")

    assert register(Application.objects.create(name="Blog", slug="blog"), f"{ECR}:1.0").version == "1.0"


@pytest.mark.parametrize(
    ("changes", "field", "sentence"),
    [
        ({"version": "1 0"}, "version", "Letters, digits and . _ + - only."),
        ({"version": ""}, "version", "This field cannot be blank."),
        ({"version": "-rc"}, "version", "Letters, digits and . _ + - only."),
        ({"version": "9" * 81}, "version", "at most 80 characters"),
        ({"git_sha": "main"}, "git_sha", "7 to 64 hex digits."),
    ],
)
def test_a_bad_release_is_refused_at_its_field(
    shop: Application, bindings: list[Binding], changes: dict[str, str], field: str, sentence: str
) -> None:
    refused = refusal(shop, f"{ECR}:1.0", **changes)

    assert refused.field == field
    assert sentence in refused.sentence
    assert bindings == []


@pytest.mark.parametrize(
    ("references", "sentence"),
    [
        ((), "A release needs at least one image, or a bundle."),
        (("https://ghcr.io/team/app",), "has no https:// in front"),
        (("quay.io/team/app:1",), "Registry quay.io is not on Shop's list of registries"),
    ],
)
def test_a_release_without_a_usable_image_is_refused(
    shop: Application, references: tuple[str, ...], sentence: str
) -> None:
    refused = refusal(shop, *references)

    assert sentence in refused.sentence
    assert refused.field == "images"
