import pytest

from deployments.aws import codedeploy_values, errors, values
from deployments.catalog import releases
from deployments.catalog.models import Environment, Release
from deployments.delivery import adoption
from deployments.people.principal import Principal
from deployments.record.models import Event
from deployments.refused import Refused
from tests.delivery.engine.world import NOON, make_environment, make_release, make_world, person
from tests.fakes.aws import SHOP, FakeGateway

pytestmark = pytest.mark.django_db

ECR = "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
DIGEST = "sha256:" + "2" * 64
BLUE, GREEN = SHOP.target_group("blue"), SHOP.target_group("green")


@pytest.fixture
def environment() -> Environment:
    return make_environment()


@pytest.fixture
def aws(monkeypatch: pytest.MonkeyPatch) -> FakeGateway:
    aws = FakeGateway.pair(live="green", image=f"{ECR}@{DIGEST}")
    aws.images[ECR, DIGEST] = values.Image(repository=ECR, tag="", digest=DIGEST, platforms=())
    for module in (adoption, releases):
        monkeypatch.setattr(module, "connect", lambda binding: aws)
    return aws


def adopt(environment: Environment) -> Release:
    return adoption.adopt(environment=environment, now=NOON)


def test_the_release_that_runs_there_becomes_the_live_one(environment: Environment, aws: FakeGateway) -> None:
    release = make_release(environment.application)

    assert adopt(environment) == release

    assert (environment.live_release, environment.live_slot, environment.live_since) == (release, "green", NOON)
    assert Event.objects.get().message == "1.1.0 was found live (green slot)"
    assert aws.performed == []


def test_an_image_that_no_release_has_is_named(environment: Environment, aws: FakeGateway) -> None:
    make_release(environment.application, digit="3")

    with pytest.raises(Refused, match=f"No release of Shop has the image {ECR}@{DIGEST}"):
        adopt(environment)


def test_while_a_deployment_is_under_way_nothing_is_adopted(aws: FakeGateway) -> None:
    """All traffic may be on a release that is rolled back a minute later."""
    world = make_world(gate=False)
    world.request()

    with pytest.raises(Refused, match="A deployment to shop/production is under way"):
        adopt(world.environment)

    assert Environment.objects.get().live_release is None


def test_two_live_slots_cannot_be_adopted(environment: Environment, aws: FakeGateway) -> None:
    aws.set_weights(SHOP.production_rule, {BLUE: 50, GREEN: 50})

    with pytest.raises(Refused, match="the production rule's weights are: shop-blue 50, shop-green 50."):
        adopt(environment)


def test_a_live_service_that_is_gone_is_named(environment: Environment, aws: FakeGateway) -> None:
    del aws.ecs[SHOP.cluster, "shop-green"]

    with pytest.raises(Refused, match="Service shop-green does not exist in cluster shop."):
        adopt(environment)


def test_a_service_without_tasks_runs_nothing_to_adopt(environment: Environment, aws: FakeGateway) -> None:
    aws.ecs[SHOP.cluster, "shop-green"].update(task_definition=None, desired=0, lag=0)

    with pytest.raises(Refused, match="its service has a desired count of 0"):
        adoption.adopt(environment=environment, now=NOON)

    environment.refresh_from_db()
    assert environment.live_release is None


def test_a_task_definition_without_the_container_is_named(environment: Environment, aws: FakeGateway) -> None:
    environment.container_name = "api"

    with pytest.raises(Refused, match="What runs there has no container api."):
        adopt(environment)


def test_what_aws_refuses_is_said(environment: Environment, aws: FakeGateway) -> None:
    aws.fail_next("rule", errors.Denied)

    with pytest.raises(Refused, match="What runs there could not be read: AWS answered rule with Injected"):
        adopt(environment)


ARCHIVE = {"type": "S3", "bucket": "bundles", "key": "1.1.0.zip", "bundleType": "zip", "eTag": "0123"}


@pytest.fixture
def servers(environment: Environment, aws: FakeGateway) -> Environment:
    """CodeDeploy has installed an archive on them; whoever deploys by hand seldom names an ETag."""
    environment.controller, environment.compute_platform = "CODE_DEPLOY", "Server"
    environment.codedeploy_application, environment.codedeploy_group = "shop", "web"
    environment.save()
    aws.codedeploy_groups["shop", "web"] = codedeploy_values.DeploymentGroup(
        application="shop",
        name="web",
        platform="Server",
        config="own",
        bundle={key: value for key, value in ARCHIVE.items() if key != "eTag"},
        last_successful=codedeploy_values.LastDeployment(id="d-7", status="Succeeded", ended_at=NOON),
    )
    return environment


def test_on_servers_it_is_the_release_whose_bundle_codedeploy_installed_last(servers: Environment) -> None:
    release = Release.objects.create(
        application=servers.application, version="1.1.0", bundle=ARCHIVE, registered_by="ci"
    )

    assert adopt(servers) == release

    assert (servers.live_release, servers.live_slot) == (release, "")
    assert Event.objects.get().data["bundle"]["key"] == "1.1.0.zip"


def test_a_bundle_that_no_release_has_is_named_with_the_deployment_that_brought_it(servers: Environment) -> None:
    other = {**ARCHIVE, "key": "1.0.0.zip"}
    Release.objects.create(application=servers.application, version="1.0.0", bundle=other, registered_by="ci")

    with pytest.raises(Refused, match=r"No release of Shop has the bundle s3://bundles/1.1.0.zip, which d-7 brought"):
        adopt(servers)


UNKNOWN = "sha256:" + "7" * 64


def registers(*rights: str) -> Principal:
    return Principal.person(person("registrar", *rights))


def test_an_image_that_no_release_has_is_registered_by_what_its_tasks_run(
    environment: Environment, aws: FakeGateway
) -> None:
    container = aws.task_definitions[SHOP.task_definition()].document["containerDefinitions"][0]
    container["image"] = f"{ECR}:stable"
    aws.ecs[SHOP.cluster, "shop-green"].digests = {"web": UNKNOWN}
    aws.images[ECR, UNKNOWN] = values.Image(repository=ECR, tag="", digest=UNKNOWN, platforms=())
    Environment.objects.update(outside={"key": "web=1", "what": "shop:stable"})

    release = adoption.adopt(
        environment=environment, now=NOON, principal=registers("add_release"), register_as="1.6.0-hotfix"
    )

    assert (release.version, release.pinned) == ("1.6.0-hotfix", {"web": f"{ECR}@{UNKNOWN}"})
    assert (environment.live_release, environment.outside) == (release, None)
    assert [event.kind for event in Event.objects.order_by("pk")] == ["release.registered", "environment.adopted"]


def test_who_may_not_register_releases_may_not_adopt_an_unknown_one(environment: Environment, aws: FakeGateway) -> None:
    with pytest.raises(Refused, match="You do not have the right to register releases"):
        adoption.adopt(environment=environment, now=NOON, principal=registers(), register_as="1.6.0-hotfix")


def test_what_is_adopted_by_mistake_is_undone_by_adopting_again(environment: Environment, aws: FakeGateway) -> None:
    make_release(environment.application)
    earlier = make_release(environment.application, "1.0.0", "1")
    adopt(environment)
    container = aws.task_definitions[SHOP.task_definition()].document["containerDefinitions"][0]
    container["image"] = f"{ECR}@sha256:{'1' * 64}"

    assert adopt(environment) == earlier
    assert environment.live_release == earlier
