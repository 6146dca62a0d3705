"""Scopes as a form offers them: those that most pipelines need are ticked."""

from typing import Any

from django import forms

from deployments.people.principal import Principal
from deployments.people.scopes import SCOPES

_CHECKED = ("read", "releases:write", "deployments:write")


def scopes_field() -> forms.MultipleChoiceField:
    choices = [(name, name) for name in SCOPES]
    return forms.MultipleChoiceField(choices=choices, initial=_CHECKED, widget=forms.CheckboxSelectMultiple)


def shown(form: forms.Form, principal: Principal) -> list[dict[str, Any]]:
    """Each with what it means; one whose rights its maker lacks cannot be chosen."""
    ticked = form["scopes"].value() or ()
    return [
        {
            "name": name,
            "meaning": scope.meaning,
            "checked": name in ticked,
            "may": all(principal.may(right) for right in scope.rights),
        }
        for name, scope in SCOPES.items()
    ]
