"""What a webhook is made of, as its page asks for it."""

from typing import Any

from django import forms
from django.db.models import Q
from unfold.widgets import UnfoldAdminTextInputWidget

from deployments.admin.spoken import SpokenFields, choices
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.telling.webhooks.groups import GROUPS
from deployments.telling.webhooks.models import LONGEST_NAME, LONGEST_URL, WebhookSubscription
from deployments.telling.webhooks.subscriptions import Wanted


def _typed_in(placeholder: str) -> UnfoldAdminTextInputWidget:
    return UnfoldAdminTextInputWidget(attrs={"placeholder": placeholder, "autocomplete": "off", "spellcheck": "false"})


class WebhookForm(SpokenFields, forms.Form):
    name = forms.CharField(
        max_length=LONGEST_NAME, widget=_typed_in("chat"), help_text="The log and the pages call it so."
    )
    url = forms.CharField(
        label="URL",
        max_length=LONGEST_URL,
        widget=_typed_in("https://hooks.example.com/tealgate"),
        help_text="Only who may change webhooks sees all of it; the log and other pages have its host.",
    )
    is_internal = forms.BooleanField(required=False)
    about = forms.MultipleChoiceField(
        choices=choices([(name, group.meaning) for name, group in GROUPS.items()]),
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    applications = forms.ModelMultipleChoiceField(
        Application.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    environments = forms.ModelMultipleChoiceField(
        Environment.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, subscription: WebhookSubscription | None = None) -> None:
        """One that is retired is offered where it was chosen: left out, the webhook would be about others too."""
        super().__init__(data, initial=_initial(subscription) if subscription else None)
        for name, model in (("applications", Application), ("environments", Environment)):
            chosen = getattr(subscription, name).all() if subscription else model.objects.none()
            self.fields[name].queryset = model.objects.filter(IN_USE | Q(pk__in=chosen.values("pk")))  # type: ignore[attr-defined]
        self.fields["environments"].queryset = self.fields["environments"].queryset.select_related("application")  # type: ignore[attr-defined]

    def wanted(self) -> Wanted:
        return Wanted(**self.cleaned_data)


def _initial(subscription: WebhookSubscription) -> dict[str, Any]:
    columns = {name: getattr(subscription, name) for name in ("name", "url", "is_internal", "about")}
    return columns | {name: list(getattr(subscription, name).all()) for name in ("applications", "environments")}
