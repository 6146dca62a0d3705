"""One version that tags name: it waits for images, becomes a release, is refused, or names another image by now."""

from collections.abc import Mapping
from dataclasses import dataclass
from datetime import datetime
from typing import Any

from django.db import transaction
from django.db.models import QuerySet

from deployments.aws.errors import AwsError, Invalid, NotFound
from deployments.aws.protocol import Gateway
from deployments.catalog.models import FoundVersion, Release, SelfRegistration
from deployments.catalog.releases import register_release
from deployments.catalog.self_registering.deciding import Found, is_older
from deployments.catalog.self_registering.labels import commit, mixed, told
from deployments.catalog.self_registering.patterns import Pattern
from deployments.people.principal import Principal
from deployments.record.append import append_event
from deployments.refused import Refused
from deployments.words import full_stop, joined


def principal_of(row: SelfRegistration) -> Principal:
    """With the rights of who said that releases are to register themselves, as far as that takes them."""
    return Principal.automation(str(row), row.owner, "deployments.add_release", "deployments.add_deployment")


class SaidOtherwise(Exception):
    """Somebody switched it off or changed it meanwhile: what was read is not asked for any more."""


@dataclass(kw_only=True)
class Settling:
    row: SelfRegistration
    pattern: Pattern
    known: dict[str, FoundVersion]
    #: by repository
    gateways: Mapping[str, Gateway]
    now: datetime
    #: versions whose images were read
    asked: int = 0
    #: a tag was given to another image while it was looked at
    moved_meanwhile: bool = False

    def settle(self, each: Found) -> None:
        """Raises AwsError, SaidOtherwise."""
        known = self.known.get(each.version)
        release = self._release(each)
        if release is not None:
            self._is_registered(each, known, release)
        elif each.missing:
            self._note(each, FoundVersion.WAITING, says=self._missing(each))
        else:
            self._register(each)

    def _release(self, each: Found) -> Release | None:
        return self.row.application.releases.filter(version=each.version).first()

    def _is_registered(self, each: Found, known: FoundVersion | None, release: Release) -> None:
        """Also by a worker that was killed right after, or by somebody else."""
        if known and known.state == FoundVersion.REGISTERED:
            before, to_deploy = known.images, known.is_to_deploy
        else:
            before, to_deploy = _digests(release), release.registered_by == str(self.row) and self._is_newest(each)
        moved = {name: said for name, said in each.images.items() if before.get(name, said) != said}
        with transaction.atomic():
            self._note(each, FoundVersion.REGISTERED, release=release, is_to_deploy=to_deploy)
            if moved:
                self._tell_moved(each, release, before, moved)

    def _tell_moved(self, each: Found, release: Release, before: Mapping[str, str], moved: Mapping[str, str]) -> None:
        says = (
            f"Tag {each.tag} now names another image ({joined(sorted(moved))}). Release {release.version} keeps what "
            "it was registered with; push a new version to release the other."
        )
        data = {"tag": each.tag, "before": {name: before[name] for name in moved}, "after": dict(moved)}
        append_event(
            self.row.application, "application.tag_moved", says,
            now=self.now, principal=principal_of(self.row), data=data,
        )  # fmt: skip

    def _register(self, each: Found) -> None:
        self.asked += 1
        try:
            labels = self._labels(each)
        except (Invalid, NotFound) as error:  # of this image alone; what it is an index of may be gone
            return self._refuse(each, f"Its images cannot be read: {full_stop(error.sentence)} Push it again.")
        if refusal := mixed(labels):
            return self._refuse(each, refusal)
        if not self._is_still_so(each):
            self.moved_meanwhile = True
            return None
        self._require_the_same(SelfRegistration.objects.all())
        try:
            release = register_release(
                application=self.row.application,
                version=each.version,
                images={name: f"{self.row.containers[name]}:{each.tag}@{said}" for name, said in each.images.items()},
                git_sha=commit(labels, self.row.application.repository_url) or self.pattern.commit(each.tag),
                said=told(labels),
                principal=principal_of(self.row),
                now=self.now,
            )
        except Refused as refused:
            return self._refused(each, refused)
        return self._note(each, FoundVersion.REGISTERED, release=release, is_to_deploy=self._is_newest(each))

    def _refused(self, each: Found, refused: Refused) -> None:
        """What AWS did not answer is asked again; and another worker may have been faster."""
        if isinstance(refused.__cause__, AwsError) and refused.__cause__.transient:
            raise refused.__cause__
        if release := self._release(each):
            return self._is_registered(each, self.known.get(each.version), release)
        return self._refuse(each, refused.sentence)

    def _refuse(self, each: Found, sentence: str) -> None:
        """Once: it is tried again when its images are others."""
        with transaction.atomic():
            self._note(each, FoundVersion.REFUSED, says=sentence)
            append_event(
                self.row.application, "application.not_registered", f"{each.version} was not registered: {sentence}",
                now=self.now, principal=principal_of(self.row), data={"tag": each.tag, "images": dict(each.images)},
            )  # fmt: skip

    def _is_still_so(self, each: Found) -> bool:
        """All tags name at one moment, after the last of them was read, what was read: nothing of it is mixed."""
        digests = {self.row.containers[name]: said for name, said in each.images.items()}
        try:
            return all(
                self.gateways[repository].image(repository, each.tag, platforms=False).digest == digest
                for repository, digest in digests.items()
            )
        except NotFound:
            return False

    def _labels(self, each: Found) -> dict[str, Mapping[str, str]]:
        """By container; an image that several run is read once."""
        read = {
            (repository, digest): self.gateways[repository].image_labels(repository, digest)
            for repository, digest in dict.fromkeys(
                (self.row.containers[name], said) for name, said in each.images.items()
            )
        }
        return {name: read[self.row.containers[name], said] for name, said in each.images.items()}

    def _is_newest(self, each: Found) -> bool:
        """Only that is deployed at once, and only while nothing newer is there."""
        mine = (each.version, each.pushed_at)
        others = [other for other in self.known.values() if other.state == FoundVersion.REGISTERED]
        is_older_than_any = any(
            is_older(self.pattern, mine, (other.version, other.pushed_at))
            for other in others
            if other.version != each.version
        )
        return self.row.deploy_to_id is not None and not is_older_than_any

    def _missing(self, each: Found) -> str:
        there = f"{joined(list(each.images))} {'is' if len(each.images) == 1 else 'are'} there, "
        return f"{there}{joined(list(each.missing))} {'is' if len(each.missing) == 1 else 'are'} missing"

    def _require_the_same(self, rows: QuerySet[SelfRegistration]) -> None:
        """Raises SaidOtherwise."""
        if not rows.filter(pk=self.row.pk, changed_at=self.row.changed_at).exists():
            raise SaidOtherwise

    @transaction.atomic
    def _note(self, each: Found, state: str, **columns: Any) -> None:
        self._require_the_same(SelfRegistration.objects.select_for_update())
        columns = {"says": "", "tag": each.tag, "images": dict(each.images), "pushed_at": each.pushed_at} | columns
        row, _ = FoundVersion.objects.update_or_create(
            registration=self.row,
            version=each.version,
            defaults={**columns, "state": state},
            create_defaults={**columns, "state": state, "seen_at": self.now},
        )
        self.known[each.version] = row


def _digests(release: Release) -> dict[str, str]:
    return {image.container: image.digest for image in release.images.all()}
