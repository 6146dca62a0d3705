"""Releases by what their versions have in them. There are many, so each word is looked up once, in an index alone."""

import re
from collections.abc import Sequence
from dataclasses import dataclass

from django.db.models import Case, IntegerField, Q, QuerySet, Value, When

from deployments.catalog.models import Release

#: Of a single digit there are thousands; the best of them are looked through.
MOST = 400
_COMMIT = re.compile(r"[0-9a-f]{7,64}")


@dataclass(frozen=True)
class Named:
    pk: int
    application: int
    version: str


def called(word: str) -> tuple[Named, ...]:
    """Those called exactly so first, then those that begin so, the newest of each first; by a commit, if by nothing.

    Half of all versions have any digit inside: a single one has to begin them.
    """
    near = Case(
        When(version__iexact=word, then=Value(0)), When(version__istartswith=word, then=Value(1)), default=Value(2),
        output_field=IntegerField(),
    )  # fmt: skip
    like = Q(version__istartswith=word) if len(word) == 1 else Q(version__icontains=word)
    # No column that the index of names does not have: notes and task definitions would be read with the row.
    found = _named(Release.objects.filter(like).annotate(near=near).order_by("near", "-pk"))
    return found or (_of_commit(word) if _COMMIT.fullmatch(word) else ())


def _of_commit(word: str) -> tuple[Named, ...]:
    return _named(Release.objects.filter(git_sha__startswith=word).order_by("-pk"))


def _named(rows: QuerySet[Release]) -> tuple[Named, ...]:
    return tuple(Named(*each) for each in rows.values_list("pk", "application", "version")[:MOST])


def in_all(lists: Sequence[tuple[Named, ...]]) -> tuple[Named, ...]:
    """In the order of the first."""
    others = [frozenset(each.pk for each in found) for found in lists[1:]]
    return tuple(each for each in (lists[0] if lists else ()) if all(each.pk in other for other in others))
