from io import StringIO

import pytest
from django.core.management import CommandError, call_command

from deployments.aws.values import Image
from deployments.catalog import bundles
from deployments.catalog.models import Application, Release
from deployments.outbound import registry
from deployments.record.models import Event

pytestmark = pytest.mark.django_db

DIGEST = "sha256:" + "2" * 64


@pytest.fixture
def shop(monkeypatch: pytest.MonkeyPatch) -> Application:
    """An application whose registry answers without a network."""
    image = Image(repository="docker.io/library/shop", tag="1.4.2", digest=DIGEST, platforms=("linux/amd64",))
    monkeypatch.setattr(registry, "resolve", lambda reference, credential: image)
    return Application.objects.create(name="Shop", slug="shop")


def register(*arguments: str) -> str:
    out = StringIO()
    call_command("register_release", *arguments, stdout=out)
    return out.getvalue()


def test_a_pipeline_registers_a_release(shop: Application) -> None:
    said = register(
        "shop", "1.4.2", "--image", "web=shop:1.4.2", "--git-sha", "a1b2c3d", "--notes", "New", "--by", "ci"
    )

    release = Release.objects.get()
    assert (release.version, release.git_sha, release.notes, release.registered_by) == ("1.4.2", "a1b2c3d", "New", "ci")
    assert said == f"Registered shop 1.4.2\n  web docker.io/library/shop@{DIGEST}\n"
    assert Event.objects.get().actor_kind == "TOKEN"


def test_a_version_that_exists_is_refused_in_a_sentence(shop: Application) -> None:
    register("shop", "1.4.2", "--image", "web=shop:1.4.2")

    with pytest.raises(CommandError, match="already has a release 1.4.2|already exists"):
        register("shop", "1.4.2", "--image", "web=shop:1.4.2")


def test_an_unknown_application_is_refused_with_those_that_exist(shop: Application) -> None:
    with pytest.raises(CommandError, match="There is no application shpo; there are: shop."):
        register("shpo", "1.4.2", "--image", "web=shop:1.4.2")


def test_a_malformed_image_is_refused(shop: Application) -> None:
    with pytest.raises(CommandError, match="'shop:1.4.2' is not CONTAINER=REFERENCE"):
        register("shop", "1.4.2", "--image", "shop:1.4.2")


def test_a_bundle_for_servers_is_registered_too(shop: Application, monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr(bundles, "checked", lambda application, bundle: dict(bundle))

    assert (
        register("shop", "1.4.2", "--bundle", "s3://bundles/a.zip") == "Registered shop 1.4.2\n  s3://bundles/a.zip\n"
    )


@pytest.mark.parametrize(
    ("arguments", "said"), [([], "at least one image"), (["--bundle", "a.zip"], "neither an archive nor a commit")]
)
def test_neither_image_nor_bundle_is_a_sentence(shop: Application, arguments: list[str], said: str) -> None:
    with pytest.raises(CommandError, match=said):
        register("shop", "1.4.2", *arguments)
