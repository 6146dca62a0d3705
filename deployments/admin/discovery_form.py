"""Where a new environment is looked for: an account that others are in already, or another one."""

from typing import Any

from django import forms
from django.utils.crypto import salted_hmac
from unfold.widgets import UnfoldAdminSelectWidget, UnfoldAdminTextInputWidget

from deployments.admin.environment_forms import may_be_assumed
from deployments.admin.spoken import SpokenFields
from deployments.aws import regions
from deployments.aws.values import Binding
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.languages.told import told

#: of an account: what is typed below it
ANOTHER = "another"


class WhereForm(SpokenFields, forms.Form):
    """At most three of these are typed: the name, a role and its external ID."""

    application = forms.ModelChoiceField(
        Application.objects.filter(IN_USE), label="Application", widget=UnfoldAdminSelectWidget
    )
    name = forms.SlugField(
        max_length=60,
        label="Environment",
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "production", "autocomplete": "off"}),
        help_text="What it is to be called, such as staging or production.",
    )
    account = forms.ChoiceField(
        label="AWS account", required=False, widget=UnfoldAdminSelectWidget, help_text="As other environments reach it."
    )
    region = forms.ChoiceField(label="Region", required=False, widget=UnfoldAdminSelectWidget)
    role_arn = forms.CharField(
        max_length=200,
        required=False,
        label="Role ARN",
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "arn:aws:iam::123456789012:role/tealgate-deployer"}),
        help_text="Empty: Tealgate’s own credentials.",
        validators=[may_be_assumed],
    )
    external_id = forms.CharField(
        max_length=200,
        required=False,
        label="External ID",
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "shop-4711"}),
        help_text="Where the role’s trust policy asks for one.",
    )

    def __init__(self, data: Any = None, **more: Any) -> None:
        super().__init__(data, **more)
        self.likes = _likes(str((data or self.initial).get("application", "")))
        accounts = [(key(binding), _label(like)) for binding, like in self.likes.items()]
        account, region = self.fields["account"], self.fields["region"]
        account.choices = [*accounts, (ANOTHER, told("Another account, role or region …"))]  # type: ignore[attr-defined]
        known = {each.region for each in self.likes.values()}
        names = sorted({*regions.of_ecs(), *known})
        region.choices = [(each, each) for each in names]  # type: ignore[attr-defined]
        self.initial.setdefault("account", accounts[0][0] if accounts else ANOTHER)
        self.initial.setdefault("region", min(known, default="us-east-1"))

    @property
    def is_another(self) -> bool:
        """Whether region and role are given instead of an account that is known."""
        value = self.data.get("account") if self.is_bound else self.initial["account"]
        return value in (ANOTHER, "", None)

    @property
    def binding(self) -> Binding:
        """Once it is valid."""
        given = self.cleaned_data
        for binding in self.likes:
            if key(binding) == given["account"]:
                return binding
        return Binding(region=given["region"], role_arn=given["role_arn"], external_id=given["external_id"])

    def clean(self) -> dict[str, Any]:
        cleaned: dict[str, Any] = super().clean() or self.cleaned_data
        if self.is_another and not cleaned.get("region") and "region" not in self.errors:
            self.add_error("region", "Choose a region.")
        if self.data.keys() & {"see", "keep"} and not cleaned.get("name") and "name" not in self.errors:
            self.add_error("name", "Give it a name, such as staging or production.")
        return cleaned


def key(binding: Binding) -> str:
    """By which a page names it: whoever reads the page learns no external ID."""
    where = f"{binding.region} {binding.role_arn} {binding.external_id}"
    return salted_hmac("deployments.admin.discovery_form", where).hexdigest()[:12]


def _likes(application: str) -> dict[Binding, Environment]:
    """The first environment of each account, those of this application before the others."""
    rows = Environment.objects.filter(IN_USE).select_related("application")
    mine_first = sorted(rows, key=lambda each: str(each.application_id) != application)
    found: dict[Binding, Environment] = {}
    for each in mine_first:
        found.setdefault(each.binding, each)
    return found


def _label(like: Environment) -> str:
    role = like.role_arn.rsplit("/", 1)[-1]
    account = like.account_id or (like.role_arn.split(":")[4] if like.role_arn else "")
    who = f"role {role}" if role else "Tealgate’s own credentials"
    of_account = f"{who} in account {account}" if account else who
    return told(f"{like.region}: {of_account}, like environment {like}")
