"""A cron task of the storefront runs the release once production does, and the one before it after a roll back."""

import pytest

from deployments.catalog.models import ReleaseImage
from deployments.delivery import turning_back
from deployments.people.principal import Principal
from deployments.vocabulary import Stage, Status
from tests.flows import starting
from tests.flows.storefront import Storefront, now

pytestmark = [pytest.mark.flow, pytest.mark.django_db]
APPLICATIONS = ("storefront",)


def digest(version: str) -> str:
    return str(ReleaseImage.objects.get(release__version=version).digest)


def test_a_cron_task_gets_the_release_after_production_and_goes_back_with_it(storefront: Storefront) -> None:
    storefront.environment.one_off_tasks.all().delete()
    starting.set_up(storefront, digest("1.0.0"))
    storefront.environment.termination_wait_seconds = 600
    storefront.environment.save()
    before = starting.target_of_the_rule(), starting.schedule()
    deployment = storefront.deploy("1.1.0", "BLUE_GREEN")

    storefront.to_the_gate(deployment)
    assert starting.digest_that_runs(storefront) == digest("1.0.0")  # nobody has approved it

    storefront.approve(deployment)
    storefront.go(deployment, lambda d: d.stage == Stage.CLEAN_UP or d.is_terminal)
    assert starting.digest_that_runs(storefront) == digest("1.1.0")
    switched = starting.target_of_the_rule(), starting.schedule()
    assert [_without_revision(each) for each in switched] == [_without_revision(each) for each in before]

    turning_back.roll_back(deployment=deployment, principal=Principal.person(storefront.manager), now=now())
    storefront.finish(deployment)

    assert deployment.status == Status.ROLLBACK_SUCCESSFUL, deployment.status_reason
    assert (starting.target_of_the_rule(), starting.schedule()) == before
    assert starting.digest_that_runs(storefront) == digest("1.0.0")
    told = [event.kind for event in deployment.events.filter(stage=Stage.SCHEDULED_TASKS)]
    assert told.count("aws.PutTargets") == told.count("aws.UpdateSchedule") == 2


def _without_revision(thing: dict[str, object]) -> dict[str, object]:
    """All that is its owner's."""
    target = thing.get("Target", thing)
    assert isinstance(target, dict)
    parameters = {**target["EcsParameters"], "TaskDefinitionArn": "of the family"}
    whole = {**target, "EcsParameters": parameters}
    return {**thing, "Target": whole} if "Target" in thing else whole
