"""AWS told that a tag was pushed: whoever waits for that repository is due."""

from datetime import datetime

from deployments.aws.ecr_address import EcrAddress
from deployments.catalog.models import SelfRegistration


def heard(pushed: set[tuple[str, str, str]], now: datetime) -> bool:
    """`pushed`: account, region and name of repositories. Whether anybody has to look."""
    keys = [row.pk for row in SelfRegistration.objects.all() if not pushed.isdisjoint(_repositories(row))]
    return bool(keys and SelfRegistration.objects.filter(pk__in=keys).update(due_at=now, heard_at=now, attempts=0))


def _repositories(row: SelfRegistration) -> set[tuple[str, str, str]]:
    addresses = (EcrAddress.parse(repository) for repository in row.containers.values())
    return {(each.account, each.region, each.repository) for each in addresses if each}
