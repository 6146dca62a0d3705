"""A deployment's facts as its row holds them: a document, and columns for what pages show and queries ask for."""

from typing import Any

from deployments import swaps
from deployments.delivery.models import Deployment
from deployments.swaps.facts import Facts

#: Fields of the facts with a column of the same name, whose default says that they are not known.
COLUMNS = ("percent", "preflight", "targets", "failure", "checked")


def facts(deployment: Deployment) -> Facts:
    kept = {name: getattr(deployment, name) for name in COLUMNS}
    # An earlier version keeps all of them in the document, so what is there is newer than the column.
    return _kind(deployment).from_json({**kept, **deployment.facts})


def document(deployment: Deployment) -> Facts:
    """Without what has a column of its own, for pages."""
    return _kind(deployment).from_json({name: kept for name, kept in deployment.facts.items() if name not in COLUMNS})


def columns(known: Facts | None) -> dict[str, Any]:
    """What to write to the row; nothing when nothing new is known."""
    if known is None:
        return {}
    kept, unknown = known.as_json(), Deployment()
    return {name: kept.pop(name, getattr(unknown, name)) for name in COLUMNS} | {"facts": kept}


def _kind(deployment: Deployment) -> type[Facts]:
    kind: type[Facts] = swaps.get(deployment.settings["controller"]).facts
    return kind
