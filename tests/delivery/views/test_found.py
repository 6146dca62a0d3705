"""What was found is put together once for a row that was read, and anew for each change of it."""

from deployments.delivery.models import Deployment
from deployments.delivery.views.found import found
from tests.delivery.engine.world import World


def test_a_change_of_the_row_is_found(shop: World) -> None:
    deployment = shop.request()
    assert found(deployment) is found(deployment)
    assert found(deployment).percent == 0

    deployment.percent = 25
    assert found(deployment).percent == 25
    Deployment.objects.filter(pk=deployment.pk).update(facts={**deployment.facts, "warnings": ["It is red."]})
    deployment.refresh_from_db()
    assert found(deployment).warnings == ("It is red.",)
    assert found(Deployment.objects.get(pk=deployment.pk)) == found(deployment)
