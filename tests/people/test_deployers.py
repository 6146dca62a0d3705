"""Who may deploy to an environment: the same names, read one by one or all at once."""

from typing import Any

from django.contrib.auth.models import Group, User

from deployments.catalog.models import Environment
from deployments.people import rights
from deployments.people.principal import Principal
from tests.delivery.engine.world import World, make_environment


def test_all_environments_know_their_deployers_by_one_query(shop: World, django_assert_num_queries: Any) -> None:
    other = make_environment(application=shop.environment.application, name="staging", rank=0)
    for name in ("Payments", "Basket"):
        shop.environment.deployers.add(Group.objects.create(name=name))
    rows = [Environment.objects.get(pk=each.pk) for each in (shop.environment, other)]

    with django_assert_num_queries(1):
        Environment.read_deployers(rows)

    with django_assert_num_queries(0):
        assert [row.deployer_names for row in rows] == [["Basket", "Payments"], []]
    assert shop.environment.deployer_names == ["Basket", "Payments"]


def test_an_outsider_is_refused_however_the_names_were_read(shop: World, requester: User) -> None:
    shop.environment.deployers.add(Group.objects.create(name="Payments"))
    read, alone = (Environment.objects.get(pk=shop.environment.pk) for _ in range(2))
    Environment.read_deployers([read])

    refusals = {rights.deploy_refusal(Principal.person(requester), each) for each in (read, alone)}

    assert refusals == {"Only members of Payments may deploy to shop/production."}
