"""The regions that ECS is in, as this version of botocore knows them. Asks nothing."""

from functools import cache

import botocore.session


@cache
def of_ecs() -> tuple[str, ...]:
    """Of all partitions, by name."""
    session = botocore.session.get_session()
    partitions = session.get_available_partitions()
    return tuple(sorted({region for each in partitions for region in session.get_available_regions("ecs", each)}))
