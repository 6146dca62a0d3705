"""The rights of a group, as boxes to tick: each under what it is about, what no page asks for at the end."""

from collections.abc import Iterator
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.auth.models import Group, Permission
from django.forms.models import ModelChoiceIterator

from deployments.admin.spoken import HERE, SpokenModelForm, naming
from deployments.admin.ticks import Ticks
from deployments.languages.told import told
from deployments.people.roles import ROLES

UNASKED = "What no page asks for"
#: Whoever may do the latter mostly needs the former, too.
_VERBS = ("view", "add", "change", "delete")
_OF_ROLES = {right for rights in ROLES.values() for right in rights}

#: Where the second name stands in a sentence with two.
_THERE = "\N{REPLACEMENT CHARACTER}"


class ByTopic(ModelChoiceIterator):  # type: ignore[type-arg]
    def __iter__(self) -> Iterator[Any]:
        """(topic, [(value, label)]), in the order of topics' names."""
        topics: dict[str, list[Permission]] = {}
        for right in self.queryset:
            topics.setdefault(topic(right), []).append(right)
        for name in sorted(topics, key=lambda each: (each == UNASKED, each.lower())):
            yield told(name), [self.choice(right) for right in sorted(topics[name], key=_place)]


class RightsField(forms.ModelMultipleChoiceField):  # type: ignore[type-arg]
    iterator = ByTopic

    def __init__(self) -> None:
        rights = Permission.objects.select_related("content_type")
        super().__init__(rights, required=False, label="Rights", widget=Ticks)

    def label_from_instance(self, right: Permission) -> str:
        return _words(right)


class TeamForm(SpokenModelForm):
    permissions = RightsField()

    class Meta:
        model = Group
        fields = ("name", "permissions")


def topic(right: Permission) -> str:
    """Such as "Gates", or "Webhooks of environments" for what is edited on another page than its own."""
    model = right.content_type.model_class()
    if model is None:
        return UNASKED
    if admin.site.is_registered(model):
        return _name(model)
    if f"{right.content_type.app_label}.{right.codename}" not in _OF_ROLES:
        return UNASKED
    whole = next((f.related_model for f in model._meta.fields if f.many_to_one and _has_page(f.related_model)), None)
    if not whole:
        return _name(model)
    # Both are in the reader's language already.
    return naming(f"{HERE} of {_THERE}", _name(model)).replace(_THERE, str(whole._meta.verbose_name_plural))


def _words(right: Permission) -> str:
    """As Django names its four of each table, which the database holds in English; or as we name ours."""
    model = right.content_type.model_class()
    verb, _, about = right.codename.partition("_")
    if model is None or verb not in _VERBS or about != model._meta.model_name:
        return told(right.name)
    said = {
        "view": f"Can view {HERE}",
        "add": f"Can add {HERE}",
        "change": f"Can change {HERE}",
        "delete": f"Can delete {HERE}",
    }
    return naming(said[verb], model._meta.verbose_name)


def _has_page(model: Any) -> bool:
    return admin.site.is_registered(model)


def _name(model: Any) -> str:
    plural = str(model._meta.verbose_name_plural)
    return plural[:1].upper() + plural[1:]


def _place(right: Permission) -> tuple[str, int, str]:
    verb = right.codename.partition("_")[0]
    about = right.content_type.model if topic(right) == UNASKED else ""
    return about, _VERBS.index(verb) if verb in _VERBS else len(_VERBS), right.codename
