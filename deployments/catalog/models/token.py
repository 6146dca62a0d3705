"""A token: what a machine shows instead of a password, with a part of one person's rights.

A person at a terminal shows one, too, and acts as themselves by it.
"""

from datetime import datetime

from django.conf import settings
from django.db import models

from deployments.catalog.models.environment import Environment
from deployments.people.token_words import TokenKind
from deployments.words import Name

LONGEST_NAME = 60


class Token(models.Model):
    name = models.CharField(
        max_length=LONGEST_NAME, help_text="As the log and the pages call it, such as storefront-ci."
    )
    owner = models.ForeignKey(
        settings.AUTH_USER_MODEL, on_delete=models.PROTECT, related_name="tokens",
        help_text="Who answers for it. It can do nothing that they cannot, and they do not approve what it asks for.",
    )  # fmt: skip
    scopes = models.JSONField(default=list, help_text="Names from people/scopes.py.")
    environments = models.ManyToManyField(Environment, blank=True, related_name="+", help_text="Empty: all of them.")
    is_for_some = models.BooleanField(
        default=False, db_default=False, help_text="Whether environments were named, also when they are gone since."
    )
    kind = models.CharField(
        max_length=8, choices=TokenKind.choices(), default=TokenKind.MACHINE, db_default=TokenKind.MACHINE.value
    )
    session_hash = models.CharField(
        max_length=64, blank=True, default="", db_default="", editable=False,
        help_text="Of a person's: what their sessions are held to. It ends with their password, as those do.",
    )  # fmt: skip
    digest = models.CharField(max_length=64, unique=True, editable=False, help_text="SHA-256 of the token, in hex.")
    hint = models.CharField(max_length=4, editable=False, help_text="Its last characters, to tell it by.")
    made_at = models.DateTimeField()
    expires_at = models.DateTimeField()
    last_used_at = models.DateTimeField(null=True, blank=True)
    revoked_at = models.DateTimeField(null=True, blank=True)

    class Meta:
        ordering = ["-made_at", "-id"]
        verbose_name = "API token"
        constraints = [
            models.UniqueConstraint(fields=["name"], name="token_unique_name"),
            # Whoever runs beside us and knows no kinds gives it the rights of its scopes: none.
            models.CheckConstraint(
                condition=~models.Q(kind=TokenKind.PERSON) | models.Q(scopes=[]), name="token_of_person_without_scopes"
            ),
        ]

    def __str__(self) -> str:
        return Name(self.name)

    @property
    def is_of_person(self) -> bool:
        """Who acts by it as themselves."""
        return self.kind == TokenKind.PERSON

    def is_good(self, now: datetime) -> bool:
        return self.revoked_at is None and now < self.expires_at
