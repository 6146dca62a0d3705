"""The fields that one service asks for."""

from typing import Any

from django import forms
from unfold.widgets import UnfoldAdminTextInputWidget

from deployments.admin.notifications.picking import Asked, Service
from deployments.admin.notifications.picking.service import Made
from deployments.admin.spoken import SpokenFields
from deployments.languages.told import told
from deployments.refused import Refused
from deployments.telling.notifications.addresses import LONGEST_URL


class ServiceForm(SpokenFields, forms.Form):
    """Valid once an address was made of it, which is then in `made`. What it was before is never shown again."""

    is_internal = forms.BooleanField(required=False)
    made: Made

    def __init__(self, data: Any = None, *, service: Service, may_be_internal: bool) -> None:
        super().__init__(data)
        self.service = service
        if not (may_be_internal and service.has_host):
            del self.fields["is_internal"]
        for each in service.asked:
            self.fields[each.name] = _field(each)

    @property
    def asked(self) -> list[forms.BoundField]:
        return [self[each.name] for each in self.service.asked]

    def clean(self) -> dict[str, Any]:
        said = {each.name: self.cleaned_data.get(each.name, "") for each in self.service.asked}
        if not self.errors:
            try:
                self.made = self.service.made_of(said)
            except Refused as refused:
                self.add_error(refused.field, refused.sentence)
        return self.cleaned_data

    def refuse(self, refused: Refused) -> None:
        """What a service says of the address stands at the field that holds it."""
        named = refused.field if refused.field in self.fields else "url"
        self.add_error(named if named in self.fields else self.service.asked[0].name, refused.sentence)


def _field(asked: Asked) -> forms.CharField:
    """Never required here: where one finds it is said instead."""
    attributes = {"placeholder": asked.like, "autocomplete": "off", "spellcheck": "false", "autocapitalize": "off"}
    label = told(asked.label if asked.is_needed else f"{asked.label} (optional)")
    return forms.CharField(
        label=label, required=False, max_length=LONGEST_URL, help_text=told(asked.found),
        widget=UnfoldAdminTextInputWidget(attrs=attributes),
    )  # fmt: skip
