"""Which answers a health check takes that say nothing about the application behind them."""

from collections.abc import Iterator

from deployments.aws.values import TargetGroup
from deployments.preflight.words import listed

#: First code, last code and what such an answer is; sent before, or in place of, anything that the application does.
_OF_HTTP = (
    (300, 399, "a redirect"),
    (400, 400, "Django's 400 to an unknown Host"),
    (401, 403, "a refusal"),
    (404, 404, "Not Found"),
    (405, 499, "an error of the request"),
    (500, 599, "an error of the server"),
)
#: gRPC's codes: 12, AWS's default, is what any server answers to a method that it does not have.
_OF_GRPC = (
    (1, 11, "a failed call"),
    (12, 12, "UNIMPLEMENTED, which any gRPC server answers"),
    (13, 99, "a failed call"),
)


def what_passes(group: TargetGroup) -> str:
    """In words, each kind with its codes; "" when only a success does, or no codes are looked at."""
    kinds = _OF_GRPC if group.is_grpc else _OF_HTTP
    taken = [*_ranges(group.matcher)]
    found: dict[str, list[str]] = {}
    for first, last, what in kinds:
        for low, high in taken:
            if low <= last and first <= high:
                found.setdefault(what, []).append(_spelled(max(low, first), min(high, last)))
    return listed(f"{what} ({', '.join(codes)})" for what, codes in found.items()) if found else ""


def _ranges(matcher: str) -> Iterator[tuple[int, int]]:
    """ "200,301-302" as AWS has it; what is no number is AWS's to refuse."""
    for part in matcher.split(","):
        low, _, high = part.strip().partition("-")
        if low.isdecimal():
            yield int(low), int(high) if high.isdecimal() else int(low)


def _spelled(low: int, high: int) -> str:
    return str(low) if low == high else f"{low}-{high}"
