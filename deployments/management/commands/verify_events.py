"""Checks that the event log is as it was written: every hash is computed again."""

from argparse import ArgumentParser
from collections.abc import Iterator
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import F

from deployments.record.models import Event, EventChain
from deployments.words import counted

#: Rows in memory at a time.
CHUNK = 500


class Command(BaseCommand):
    help = "Check that no event was altered, removed or added behind Tealgate's back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", metavar="NAME", help="only this one, such as environment:3")

    def handle(self, *args: Any, **options: Any) -> None:
        chains = EventChain.objects.order_by("pk")
        if options["chain"]:
            chains = chains.filter(name=options["chain"])
            if not chains.exists():
                raise CommandError(f"There is no chain {options['chain']}.")
        events = broken = 0
        for chain in chains.iterator():
            fault = next(faults(chain), "")
            events += chain.length
            if fault:
                broken += 1
                self.stderr.write(fault)
        if broken:
            raise CommandError(f"{broken} of {chains.count()} chains are not as they were written.")
        count = chains.count()
        self.stdout.write(f"{counted(events, 'event')} in {counted(count, 'chain')}: all intact.")


def faults(chain: EventChain) -> Iterator[str]:
    """What is wrong with a chain, the first thing first. Events written while it looks are left out."""
    previous, number = "", 0
    for event in chain.events.filter(number__lte=chain.length).order_by("number").iterator(CHUNK):
        where = _place(chain, event)
        if event.number != number + 1:
            missing = f"{number + 1}" if event.number == number + 2 else f"{number + 1} to {event.number - 1}"
            yield f"{chain.name}: number {missing} is missing, removed before {where}."
        if event.computed_hash() != event.hash:
            yield f"{where}: its content was altered, it does not fit its hash. It says: {event.message}"
        if event.previous != previous:
            yield f"{where}: does not follow on the event before it, its link differs."
        previous, number = event.hash, event.number
    if number < chain.length:
        yield f"{chain.name}: has {counted(number, 'event')} and should have {chain.length}; the newest were removed."
    if previous != chain.head:
        yield f"{chain.name}: its newest event is not the one written last, the chain's hash differs."
    # Compared within one statement, so that an event written right now is not taken for a forged one.
    for event in chain.events.filter(number__gt=F("chain__length")).order_by("number")[:1]:
        yield f"{_place(chain, event)}: was added, the chain ends before it. It says: {event.message}"


def _place(chain: EventChain, event: Event) -> str:
    return f"{chain.name} event {event.number} (row {event.pk}, {event.at:%Y-%m-%d %H:%M:%S} UTC)"
