"""Packed bodies, unpacked piece by piece: some hundred bytes can stand for gigabytes.

Only what was asked for is unpacked. Brotli and zstd are refused even then, since their libraries unpack a piece whole.
"""

import zlib
from collections.abc import Iterable, Iterator

from deployments.outbound.errors import FetchError

PIECE = 64 * 1024
_WINDOW = {"gzip": zlib.MAX_WBITS | 16, "x-gzip": zlib.MAX_WBITS | 16, "deflate": zlib.MAX_WBITS}


def unpacked(pieces: Iterable[bytes], *, encoding: str, asked: str, place: str) -> Iterator[bytes]:
    """`encoding` is the Content-Encoding, `asked` the Accept-Encoding. Pieces of at most 64 KiB come out of packed
    ones. Raises FetchError, which speaks of `place`.
    """
    encoding = encoding.strip().lower()
    if encoding in ("", "identity"):
        return iter(pieces)
    if not {encoding.removeprefix("x-"), "*"} & _names(asked):
        raise FetchError(f"{place} sent a body packed with {encoding[:40]}, which was not asked for.")
    if encoding not in _WINDOW:
        raise FetchError(
            f"{place} sent a body packed with {encoding[:40]}, which Tealgate does not unpack: "
            "ask for gzip or deflate, or leave Accept-Encoding out."
        )
    return _inflated(pieces, _WINDOW[encoding], place)


def _names(asked: str) -> set[str]:
    return {each.partition(";")[0].strip().lower().removeprefix("x-") for each in asked.split(",")}


def _inflated(pieces: Iterable[bytes], window: int, place: str) -> Iterator[bytes]:
    machine, begun = zlib.decompressobj(window), False
    try:
        for piece in pieces:
            begun = begun or bool(piece)
            while piece and not machine.eof:
                yield machine.decompress(piece, PIECE)
                piece = machine.unconsumed_tail
            # What zlib holds back without an input to show for it.
            while not machine.eof and (rest := machine.decompress(b"", PIECE)):
                yield rest
    except zlib.error as exc:
        raise FetchError(f"{place} gave no proper HTTP answer: its body cannot be unpacked ({exc}).") from exc
    if begun and not machine.eof:  # an answer without a body, such as a redirect, may name an encoding
        raise FetchError(f"{place} gave no proper HTTP answer: its packed body ends too early.")
