"""What a person is told, and when, as their own page asks for it."""

from typing import Any
from zoneinfo import available_timezones

from django import forms
from django.conf import settings
from django.db.models import Q

from deployments.admin.spoken import SpokenFields, choices
from deployments.catalog.models import Application
from deployments.catalog.models.retiring import IN_USE
from deployments.languages.told import told
from deployments.people.language import chosen_by
from deployments.telling.notifications.kinds import NOT_CHOSEN, Kind
from deployments.telling.notifications.models import NotificationPreference, Pace

_PACES = choices(
    (
        (Pace.AT_ONCE, "One by one, at once"),
        (Pace.HOURLY, "Together, once an hour"),
        (Pace.DAILY, "Together, once a day in the morning"),
    )
)
_OF_TEALGATE = frozenset(kind.value for kind in Kind if kind.is_operators)


def _time() -> forms.TimeField:
    clock = forms.TimeInput(format="%H:%M", attrs={"type": "time", "class": "tg-input"})
    return forms.TimeField(required=False, widget=clock)


class PreferenceForm(SpokenFields, forms.Form):
    kinds = forms.MultipleChoiceField(choices=(), required=False, widget=forms.CheckboxSelectMultiple)
    applications = forms.ModelMultipleChoiceField(
        Application.objects.none(), required=False, widget=forms.CheckboxSelectMultiple
    )
    pace = forms.ChoiceField(choices=_PACES, widget=forms.RadioSelect)
    quiet_from, quiet_until = _time(), _time()
    language = forms.ChoiceField(
        choices=settings.LANGUAGES, required=False, widget=forms.Select(attrs={"class": "tg-input"})
    )
    zone = forms.ChoiceField(choices=(), widget=forms.Select(attrs={"class": "tg-input"}))
    wakes = forms.BooleanField(required=False)
    weekly = forms.BooleanField(required=False)
    browser = forms.BooleanField(required=False)

    def __init__(self, data: Any = None, *, preference: NotificationPreference, hears_operators: bool) -> None:
        """`preference`: one without a key is what a new one holds."""
        super().__init__(data, initial=_initial(preference))
        chosen = preference.applications.values("pk") if preference.pk else ()
        self.fields["applications"].queryset = Application.objects.filter(IN_USE | Q(pk__in=chosen))  # type: ignore[attr-defined]
        self.fields["kinds"].choices = [  # type: ignore[attr-defined]
            (kind.value, told(kind.meaning))
            for kind in Kind
            if kind not in NOT_CHOSEN and (hears_operators or not kind.is_operators)
        ]
        self.fields["zone"].choices = [(name, name) for name in zones()]  # type: ignore[attr-defined]
        self._kept = [name for name in preference.kinds if name not in dict(self.fields["kinds"].choices)]  # type: ignore[attr-defined]

    @property
    def of_deployments(self) -> list[Any]:
        return [box for box in self["kinds"] if str(box.data["value"]) not in _OF_TEALGATE]

    @property
    def of_tealgate(self) -> list[Any]:
        """Empty for whoever does not operate it."""
        return [box for box in self["kinds"] if str(box.data["value"]) in _OF_TEALGATE]

    def wanted(self) -> dict[str, Any]:
        """What was not offered stays as it is."""
        return self.cleaned_data | {"kinds": [*self.cleaned_data["kinds"], *self._kept]}


def zones() -> list[str]:
    """By name: places first, as people look for theirs; "Etc/…", "US/…" and other old names are left out."""
    found = (name for name in available_timezones() if "/" in name and not name.startswith(("Etc/", "US/", "SystemV/")))
    return ["UTC", *sorted(found)]


def _initial(preference: NotificationPreference) -> dict[str, Any]:
    names = ("kinds", "pace", "quiet_from", "quiet_until", "zone", "wakes", "weekly", "browser")
    chosen = list(preference.applications.all()) if preference.pk else []
    language = chosen_by(preference.person) or settings.LANGUAGE_CODE
    return {name: getattr(preference, name) for name in names} | {"applications": chosen, "language": language}
