"""Secrets that have to be read again, such as those that sign: sealed in the database, open only where they are used.

A token or a password that is only compared is kept as a hash instead. The keys are those of settings.SEALING_KEYS, the
newest first: that one seals, all of them open. Behind them, and alone where there is none, come keys that are made of
SECRET_KEY and SECRET_KEY_FALLBACKS. `manage.py reseal` seals everything anew with the newest.
"""

import base64
import hashlib
import hmac
from collections.abc import Iterable
from typing import TYPE_CHECKING, Any, Final

from django.conf import settings
from django.core.checks import CheckMessage, Error
from django.db import models
from django.db.models.functions import Cast
from django.db.models.query_utils import DeferredAttribute
from django.forms import CharField, PasswordInput
from django.utils.encoding import force_bytes

from deployments import logs
from deployments.refused import Refused

if TYPE_CHECKING:
    from cryptography.fernet import MultiFernet

    _Text = models.TextField[str, str]
else:
    _Text = models.TextField

SHOWN: Final = "[sealed]"


class Unreadable(Refused):
    """None of the keys opens what was sealed."""

    def __init__(self) -> None:
        super().__init__(
            "This secret was sealed with a key that Tealgate does not have any more. Put that key behind the "
            "others in SEALING_KEYS (or SECRET_KEY_FALLBACKS) and start web and worker again; if it is lost, give the "
            "secret anew."
        )


class Sealed:
    """As the database holds it. Nothing shows what is inside."""

    def __init__(self, token: str) -> None:
        self.token = token

    def open(self) -> str:
        """Raises Unreadable. From then on logs blot it out."""
        from cryptography.fernet import InvalidToken

        try:
            secret = _keys().decrypt(self.token).decode()
        except InvalidToken:
            raise Unreadable from None
        logs.learn(secret)
        return secret

    def __repr__(self) -> str:
        return SHOWN


def seal(secret: str) -> Sealed:
    return Sealed(_keys().encrypt(secret.encode()).decode())


class _Opened(DeferredAttribute):
    """Opens at the first look, so that a list of rows neither needs the keys nor fails where one is missing."""

    def __get__(self, instance: Any, cls: Any = None) -> Any:
        value = super().__get__(instance, cls)
        return value.open() if isinstance(value, Sealed) else value

    def __set__(self, instance: Any, value: Any) -> None:
        """Without it the row's own dictionary would be looked at first."""
        instance.__dict__[self.field.attname] = value


class SealedTextField(_Text):
    """A str for whoever asks a row for it, which may raise Unreadable; sealed in the database, and in what is dumped.

    It cannot be searched, a form never shows what it holds (left empty, it stays), and no history may keep it.
    """

    descriptor_class = _Opened

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Never blank: a form that leaves it empty would have the row open it to look whether it is."""
        super().__init__(*args, **kwargs | {"blank": False})

    def from_db_value(self, value: str | None, expression: Any, connection: Any) -> Sealed | str | None:
        return Sealed(value) if value else value

    def pre_save(self, model_instance: models.Model, add: bool) -> Any:
        """As it was read where nobody changed it: saving a row does not take the keys."""
        kept = model_instance.__dict__.get(self.attname)
        return kept if isinstance(kept, Sealed) else super().pre_save(model_instance, add)

    def get_prep_value(self, value: Any) -> Any:
        if isinstance(value, Sealed):
            return value.token
        return seal(value).token if value else value

    def get_lookup(self, lookup_name: str) -> Any:
        return super().get_lookup(lookup_name) if lookup_name == "isnull" else None

    def value_from_object(self, obj: models.Model) -> str:
        return ""

    def value_to_string(self, obj: models.Model) -> str:
        return str(self.get_prep_value(obj.__dict__.get(self.attname) or ""))

    def formfield(self, *args: Any, **kwargs: Any) -> Any:
        return CharField(
            label=str(self.verbose_name).capitalize(), help_text=self.help_text, required=False,
            widget=PasswordInput(attrs={"autocomplete": "new-password"}),
        )  # fmt: skip

    def save_form_data(self, instance: models.Model, data: Any) -> None:
        if data:
            super().save_form_data(instance, data)

    def check(self, **kwargs: Any) -> list[CheckMessage]:
        return [*super().check(**kwargs), *self._not_in_a_history()]

    def _not_in_a_history(self) -> list[CheckMessage]:
        if not hasattr(self.model, "history_object"):
            return []
        hint = "Name it in HistoricalRecords(excluded_fields=...)."
        return [Error(f"A history would keep {self.name} for good.", hint=hint, obj=self, id="tealgate.E007")]


def reseal(tables: Iterable[type[models.Model]]) -> tuple[int, list[str]]:
    """Seal all that they keep with the newest key: how many secrets, and where one is that no key opens."""
    done, unreadable = 0, []
    for model in tables:
        for field in model._meta.local_fields:
            if isinstance(field, SealedTextField):
                for row in model._base_manager.exclude(**{f"{field.name}__isnull": True}).iterator():
                    opened = _resealed(row, field)
                    done += opened
                    if not opened and row.__dict__[field.attname]:
                        unreadable.append(f"{model._meta.verbose_name} {row.pk} ({row})")
    return done, unreadable


def _resealed(row: models.Model, field: SealedTextField) -> bool:
    """Whether it is. What somebody changes in the same moment is sealed with the newest key by that."""
    from cryptography.fernet import InvalidToken

    kept = row.__dict__[field.attname]
    if not kept:
        return False
    try:
        token = _keys().rotate(kept.token).decode()
    except InvalidToken:
        return False
    same = type(row)._base_manager.annotate(held=Cast(field.attname, models.TextField())).filter(held=kept.token)
    same.filter(pk=row.pk).update(**{field.attname: Sealed(token)})
    return True


def _keys() -> "MultiFernet":
    from cryptography.fernet import Fernet, MultiFernet

    said = [*settings.SEALING_KEYS, settings.SECRET_KEY, *settings.SECRET_KEY_FALLBACKS]
    return MultiFernet([Fernet(_derived(key)) for key in said])


def _derived(key: str | bytes) -> bytes:
    """SECRET_KEY signs sessions as well, so no key is used as it is."""
    return base64.urlsafe_b64encode(hmac.digest(force_bytes(key), b"deployments.sealed", hashlib.sha256))
