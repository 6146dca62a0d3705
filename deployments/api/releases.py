"""Applications, and their releases: registered by a pipeline, once each."""

import json
from datetime import datetime
from typing import Annotated, Any

from django.db.models import Q, QuerySet
from django.http import HttpRequest, HttpResponse
from ninja import Query, Router, Schema
from pydantic import Field

from deployments import clock
from deployments.api import named, once
from deployments.api.lists import Cursor, Limit, Listed, listed, piece
from deployments.api.once import Key
from deployments.api.problems import Problem, Stopped, require
from deployments.api.texts import Address, Long, Name
from deployments.api.tokens import principal, reads_aws
from deployments.catalog import bundles
from deployments.catalog.models import Application, Release
from deployments.catalog.models.retiring import IN_USE
from deployments.catalog.registering_again import same_again
from deployments.catalog.releases import register_release
from deployments.definitions import json_file
from deployments.definitions.json_file import JsonFile
from deployments.people import rights
from deployments.refused import Refused

router = Router(tags=["releases"])


class ApplicationOut(Schema):
    slug: str
    name: str
    description: str
    repository_url: str


class ImageOut(Schema):
    container: str
    #: as it was asked for
    reference: str
    #: repository@digest
    pinned: str
    digest: str
    platforms: list[str]


class ReleaseOut(Schema):
    id: int
    application: str
    version: str
    git_sha: str
    notes: str
    #: as people write it; "" when it is images
    bundle: str
    images: list[ImageOut]
    #: whether it brings its own task definition
    has_task_definition: bool
    registered_by: str
    created_at: datetime

    @staticmethod
    def resolve_application(release: Release) -> str:
        return release.application.slug

    @staticmethod
    def resolve_bundle(release: Release) -> str:
        return release.bundle_address

    @staticmethod
    def resolve_images(release: Release) -> list[Any]:
        known: list[Any] | None = vars(release).get("its_images")
        return list(release.images.all()) if known is None else known

    @staticmethod
    def resolve_has_task_definition(release: Release) -> bool:
        known: bool | None = vars(release).get("is_defined")
        return release.task_definition is not None if known is None else known


class Register(Schema):
    model_config = {"extra": "forbid"}

    version: Name
    #: container to image reference, by tag or digest
    images: dict[Name, Address] = Field(default_factory=dict, max_length=50)
    #: for servers, instead of images: s3://bucket/key.zip (?versionId=…) or account/name@commit
    bundle: Annotated[str, Field(max_length=1_500, pattern=r"^[^\x00]*$")] = ""
    #: as RegisterTaskDefinition takes it, with <NAME> for images; as text what is wrong is told with its line
    task_definition: dict[str, Any] | Annotated[str, Field(max_length=json_file.LARGEST)] | None = None
    git_sha: Annotated[str, Field(max_length=64, pattern=r"^([0-9a-f]{7,64})?$")] = ""
    notes: Long = ""


class Conflict(Problem):
    #: what is registered under this version
    registered: dict[str, str]
    #: what was asked for
    asked: dict[str, str]


@router.get("/applications", response=Listed[ApplicationOut], summary="All applications")
def applications(request: HttpRequest, cursor: Cursor = None, limit: Limit = 50) -> dict[str, Any]:
    require(rights.view_refusal(principal(request), "application"))
    return piece(request, _APPLICATIONS, cursor, limit)


@router.get("/applications/{slug}", response=ApplicationOut, summary="One application")
def one_application(request: HttpRequest, slug: str) -> Application:
    require(rights.view_refusal(principal(request), "application"))
    return named.application(slug)


@router.get("/applications/{slug}/releases", response=Listed[ReleaseOut], summary="Its releases, newest first")
def releases(
    request: HttpRequest,
    slug: str,
    cursor: Cursor = None,
    limit: Limit = 50,
    git_sha: Annotated[str | None, Query(max_length=64, description="A commit, or how it begins")] = None,
) -> dict[str, Any]:
    require(rights.view_refusal(principal(request), "release"))
    application = named.application(slug).pk
    found = piece(request, _RELEASES, cursor, limit, application=application, git_sha=git_sha or None)
    images = named.images(found["items"])
    for each in found["items"]:
        each.its_images = images.get(each.pk, [])
    return found


def _of(application: Any, git_sha: Any = None) -> QuerySet[Release]:
    rows = Release.objects.filter(application=application).select_related("application")
    # Fifty task definitions would be read to say that they are there.
    rows = rows.annotate(is_defined=Q(task_definition__isnull=False)).defer("task_definition")
    return rows if git_sha is None else rows.filter(git_sha__startswith=git_sha)


_RELEASES, _APPLICATIONS = listed(_of), listed(lambda: Application.objects.filter(IN_USE))


@router.get("/applications/{slug}/releases/{version}", response=ReleaseOut, summary="One release")
def one_release(request: HttpRequest, slug: str, version: str) -> Release:
    require(rights.view_refusal(principal(request), "release"))
    return named.release(named.application(slug), version)


@router.post(
    "/applications/{slug}/releases",
    response={200: ReleaseOut, 201: ReleaseOut, 409: Conflict},
    summary="Register a release",
    description="Tags are resolved to digests now. The same version with the same contents again answers 200 and the "
    "release that is there; with other contents 409 and both.",
)
def register(request: HttpRequest, slug: str, body: Register, idempotency_key: Key = None) -> HttpResponse:
    application, who = named.application(slug), principal(request)
    require(rights.register_refusal(who, application))
    return once.answered(request, idempotency_key, lambda _: _registered(request, application, body), found_again=True)


def _registered(request: HttpRequest, application: Application, body: Register) -> tuple[int, ReleaseOut]:
    wanted: dict[str, Any] = {
        "images": body.images,
        "bundle": bundles.parse(body.bundle) if body.bundle else None,
        "task_definition": _definition(body.task_definition) if body.task_definition else None,
    }
    before = application.releases.filter(version=body.version).first()
    if before is None:
        reads_aws(request)
        try:
            made = register_release(
                application=application, version=body.version, principal=principal(request), now=clock.now(),
                git_sha=body.git_sha, notes=body.notes, **wanted,
            )  # fmt: skip
            return 201, ReleaseOut.from_orm(made)
        except Refused as refused:
            before = application.releases.filter(version=body.version).first()
            if refused.field != "version" or before is None:
                raise
    if not (again := same_again(before, **wanted)).same:
        raise Stopped(
            409,
            "Another one has this version",
            f"{application} {body.version} was registered with other contents. A release never changes: register "
            "these under a new version.",
            field="version",
            more={"registered": again.registered, "asked": again.asked},
        )
    return 200, ReleaseOut.from_orm(before)


def _definition(given: dict[str, Any] | str) -> JsonFile:
    try:
        text = given if isinstance(given, str) else json.dumps(given, indent=2, ensure_ascii=False)
    except RecursionError as error:
        raise Refused("The task definition is nested too deeply.", field="task_definition") from error
    # Half of a character is escaped again, as it came, to be refused with its line.
    return json_file.read("taskdef.json", text.encode("utf-8", "backslashreplace"), field="task_definition")
