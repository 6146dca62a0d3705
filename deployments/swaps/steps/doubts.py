"""What the watch leaves open: said for good when it ends well."""

from dataclasses import replace

from deployments.evidence import Measured, Watched, verdict
from deployments.swaps.decisions import Advance, Snapshot
from deployments.swaps.facts import Facts


def said(snapshot: Snapshot[Facts], advance: Advance, watched: Watched, measured: Measured) -> Advance:
    """With what is to be known of the release afterwards."""
    facts = advance.facts or snapshot.facts
    new = [each for each in verdict.doubts(watched, measured) if each not in facts.warnings]
    return replace(advance, facts=replace(facts, warnings=(*facts.warnings, *new))) if new else advance
