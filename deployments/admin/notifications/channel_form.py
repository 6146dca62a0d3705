"""What a channel is made of, as its page asks for it."""

from typing import Any

from django import forms
from django.conf import settings
from django.db.models import Q
from unfold.widgets import UnfoldAdminTextInputWidget

from deployments.admin.spoken import SpokenFields, choices
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.telling.notifications import channels, kinds
from deployments.telling.notifications.models import NotificationChannel
from deployments.telling.notifications.models.channel import LONGEST_NAME


def languages() -> list[tuple[str, str]]:
    """Each called as its readers call it; English is what nobody need choose."""
    return [("" if each == settings.LANGUAGE_CODE else each, name) for each, name in settings.LANGUAGES]


class ChannelForm(SpokenFields, forms.Form):
    name = forms.CharField(
        max_length=LONGEST_NAME,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "shop-deploys", "autocomplete": "off"}),
        help_text="As the team calls the place where it reads; the log and the pages call it so.",
    )
    kinds = forms.MultipleChoiceField(
        choices=choices([(kind.value, channels.meaning(kind)) for kind in channels.offered()]),
        required=False,
        widget=forms.CheckboxSelectMultiple,
        initial=kinds.for_channels,
    )
    is_operations = forms.BooleanField(required=False)
    language = forms.ChoiceField(
        choices=languages, required=False, widget=forms.Select(attrs={"class": "tg-input"}), label="Language"
    )
    applications = forms.ModelMultipleChoiceField(
        Application.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    environments = forms.ModelMultipleChoiceField(
        Environment.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, channel: NotificationChannel | None = None, asked: Any = None) -> None:
        """One that is retired is offered where it was chosen: left out, the channel would be about others too.

        `asked`: what the address that leads here proposes.
        """
        super().__init__(data, initial=_initial(channel) if channel else asked)
        for name, model in (("applications", Application), ("environments", Environment)):
            chosen = getattr(channel, name).all() if channel else model.objects.none()
            self.fields[name].queryset = model.objects.filter(IN_USE | Q(pk__in=chosen.values("pk")))  # type: ignore[attr-defined]
        self.fields["environments"].queryset = self.fields["environments"].queryset.select_related("application")  # type: ignore[attr-defined]

    def wanted(self) -> channels.Wanted:
        return channels.Wanted(**self.cleaned_data)


def _initial(channel: NotificationChannel) -> dict[str, Any]:
    columns = {name: getattr(channel, name) for name in ("name", "kinds", "is_operations", "language")}
    return columns | {name: list(getattr(channel, name).all()) for name in ("applications", "environments")}
