"""advance(): take deployments as far as they go now. See the package's docstring for the order of things."""

from collections.abc import Callable, Iterable

from django.db import InterfaceError, OperationalError

from deployments.aws.protocol import Gateway
from deployments.aws.values import Binding
from deployments.delivery.engine import leases
from deployments.delivery.engine.batches import Batch
from deployments.delivery.engine.one_pass import Clock, DeploymentPass
from deployments.delivery.models import Deployment

Connect = Callable[[Binding], Gateway]


def advance(
    ids: Iterable[int],
    clock: Clock,
    connect: Connect,
    is_draining: Callable[[], bool] = lambda: False,
    *,
    holder: str = "",
) -> None:
    """Take each of these deployments as far as it goes now; one that somebody else works on is passed over.

    Once `is_draining` says so, each is handed back after its current decision for another worker to go on with.
    `holder` names this pass on the leases. Raises OperationalError or InterfaceError as soon as the database is away:
    what is held then stays so until it is given back.
    """
    holder = holder or leases.token()
    claimed = [pk for pk in ids if leases.claim(pk, holder, clock())]
    if not claimed:
        return
    rows = Deployment.objects.select_related("environment__application", "release", "source_release")
    # Of what was live before only the version is told, until there is a way back.
    rows = rows.defer("source_release__task_definition").prefetch_related("release__images")
    deployments = list(rows.filter(pk__in=claimed))
    batch = Batch(connect)
    batch.read_ahead(deployments, clock())
    errors = []
    for deployment in deployments:
        try:
            DeploymentPass(deployment, clock, is_draining).run(batch)
        except (OperationalError, InterfaceError):
            raise
        except Exception as error:  # the others of the chunk are not to wait for this one's lease to run out
            errors.append(error)
    if errors:
        raise ExceptionGroup("deployments that could not be advanced", errors)
