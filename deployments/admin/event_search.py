"""Events found by where they happened: a chain of the log has a number, people type the name of what it is about."""

from functools import reduce
from operator import and_

from django.db.models import Q, QuerySet

from deployments.catalog.models import Application, Environment
from deployments.record.models import Event, EventChain


def narrowed(events: QuerySet[Event], words: list[str]) -> QuerySet[Event]:
    """To those that have each word in what was said, by whom, of which version, or in the name of where."""
    return events.filter(reduce(and_, map(_said, words), Q()))


def _said(word: str) -> Q:
    return (
        Q(message__icontains=word)
        | Q(actor__icontains=word)
        | Q(kind__icontains=word)
        | Q(deployment__release__version__icontains=word)
        | Q(chain__in=_chains(word))
    )


def _chains(word: str) -> list[int]:
    """Few, and looked up once: a subquery of names for each of a million events is not."""
    of_application = Q(name__icontains=word) | Q(slug__icontains=word)
    applications = list(Application.objects.filter(of_application).values_list("pk", flat=True))
    environments = Environment.objects.filter(Q(name__icontains=word) | Q(application__in=applications))
    names = [f"application:{pk}" for pk in applications]
    names += [f"environment:{pk}" for pk in environments.order_by().values_list("pk", flat=True)]
    return list(EventChain.objects.filter(name__in=names).values_list("pk", flat=True))
