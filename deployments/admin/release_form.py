"""The forms that register a release: one row a container with the image it runs, or one bundle."""

from collections.abc import Mapping
from typing import Any

from django import forms
from django.forms.formsets import BaseFormSet
from unfold.widgets import UnfoldAdminTextareaWidget, UnfoldAdminTextInputWidget

from deployments.admin.spoken import SpokenFields
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.release import LONGEST_NOTES
from deployments.catalog.models.retiring import IN_USE
from deployments.definitions.json_file import LARGEST
from deployments.languages.told import lazily, told


class ReleaseForm(SpokenFields, forms.Form):
    version = forms.CharField(
        max_length=80,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "1.1.0", "autocomplete": "off"}),
        help_text="What people will call it. It cannot be used twice.",
    )
    git_sha = forms.CharField(
        label="Git commit",
        max_length=64,
        required=False,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "9fceb02", "autocomplete": "off"}),
    )
    notes = forms.CharField(
        required=False,
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 3, "maxlength": LONGEST_NOTES, "placeholder": lazily("What changes for users")}
        ),
    )
    task_definition = forms.CharField(
        required=False,
        max_length=LARGEST,
        widget=UnfoldAdminTextareaWidget(
            attrs={"rows": 4, "spellcheck": "false", "placeholder": '{"family": "shop", "containerDefinitions": [...]}'}
        ),
        help_text="Optional: the content of a taskdef.json that comes with this release, as RegisterTaskDefinition "
        "takes it or DescribeTaskDefinition shows it. Images that it names need no row above.",
    )


_IN_S3, _ONE_VERSION = "s3://bucket/key.zip", "?versionId=…"


class BundleForm(SpokenFields, forms.Form):
    address = forms.CharField(
        label="Bundle",
        max_length=1200,
        widget=UnfoldAdminTextInputWidget(
            attrs={"placeholder": "s3://releases/reports-1.1.0.zip", "spellcheck": "false", "autocomplete": "off"}
        ),
        help_text=f"An archive in S3, {_IN_S3}, with {_ONE_VERSION} when the bucket keeps versions; or a commit on "
        "GitHub, account/name@ and all 40 digits.",
    )


class ImageForm(SpokenFields, forms.Form):
    container = forms.CharField(
        label="Container",
        max_length=255,
        widget=UnfoldAdminTextInputWidget(attrs={"placeholder": "web", "list": "containers", "autocomplete": "off"}),
    )
    reference = forms.CharField(
        label="Image",
        max_length=512,
        widget=UnfoldAdminTextInputWidget(
            attrs={
                "placeholder": "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop:1.1.0",
                "spellcheck": "false",
                "autocomplete": "off",
            }
        ),
    )


class _Images(BaseFormSet):  # type: ignore[type-arg]
    def clean(self) -> None:
        names = [
            form.cleaned_data["container"]
            for form in self.forms
            if "container" in form.cleaned_data  # else it is wrong
        ]
        doubled = {name for name in names if names.count(name) > 1}
        if doubled:
            raise forms.ValidationError(told(f"Container {', '.join(sorted(doubled))} stands here twice."))

    def need_none(self) -> None:
        """Where a task definition names them."""
        self.min_num, self.validate_min = 0, False

    @property
    def images(self) -> Mapping[str, str]:
        return {
            form.cleaned_data["container"].strip(): form.cleaned_data["reference"].strip()
            for form in self.forms
            if form.cleaned_data
        }


ImageFormSet = forms.formset_factory(ImageForm, formset=_Images, extra=0, min_num=1, validate_min=True, max_num=10)


def known_containers(application: Application | None = None) -> list[str]:
    """Names to suggest: what the application's environments run."""
    environments = Environment.objects.filter(IN_USE)
    if application is not None:
        environments = environments.filter(application=application)
    return sorted(set(environments.order_by().values_list("container_name", flat=True)))


def initial_images(application: Application | None) -> list[dict[str, Any]]:
    """The last release's containers, else the environments', else one empty row."""
    if application is None:
        return [{}]
    last = application.releases.prefetch_related("images").first()
    if last:
        return [{"container": image.container} for image in last.images.all()]
    return [{"container": name} for name in known_containers(application)] or [{}]
