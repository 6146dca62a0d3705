"""Checks that the event log is as it was written, and that what it tells of is there and is as it tells."""

from argparse import ArgumentParser
from collections.abc import Iterator
from pathlib import Path
from typing import Any

from django.core.management.base import BaseCommand, CommandError
from django.db.models import F

from deployments.management import cross_checks, event_heads
from deployments.record.models import Event, EventChain
from deployments.words import counted

#: Rows in memory at a time.
CHUNK = 500


class Command(BaseCommand):
    help = "Check that no event, deployment, approval or release was altered, removed or added behind Tealgate's back."

    def add_arguments(self, parser: ArgumentParser) -> None:
        parser.add_argument("--chain", metavar="NAME", help="only this one, such as environment:3")
        parser.add_argument(
            "--heads", metavar="FILE", type=Path,
            help="compare with the heads that were kept there, and keep today's; keep the file on another machine",
        )  # fmt: skip

    def handle(self, *args: Any, **options: Any) -> None:
        chains = EventChain.objects.order_by("pk")
        if options["chain"]:
            chains = chains.filter(name=options["chain"])
            if not chains.exists():
                raise CommandError(f"There is no chain {options['chain']}.")
        heads = event_heads.current()
        events, broken = self._look_at_chains(chains)
        differences = 0 if options["chain"] else self._tell(cross_checks.faults())
        if options["heads"]:
            differences += self._compare(options["heads"])
        self._complain(broken, chains.count(), differences)
        if options["heads"]:
            event_heads.write(options["heads"], heads)
        for chain in chains.order_by("name"):
            self.stdout.write(f"{chain.name} {chain.length} {chain.head}")
        verdict = "all intact" if events else "nothing to check yet; --heads FILE would show if there was something"
        self.stdout.write(f"{counted(events, 'event')} in {counted(chains.count(), 'chain')}: {verdict}.")

    def _look_at_chains(self, chains: Any) -> tuple[int, int]:
        """How many events there are, and how many chains are broken."""
        events = broken = 0
        for chain in chains.iterator():
            events += chain.length
            broken += self._tell(fault for fault in [next(faults(chain), "")] if fault)
        return events, broken

    def _compare(self, path: Path) -> int:
        if not path.exists():
            self.stdout.write(f"{path} is new: from now on the heads are compared with it.")
            return 0
        try:
            kept = event_heads.read(path)
        except (OSError, ValueError, AttributeError, TypeError) as error:
            raise CommandError(f"{path} cannot be read: {error}. Give the file that an earlier run wrote.") from error
        return self._tell(event_heads.faults(kept))

    def _tell(self, found: Iterator[str]) -> int:
        """How many there were."""
        told = 0
        for sentence in found:
            self.stderr.write(sentence)
            told += 1
        return told

    def _complain(self, broken: int, chains: int, differences: int) -> None:
        said = [f"{broken} of {chains} chains are not as they were written."] if broken else []
        if differences:
            said.append(f"{counted(differences, 'difference')} between the log and what it tells of.")
        if said:
            raise CommandError(" ".join(said))


def faults(chain: EventChain) -> Iterator[str]:
    """What is wrong with a chain, the first thing first. Events written while it looks are left out."""
    previous, number, version = "", 0, 1
    told = chain.events.filter(number__lte=chain.length).select_related("chain").order_by("number")
    for event in told.iterator(CHUNK):
        where = _place(chain, event)
        if event.number != number + 1:
            missing = f"{number + 1}" if event.number == number + 2 else f"{number + 1} to {event.number - 1}"
            yield f"{chain.name}: number {missing} is missing, removed before {where}."
        if event.computed_hash() != event.hash:
            yield f"{where}: its content was altered, it does not fit its hash. It says: {event.message}"
        if event.previous != previous:
            yield f"{where}: does not follow on the event before it, its link differs."
        if event.version < version:
            yield f"{where}: is hashed in an older way than the event before it. It says: {event.message}"
        previous, number, version = event.hash, event.number, event.version
    if number < chain.length:
        yield f"{chain.name}: has {counted(number, 'event')} and should have {chain.length}; the newest were removed."
    if previous != chain.head:
        yield f"{chain.name}: its newest event is not the one written last, the chain's hash differs."
    # Compared within one statement, so that an event written right now is not taken for a forged one.
    for event in chain.events.filter(number__gt=F("chain__length")).order_by("number")[:1]:
        yield f"{_place(chain, event)}: was added, the chain ends before it. It says: {event.message}"


def _place(chain: EventChain, event: Event) -> str:
    return f"{chain.name} event {event.number} (row {event.pk}, {event.at:%Y-%m-%d %H:%M:%S} UTC)"
