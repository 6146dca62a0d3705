"""What tables and their columns are called on pages, in the reader's language."""

from collections.abc import Iterable
from typing import Any

from django.apps import apps
from django.contrib import admin
from django.db import models

from deployments.languages.told import lazily

_Choice = tuple[Any, Any]


#: Ours, and those of libraries whose tables have pages here and whose words nobody translated.
_APPS = ("deployments", "django_q", "axes")


def name_lazily() -> None:
    """Let the names, helps and choices of all our columns be told when they are shown.

    Models say them in English, as the rooms do; marking each of them would say nothing more. A migration holds them as
    they are written, since a lazy text is equal to its English.
    """
    for app in map(apps.get_app_config, _APPS):
        app.verbose_name = lazily(str(app.verbose_name))
        for model in app.get_models():
            model._meta.verbose_name = lazily(str(model._meta.verbose_name))
            model._meta.verbose_name_plural = lazily(str(model._meta.verbose_name_plural))
            for field in _columns(model):
                _name(field)


def said_of_columns() -> Iterable[str]:
    """In English: the names of all tables, since rights name them, and whatever those which have a page say."""
    admin.autodiscover()
    inlines = {inline.model for page in admin.site._registry.values() for inline in page.inlines}
    for app in map(apps.get_app_config, _APPS):
        yield str(app.verbose_name)
        for model in app.get_models():
            yield from (str(model._meta.verbose_name), str(model._meta.verbose_name_plural))
            if model in admin.site._registry or model in inlines:
                yield from _said_of(_columns(model))


def _said_of(columns: Iterable["models.Field[Any, Any]"]) -> Iterable[str]:
    for field in columns:
        yield from (str(field.verbose_name), str(field.help_text))
        yield from (str(label) for _, label in field.flatchoices)


def _columns(model: type[models.Model]) -> Iterable["models.Field[Any, Any]"]:
    return (field for field in model._meta.get_fields() if isinstance(field, models.Field))


def _name(field: "models.Field[Any, Any]") -> None:
    field.verbose_name = lazily(str(field.verbose_name))
    if field.help_text:
        field.help_text = lazily(str(field.help_text))
    if field.choices:
        field.choices = [_choice(value, label) for value, label in field.flatchoices]


def _choice(value: Any, label: Any) -> _Choice:
    return (value, lazily(str(label)) if isinstance(label, str) else label)
