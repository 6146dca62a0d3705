"""Telling violated constraints apart, on whichever database the suite runs."""

import pytest
from django.db import IntegrityError, transaction

from deployments.catalog.models import Release
from deployments.delivery.models import Deployment
from deployments.delivery.models.deployment import ONE_UNFINISHED
from deployments.record.constraints import violated
from tests.delivery.engine.world import make_world

pytestmark = pytest.mark.django_db


def test_a_second_deployment_violates_the_one_that_has_a_sentence() -> None:
    deployment = make_world().request()
    deployment.pk, deployment.key = None, "another"

    with pytest.raises(IntegrityError) as raised, transaction.atomic():
        deployment.save(force_insert=True)

    assert violated(raised.value, Deployment, ONE_UNFINISHED)


def test_any_other_constraint_of_the_same_table_does_not() -> None:
    deployment = make_world().request()
    Deployment.objects.update(status="STOPPED")
    deployment.pk, deployment.status = None, "STOPPED"

    with pytest.raises(IntegrityError) as twice, transaction.atomic():
        deployment.save(force_insert=True)  # the key is taken
    with pytest.raises(IntegrityError) as empty, transaction.atomic():
        Deployment.objects.update(reason=None)  # as an older version may write a column that it does not know

    assert not any(violated(raised.value, Deployment, ONE_UNFINISHED) for raised in (twice, empty))
    assert not violated(twice.value, Release, "release_unique_in_application")
