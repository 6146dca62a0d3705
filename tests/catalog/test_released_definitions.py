"""A release that brings its task definition."""

import json
from typing import Any

import pytest

from deployments.aws import values
from deployments.catalog import releases
from deployments.catalog.models import Application, Release
from deployments.definitions import json_file
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from tests.delivery.engine.world import NOON, person
from tests.fakes.aws import FakeGateway

CI = Principal.token("ci")
ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
DIGEST = "sha256:" + "2" * 64
PINNED = f"{ECR}@{DIGEST}"


class Counting(FakeGateway):
    asked: int = 0

    def image(self, repository: str, reference: str, *, platforms: bool = True) -> values.Image:
        self.asked += 1
        return super().image(repository, reference, platforms=platforms)


@pytest.fixture
def ecr(monkeypatch: pytest.MonkeyPatch) -> Counting:
    aws = Counting()
    aws.images[ECR, "1.0"] = values.Image(repository=ECR, tag="1.0", digest=DIGEST, platforms=("linux/amd64",))
    monkeypatch.setattr(releases, "connect", lambda binding: aws)
    return aws


@pytest.fixture
def shop(db: None, ecr: Counting) -> Application:
    return Application.objects.create(name="Shop", slug="shop")


def taskdef(**images: str) -> dict[str, Any]:
    environment = [{"name": "KEY", "value": "hunter2"}]
    return {
        "family": "shop",
        "memory": "512",
        "containerDefinitions": [{"name": name, "image": image, "environment": environment}
                                 for name, image in images.items()],
    }  # fmt: skip


def register(shop: Application, document: Any, images: dict[str, str] | None = None, **more: Any) -> Release:
    file = json_file.read("taskdef.json", json.dumps(document), field="task_definition")
    given: dict[str, Any] = {"principal": CI, "images": images} | more
    return releases.register_release(application=shop, version="1.0", now=NOON, task_definition=file, **given)


def test_placeholders_are_filled_with_digests_and_an_address_is_resolved_once(shop: Application, ecr: Counting) -> None:
    document = taskdef(web="<IMAGE1_NAME>", worker="<IMAGE1_NAME>", cron=f"{ECR}:1.0")

    release = register(shop, document, {"web": f"{ECR}:1.0"})

    assert release.pinned == {"web": PINNED, "worker": PINNED, "cron": PINNED}
    brought = release.artefact.task_definition
    assert brought is not None and brought["memory"] == "512"
    assert [each["image"] for each in brought["containerDefinitions"]] == [PINNED] * 3
    assert ecr.asked == 1


def test_the_log_tells_which_definition_it_was_and_no_value_of_it(shop: Application) -> None:
    register(shop, taskdef(web=f"{ECR}:1.0"))

    data = Event.objects.get().data
    assert (data["task_definition"]["file"], data["task_definition"]["family"]) == ("taskdef.json", "shop")
    assert "hunter2" not in json.dumps(data)


def test_nobody_can_guess_a_value_by_the_digest_in_the_log(shop: Application) -> None:
    """Two releases with the same content have two digests: each is salted with what only its row knows."""
    register(shop, taskdef(web=f"{ECR}:1.0"))
    other = Application.objects.create(name="Other", slug="other")
    register(other, taskdef(web=f"{ECR}:1.0"))

    first, second = (event.data["task_definition"]["sha256"] for event in Event.objects.all())
    assert first != second


@pytest.mark.parametrize(
    ("document", "images", "field", "said"),
    [
        (taskdef(web="<IMAGE1_NAME>", log="<IMAGE2_NAME>"), {"web": f"{ECR}:1.0"}, "images",
         "No image is given for log of taskdef.json where it says <IMAGE2_NAME>. Give one."),
        (taskdef(web=""), {}, "images", "No image is given for web of taskdef.json. Give one."),
        (taskdef(web="<IMAGE1_NAME>"), {"wbe": f"{ECR}:1.0"}, "images",
         "There is an image for wbe, but taskdef.json has only web."),
        (taskdef(web=f"{ECR}:1.0") | {"taskRoleArn": "arn:aws:iam::<ACCOUNT>:role/shop"}, {}, "task_definition",
         "taskdef.json: taskRoleArn holds <ACCOUNT>, which nothing fills."),
        (taskdef(web=f"{ECR}:2.0"), {}, "images", "does not exist in ECR"),
    ],
)  # fmt: skip
def test_what_cannot_be_registered_is_refused_at_its_field(
    shop: Application, document: Any, images: dict[str, str], field: str, said: str
) -> None:
    with pytest.raises(Refused, match=said) as caught:
        register(shop, document, images)

    assert caught.value.field == field
    assert not Release.objects.exists()


def test_a_bundle_has_no_task_definition(shop: Application) -> None:
    with pytest.raises(Refused, match="Servers have no task definition: register the bundle alone."):
        register(shop, taskdef(web=f"{ECR}:1.0"), bundle={"type": "S3"})


def test_a_person_without_the_right_is_refused(shop: Application) -> None:
    with pytest.raises(Refused, match="You do not have the right to register releases"):
        register(shop, taskdef(web=f"{ECR}:1.0"), principal=Principal.person(person("outsider")))
