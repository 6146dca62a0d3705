"""What a trust is made of, as its page asks for it: filled in for the CIs that many use, or like one that there is."""

from collections.abc import Iterator
from dataclasses import dataclass
from typing import Any

from django import forms
from django.http import HttpRequest
from django.utils.datastructures import MultiValueDict
from unfold.widgets import UnfoldAdminTextInputWidget

from deployments.admin.base import number
from deployments.admin.scopes_field import scopes_field
from deployments.admin.spoken import SpokenFields
from deployments.catalog.models import Application, Environment, Trust
from deployments.catalog.models.retiring import IN_USE
from deployments.catalog.models.trust import LONGEST_NAME
from deployments.identity import claims as claims_of
from deployments.identity import issuers
from deployments.identity.presets import Preset, preset

#: Below those that are named already.
_EMPTY_ROWS = 2


@dataclass(frozen=True, kw_only=True)
class Row:
    """One claim, as it stands in the form."""

    name: str
    value: str
    example: str = ""


def _typed_in(**more: Any) -> UnfoldAdminTextInputWidget:
    return UnfoldAdminTextInputWidget(attrs={"autocomplete": "off", "spellcheck": "false", **more})


class TrustForm(SpokenFields, forms.Form):
    name = forms.CharField(
        max_length=LONGEST_NAME,
        widget=_typed_in(placeholder="storefront-ci"),
        help_text="The log calls its jobs so: shop/storefront@refs/heads/main via storefront-ci.",
    )
    issuer = forms.CharField(
        label="Issuer",
        max_length=issuers.LONGEST,
        widget=_typed_in(),
        help_text="To the letter, as it calls itself. Its keys are read when you make the trust.",
    )
    audience = forms.CharField(
        label="Audience",
        max_length=255,
        widget=_typed_in(placeholder="https://tealgate.example.com"),
        help_text="What the job asks its CI for an ID token for. A token for another place opens nothing here.",
    )
    scopes = scopes_field()
    applications = forms.ModelMultipleChoiceField(
        Application.objects.filter(IN_USE), required=False, widget=forms.CheckboxSelectMultiple
    )
    environments = forms.ModelMultipleChoiceField(
        Environment.objects.filter(IN_USE).select_related("application"),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )


def chosen(request: HttpRequest) -> Preset:
    return preset(request.GET.get("preset", ""))


def unbound(request: HttpRequest) -> tuple[TrustForm, list[Row]]:
    if like := Trust.objects.filter(pk=number(request.GET.get("like"))).first():
        initial = {name: getattr(like, name) for name in ("issuer", "audience", "scopes")}
        initial |= {name: list(getattr(like, name).all()) for name in ("applications", "environments")}
        return TrustForm(initial=initial), _filled(Row(name=name, value=like.claims[name]) for name in like.claims)
    ci, site = chosen(request), request.build_absolute_uri("/").rstrip("/")
    form = TrustForm(initial={"issuer": ci.issuer, "audience": "" if ci.key == "bitbucket" else site})
    form.fields["issuer"].widget.attrs["placeholder"] = ci.issuer_example
    return form, _filled(Row(name=each.name, value=each.value, example=each.example) for each in ci.claims)


def sent(data: MultiValueDict[str, Any]) -> list[Row]:
    """Claims without a value are not wanted."""
    pairs = zip(data.getlist("claim"), data.getlist("value"), strict=False)
    return [Row(name=name.strip(), value=value.strip()) for name, value in pairs if value.strip()][: claims_of.MOST + 1]


def as_typed(rows: list[Row], ci: Preset) -> list[Row]:
    """Again, after something was wrong: what was typed, then what this CI offers beside it."""
    named = {row.name for row in rows}
    offered = (Row(name=each.name, value="", example=each.example) for each in ci.claims if each.name not in named)
    return _filled(iter([*rows, *offered]))


def _filled(rows: Iterator[Row]) -> list[Row]:
    return [*rows, *(Row(name="", value="") for _ in range(_EMPTY_ROWS))]
