from collections.abc import Mapping
from typing import Any

from django.core.validators import RegexValidator
from django.db import models

from deployments.catalog.commits import commit_address
from deployments.catalog.models.application import Application
from deployments.frozen import Artefact
from deployments.record.lengths import at_most
from deployments.record.models import Immutable
from deployments.words import Name

LONGEST_NOTES = 10_000


class Release(models.Model):
    """A version of an application, one image a container, pinned by digest. Never changes once it exists."""

    application = models.ForeignKey(Application, on_delete=models.PROTECT, related_name="releases")
    version = models.CharField(
        max_length=80,
        validators=[RegexValidator(r"^[A-Za-z0-9][A-Za-z0-9._+-]*$", "Letters, digits and . _ + - only.")],
    )
    git_sha = models.CharField(
        "git commit",
        max_length=64,
        blank=True,
        validators=[RegexValidator(r"^[0-9a-f]{7,64}$", "7 to 64 hex digits.")],
    )
    notes = models.TextField(max_length=LONGEST_NOTES, blank=True)
    bundle = models.JSONField(
        null=True,
        blank=True,
        help_text="What servers get instead of images: a CodeDeploy revision in S3 (bucket, key, bundleType, version, "
        "eTag) or on GitHub (repository, commitId).",
    )
    task_definition = models.JSONField(
        null=True,
        blank=True,
        editable=False,
        help_text="The task definition that it brings: its document with placeholders filled, the file's name, and a "
        "salt. Values of variables are in it, so it is never shown as it is.",
    )
    registered_by = models.CharField(max_length=255, editable=False)
    created_at = models.DateTimeField(auto_now_add=True)

    class Meta:
        ordering = ["-created_at", "-id"]
        constraints = [
            models.UniqueConstraint(fields=["application", "version"], name="release_unique_in_application"),
            at_most("notes", LONGEST_NOTES, name="release_notes_length"),
        ]

    def __str__(self) -> str:
        return Name(f"{self.application.slug} {self.version}")

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and not self._state.adding:
            raise Immutable(f"Release {self} cannot change; register a new version instead.")
        super().save(*args, **kwargs)

    @property
    def bundle_address(self) -> str:
        """As people write it: s3://bucket/key?versionId=…, or account/name@commit; "" when it is images."""
        bundle: Mapping[str, str] = self.bundle or {}
        if bundle.get("type") == "GitHub":
            return f"{bundle['repository']}@{bundle['commitId']}"
        version = f"?versionId={bundle['version']}" if bundle.get("version") else ""
        return f"s3://{bundle['bucket']}/{bundle['key']}{version}" if bundle else ""

    @property
    def commit_address(self) -> str:
        """Where its commit is shown; "" without one, or without a repository."""
        return commit_address(self.application.repository_url, self.git_sha)

    @property
    def artefact(self) -> Artefact:
        images = list(self.images.all())
        return Artefact(
            version=self.version,
            images={image.container: image.pinned for image in images},
            platforms={image.container: tuple(image.platforms) for image in images},
            references={image.container: image.reference for image in images},
            bundle=self.bundle,
            task_definition=self.task_definition["document"] if self.task_definition else None,
        )

    @property
    def pinned(self) -> Mapping[str, str]:
        """Container name to repository@digest."""
        return {image.container: image.pinned for image in self.images.all()}


class ReleaseImage(models.Model):
    """What one container runs. `reference` is what was typed, the digest what the registry answered."""

    release = models.ForeignKey(Release, on_delete=models.CASCADE, related_name="images")
    container = models.CharField(max_length=255)
    reference = models.CharField(max_length=512)
    repository = models.CharField(max_length=400)
    digest = models.CharField(max_length=100, validators=[RegexValidator(r"^sha256:[0-9a-f]{64}$")])
    platforms = models.JSONField(default=list, help_text='Such as ["linux/amd64"].')

    class Meta:
        ordering = ["container"]
        constraints = [models.UniqueConstraint(fields=["release", "container"], name="release_image_unique")]

    def __str__(self) -> str:
        return f"{self.container}: {self.reference}"

    def save(self, *args: Any, **kwargs: Any) -> None:
        if self.pk and not self._state.adding:
            raise Immutable(f"The images of {self.release} cannot change; register a new version instead.")
        super().save(*args, **kwargs)

    @property
    def pinned(self) -> str:
        return f"{self.repository}@{self.digest}"
