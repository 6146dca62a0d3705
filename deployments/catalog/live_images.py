"""What runs in an environment, under other tags: for pipelines that know a tag and no address."""

from collections.abc import Mapping

from deployments import swaps
from deployments.aws.errors import AwsError
from deployments.aws.sessions import connect
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Application, Environment
from deployments.catalog.models.retiring import IN_USE
from deployments.definitions.pipeline_files import repository
from deployments.refused import Refused
from deployments.words import joined

FIELD = "images"


def tagged(*, application: Application, tags: Mapping[str, str], environment: str = "") -> dict[str, str]:
    """Image references by container. `tags` by container; "" means every container that is not named.

    Goes by the named environment, else by the last one of the promotion path. Raises Refused.
    """
    place = _environment(application, environment)
    live = _live(place)
    if strangers := [container for container in tags if container and container not in live]:
        raise Refused(f"{place} runs no container {joined(strangers)}; it has {joined(sorted(live))}.", field=FIELD)
    wanted = {container: tags.get(container) or tags.get("", "") for container in live}
    return {container: f"{repository(live[container])}:{tag}" for container, tag in wanted.items() if tag}


def _environment(application: Application, name: str) -> Environment:
    rows = application.environments.filter(IN_USE).order_by("rank", "name")
    found = rows.filter(name=name).first() if name else rows.last()
    if found is None:
        known = joined([row.name for row in rows]) or "none yet"
        raise Refused(f"{application} has no environment {name or 'that runs anything'}; it has: {known}.", field=FIELD)
    return found


def _live(environment: Environment) -> Mapping[str, str]:
    try:
        live = swaps.get(environment.controller).live(freeze(environment), connect(environment.binding))
    except AwsError as error:
        raise Refused(f"What runs in {environment} could not be read: {error.sentence}", field=FIELD) from error
    except ValueError as error:
        raise Refused(f"What runs in {environment} cannot be told: {error}", field=FIELD) from error
    if live.bundle:
        raise Refused(f"{environment} runs a bundle on servers, which has no tag.", field=FIELD)
    return live.images
