"""Nothing is done with what is retired: whoever wants to is told since when, why, and what to do first."""

from deployments.catalog.models import Application, Environment
from deployments.refused import Refused


def require(row: Environment | Application) -> None:
    """As it was read. Raises Refused."""
    if row.is_retired:
        raise Refused(row.retired_refusal)


def hold(row: Environment | Application) -> None:
    """Nobody retires it until the transaction ends. Raises Refused when somebody has since it was read.

    Rows that refer to it would not do: PostgreSQL looks at what they refer to only at the end.
    """
    rows = type(row)._default_manager.select_for_update(of=("self",))
    require(rows.select_related("retired_by").get(pk=row.pk))
