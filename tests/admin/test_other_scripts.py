"""What people write from right to left, on pages that are written from left to right."""

import re

import pytest
from django.contrib.auth.models import User

from deployments.catalog.models import Release
from deployments.delivery.models import Approval, Deployment
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World

REASON, COMMENT, NOTES = "إصلاح الدفع (عاجل)!", "נראה טוב, בדקתי!", "تحسينات 2.0!"
#: The tag before what was written; a field's own text is left out, and so is what scripts and titles hold.
_TAG = r"<(?!textarea)(\w+)([^<>]*)>[^<>]*"


@pytest.fixture
def written(world: World, shifting: Deployment) -> Deployment:
    Deployment.objects.filter(pk=shifting.pk).update(reason=REASON)
    Approval.objects.update(comment=COMMENT)
    Release.objects.filter(pk=shifting.release_id).update(notes=NOTES)
    return shifting


def shown(text: str, said: str) -> list[str]:
    """The attributes of each tag that holds it; a paragraph has those of what it stands in."""
    return [attributes for _, attributes in re.findall(_TAG + re.escape(said), text.replace("<p>", ""))]


def test_what_people_wrote_has_its_own_direction_wherever_it_stands(
    written: Deployment, requester: User, browse: Browser
) -> None:
    person, gate = browse(requester), written.gates.get()
    pages = [
        person.get(path).content.decode()
        for path in (
            f"/deployments/deployment/{written.pk}/change/",
            f"/deployments/gate/{gate.pk}/change/",
            f"/deployments/release/{written.release_id}/change/",
        )
    ]
    found = {said: [each for text in pages for each in shown(text, said)] for said in (REASON, COMMENT, NOTES)}

    assert all(found.values())
    assert [said for said, tags in found.items() for tag in tags if 'dir="auto"' not in tag] == []


def test_what_waits_for_somebody_has_it_as_well(at_gate: Deployment, approver: User, browse: Browser) -> None:
    Deployment.objects.filter(pk=at_gate.pk).update(reason=REASON)
    gate = at_gate.gates.get()
    paths = ("/", f"/deployments/gate/{gate.pk}/change/", f"/deployments/deployment/{at_gate.pk}/change/")
    pages = [browse(approver).get(path).content.decode() for path in paths]

    found = [each for text in pages for each in shown(text, REASON)]

    assert len(found) > 2
    assert [tag for tag in found if 'dir="auto"' not in tag] == []
