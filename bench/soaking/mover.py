"""Somebody who moves the catalog from CodeDeploy to ECS, a step at a time, and now and then turns back half way."""

import random
from collections import Counter
from contextlib import suppress

from django.contrib.auth.models import Permission, User

from bench.shop import Shop, now
from bench.soaking.places import Place
from deployments.aws.errors import AwsError
from deployments.catalog.models import Environment
from deployments.delivery import moves
from deployments.delivery.models import Move
from deployments.moving.values import Wanted
from deployments.people.principal import Principal
from deployments.refused import Refused
from deployments.vocabulary import Controller, MoveStatus

#: The chance, at one turn, that a move begins where none is under way, that it goes a step on, and that it turns back.
BEGINS, STEPS, TURNS_BACK = 0.02, 0.2, 0.25


class Mover:
    def __init__(self, shop: Shop, places: list[Place], choose: random.Random) -> None:
        self._choose = choose
        self._place = next((each for each in places if each.environment.controller == Controller.CODE_DEPLOY), None)
        shop.manager.user_permissions.add(Permission.objects.get(codename="change_environment"))
        self._who = Principal.person(User.objects.get(pk=shop.manager.pk))
        self._wanted = Wanted(infrastructure_role=str(shop.stack.sandbox("world")["roles"]["infrastructure"]))
        self._move: Move | None = None
        self._goes_back = False
        self.said = ""
        self.count: Counter[str] = Counter()

    def perhaps(self) -> None:
        place = self._place
        if self._move is None:
            codedeploys = place is not None and place.environment.controller == Controller.CODE_DEPLOY
            if place and codedeploys and place.rests and self._choose.random() < BEGINS:
                self._begin(place)
        elif self._choose.random() < STEPS:
            self._goes_back = self._goes_back or self._choose.random() < TURNS_BACK
            self._click(self._move)

    def tend(self) -> None:
        """To its end: on, and back where that is refused."""
        if self._move is not None and not self._click(self._move):
            self._goes_back = True

    @property
    def rests(self) -> bool:
        return self._move is None

    def _begin(self, place: Place) -> None:
        environment = Environment.objects.get(pk=place.environment.pk)
        with suppress(Refused, AwsError):  # such as while somebody deploys there
            self._move = moves.begin(environment=environment, wanted=self._wanted, principal=self._who, now=now())
            self._goes_back = False
            self.count["a move began"] += 1

    def _click(self, move: Move) -> bool:
        act = moves.go_back if self._goes_back else moves.go_on
        went = False
        try:
            self.said = act(move=move, principal=self._who, now=now())
            went = True
        except (Refused, AwsError) as refused:
            self.said = str(refused)
        move.refresh_from_db()
        if move.status != MoveStatus.UNDER_WAY:
            self._over(move)
        return went

    def _over(self, move: Move) -> None:
        self.count["a move was taken back" if move.status == MoveStatus.TAKEN_BACK else "a move was done"] += 1
        self._move = None
        if self._place:
            self._place.environment = Environment.objects.select_related("application").get(pk=move.environment_id)
