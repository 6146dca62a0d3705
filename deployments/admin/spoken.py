"""What Django's admin is given as it is written, in English, and shows in the reader's language.

A class says its words once: what its columns, its search and its groups of fields are called. They are told when they
are shown, so that nobody has to mark each of them.
"""

from collections.abc import Sequence
from typing import Any

from django import forms
from django.contrib import admin
from django.contrib.messages.storage.fallback import FallbackStorage
from django.forms.utils import ErrorList, pretty_name
from django.utils.functional import Promise
from django.utils.html import format_html
from django.utils.safestring import SafeString

from deployments.languages.told import Told, lazily, told

#: Where something that is no text stands in a sentence.
HERE = "\N{OBJECT REPLACEMENT CHARACTER}"
#: The words of a class, by the names that Django, the theme and our templates know.
_WORDS = ("about_empty", "search_help_text", "title", "verbose_name", "verbose_name_plural")


class Spoken:
    """Of a page, an inline or a list's filter: the words of the class, of its columns and of its actions."""

    def __init_subclass__(cls, **more: Any) -> None:
        super().__init_subclass__(**more)
        for name, value in list(vars(cls).items()):
            if name in _WORDS and isinstance(value, str):
                setattr(cls, name, lazily(value))
            elif callable(value) and isinstance(words := getattr(value, "short_description", None), str):
                value.short_description = lazily(words)


class SpokenFilter(Spoken, admin.SimpleListFilter):
    """A list's filter. What it offers are often names, so it tells its other words itself."""


def told_fieldsets(fieldsets: Any) -> Any:
    """With their names and descriptions in the reader's language."""
    return [(_said(name), {**options, **_described(options)}) for name, options in fieldsets]


def _described(options: dict[str, Any]) -> dict[str, str]:
    return {"description": told(options["description"])} if options.get("description") else {}


def _said(text: Any) -> Any:
    return told(text) if isinstance(text, str | Promise) else text


class ToldErrors(ErrorList):
    def __getitem__(self, place: Any) -> Any:
        return _said(super().__getitem__(place))


class SpokenFields:
    """For a form: what its fields are called, their help, and what is wrong with what was typed."""

    fields: dict[str, forms.Field]

    def __init__(self, *args: Any, **more: Any) -> None:
        if more.get("error_class", ErrorList) is ErrorList:
            more["error_class"] = ToldErrors
        super().__init__(*args, **more)
        for name, field in self.fields.items():
            field.label = told(pretty_name(name) if field.label is None else field.label)
            field.help_text = told(field.help_text)


class SpokenModelForm(SpokenFields, forms.ModelForm):  # type: ignore[type-arg]
    """Of a page that needs no form of its own."""


class Answers(FallbackStorage):
    """What is said on the next page about what somebody just did: in their language, as it is said."""

    def add(self, level: int, message: Any, extra_tags: str | None = "") -> None:
        super().add(level, told(message), extra_tags)


def around(sentence: str, html: SafeString | str) -> SafeString:
    """A sentence with a moment or the like at its `HERE`."""
    before, _, after = told(sentence).partition(HERE)
    return format_html("{}{}{}", before, html, after)


def naming(sentence: str, name: object) -> str:
    """A sentence with a name or somebody's words at its `HERE`, which a short one could not be read back with."""
    return Told(told(sentence).replace(HERE, str(name)))


def choices(offered: Sequence[tuple[Any, str]]) -> list[tuple[Any, Any]]:
    """Of a field that is declared once: labels that are told whenever they are shown."""
    return [(value, lazily(label)) for value, label in offered]
