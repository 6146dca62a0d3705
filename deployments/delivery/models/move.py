"""A move of an environment to another way to swap: a row, because people go through its steps by clicks."""

from django.conf import settings
from django.db import models
from django.db.models import Q

from deployments.catalog.models.environment import Environment
from deployments.vocabulary import Controller, MoveStatus

LONGEST_WORDS = 2000


class MoveQuerySet(models.QuerySet["Move"]):
    def under_way(self, environment: Environment) -> "Move | None":
        return self.filter(environment=environment, status=MoveStatus.UNDER_WAY).first()

    def newest(self, environment: Environment) -> "Move | None":
        return self.filter(environment=environment).order_by("-pk").first()


class Move(models.Model):
    environment = models.ForeignKey(Environment, on_delete=models.PROTECT, related_name="moves")
    to = models.CharField(max_length=20, choices=Controller.choices())
    status = models.CharField(max_length=10, choices=MoveStatus.choices(), default=MoveStatus.UNDER_WAY)
    done = models.PositiveSmallIntegerField(default=0, help_text="How many of its steps are done.")
    turning_back = models.BooleanField(default=False)
    frozen = models.JSONField(help_text="The environment's settings when it began.")
    wanted = models.JSONField()
    origin = models.JSONField(help_text="What was there when it began.")
    before = models.JSONField(help_text="The environment's columns that it changes, as they were.")
    says = models.TextField(max_length=LONGEST_WORDS, blank=True, help_text="What the last look found.")
    stopped = models.BooleanField(default=False, help_text="Whether the last look found what it cannot go on with.")
    looked_at = models.DateTimeField(null=True, blank=True)
    busy_until = models.DateTimeField(null=True, blank=True, help_text="Until when one click has it for itself.")
    begun_by = models.ForeignKey(settings.AUTH_USER_MODEL, null=True, on_delete=models.PROTECT, related_name="+")
    begun_at = models.DateTimeField()
    finished_at = models.DateTimeField(null=True, blank=True)

    objects = MoveQuerySet.as_manager()

    class Meta:
        default_permissions = ()
        constraints = [
            models.UniqueConstraint(
                fields=["environment"], condition=Q(status=MoveStatus.UNDER_WAY), name="move_one_under_way"
            ),
        ]

    def __str__(self) -> str:
        return f"Move of {self.environment} to {self.to}"
