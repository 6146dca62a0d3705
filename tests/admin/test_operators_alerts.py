from datetime import timedelta

import pytest
from django.contrib.auth.models import User
from django.test import Client
from django.utils import timezone

from deployments.ops.alerts import keeping
from deployments.ops.models import OperatorAlert
from deployments.telling.notifications.kinds import Kind
from tests.delivery.engine.world import person

pytestmark = pytest.mark.django_db
PAGE = "/deployments/operatoralert/"


def signed_in(client: Client, user: User) -> Client:
    user.is_staff = True
    user.save()
    client.force_login(user)
    return client


def test_an_operator_sees_what_is_open_first_with_what_to_do(client: Client) -> None:
    now = timezone.now()
    for about in ("arn:aws:iam::1:role/open", "arn:aws:iam::1:role/over"):
        found = keeping.Found(kind=Kind.CREDENTIALS_REFUSED, about=about, said=f"AWS refuses {about}.", since=now)
        keeping.raise_(found, now)
    keeping.end(OperatorAlert.objects.get(about__endswith="over"), now + timedelta(minutes=5))

    page = signed_in(client, person("operator", "view_operatoralert")).get(PAGE).content.decode()

    assert page.index("AWS refuses arn:aws:iam::1:role/open.") < page.index("AWS refuses arn:aws:iam::1:role/over.")
    assert f'href="{PAGE}"' in page


def test_somebody_without_the_right_does_not_see_them(client: Client) -> None:
    assert signed_in(client, person("outsider")).get(PAGE).status_code == 403
