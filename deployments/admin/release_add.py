"""Registering a release: which application, which kind of artefact where it needs both, then one short form."""

from typing import TYPE_CHECKING, Any

from django.contrib import messages
from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.template.response import TemplateResponse

from deployments import clock
from deployments.admin.base import number, require, show_refusal
from deployments.admin.release_form import BundleForm, ImageFormSet, ReleaseForm, initial_images, known_containers
from deployments.catalog import bundles, offers, releases
from deployments.catalog.models import Application, Release
from deployments.catalog.models.retiring import IN_USE
from deployments.definitions import json_file
from deployments.languages.told import told
from deployments.people.principal import Principal
from deployments.refused import Refused

if TYPE_CHECKING:
    from deployments.admin.releases import ReleaseAdmin


def view(model_admin: "ReleaseAdmin", request: HttpRequest) -> HttpResponse:
    require(request, "deployments.add_release", "register releases")
    application = _application(request)
    kinds = offers.artefacts(application) if application else ()
    asked = request.POST.get("artefact") or request.GET.get("artefact")
    kind = asked if asked in kinds else kinds[0] if len(kinds) == 1 else None
    if application is None or kind is None:
        return _page(model_admin, request, application=application, kind=None)
    form, images, bundle = _forms(request, application, kind)
    if request.method == "POST" and "more" not in request.POST and form.is_valid() and (images or bundle).is_valid():
        release = _register(application, form, images, bundle, Principal.person(request.user))
        if release:
            messages.success(request, f"{release} is registered. {_PINNED[kind]}")
            return redirect("admin:deployments_release_change", release.pk)
    return _page(model_admin, request, application=application, kind=kind, form=form, images=images, bundle=bundle)


_PINNED = {
    "images": "Its images are pinned by digest.",
    "bundle": "Its bundle was looked at and is kept as it was named.",
}


def _page(
    model_admin: "ReleaseAdmin", request: HttpRequest, *, application: Application | None, **more: Any
) -> HttpResponse:
    context = {
        **model_admin.admin_site.each_context(request),
        "opts": model_admin.opts,
        "title": told("Register a release"),
        "crumb": told("Register a release"),
        "application": application,
        "applications": Application.objects.filter(IN_USE),
        "containers": known_containers(application),
        **more,
    }
    return TemplateResponse(request, "admin/deployments/release/add.html", context)


def _forms(request: HttpRequest, application: Application, kind: str) -> tuple[ReleaseForm, Any, Any]:
    """The form, and of images and bundle the one that is asked for."""
    data = request.POST if request.method == "POST" else None
    if kind == "bundle":
        return ReleaseForm(data), None, BundleForm(data)
    if data is not None and "more" in data:  # one more row, for whoever has no JavaScript
        rows = max(number(data.get("images-TOTAL_FORMS")), 1)
        typed = [{name: data.get(f"images-{row}-{name}", "") for name in ("container", "reference")}
                 for row in range(min(rows, 9))]  # fmt: skip
        return ReleaseForm(initial=data.dict()), ImageFormSet(initial=[*typed, {}], prefix="images"), None
    if data is not None:
        images: Any = ImageFormSet(data, prefix="images")
        if data.get("task_definition", "").strip():
            images.need_none()
        return ReleaseForm(data), images, None
    return ReleaseForm(), ImageFormSet(initial=initial_images(application), prefix="images"), None


def _register(
    application: Application, form: ReleaseForm, images: Any, bundle: Any, principal: Principal
) -> Release | None:
    """Shows the refusal at the field it belongs to."""
    try:
        return releases.register_release(
            application=application,
            version=form.cleaned_data["version"].strip(),
            images=images.images if images else None,
            bundle=bundles.parse(bundle.cleaned_data["address"]) if bundle else None,
            task_definition=_definition(form.cleaned_data["task_definition"]),
            principal=principal,
            now=clock.now(),
            git_sha=form.cleaned_data["git_sha"].strip().lower(),
            notes=form.cleaned_data["notes"].strip(),
        )
    except Refused as refused:
        if refused.field == "images" and images:
            _row_of(refused.sentence, images.forms).add_error("reference", refused.sentence)
        elif refused.field == "bundle" and bundle:
            bundle.add_error("address", refused.sentence)
        else:
            show_refusal(form, refused)
        return None


def _definition(text: str) -> json_file.JsonFile | None:
    """Raises Refused."""
    return json_file.read("Task definition", text, field="task_definition") if text.strip() else None


def _row_of(sentence: str, rows: list[Any]) -> Any:
    """The row whose image a refusal is about: its sentence quotes the reference, or at least the repository."""
    typed = [(row.cleaned_data.get("reference", "").strip(), row) for row in rows]
    exact = (row for reference, row in typed if reference and reference in sentence)
    about = (row for reference, row in typed if reference and reference.rsplit(":", 1)[0] in sentence)
    return next(exact, None) or next(about, rows[0])


def _application(request: HttpRequest) -> Application | None:
    """The one that was chosen, or the only one in use."""
    asked = number(request.POST.get("application") or request.GET.get("application"))
    found = Application.objects.filter(pk=asked).first()
    if found and found.is_retired:
        messages.error(request, found.retired_refusal)
        return None
    in_use = Application.objects.filter(IN_USE)
    return in_use.get() if found is None and in_use.count() == 1 else found
