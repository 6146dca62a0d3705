"""Certificates of HTTPS listeners, as ACM and IAM keep them, and which of them a client is shown.

The first of a listener is its default. Of the others one is shown to who asks for a name of it (SNI): by that very
name, or by a wildcard for it.
"""

import functools
import ssl
import tempfile
from collections.abc import Callable, Sequence
from dataclasses import dataclass
from typing import Any

from cryptography import x509
from moto.acm.models import AWS_ROOT_CA, acm_backends
from moto.iam.models import iam_backends


class CannotPresent(Exception):
    """The certificate is there, but nobody could be shown it."""


@dataclass(frozen=True)
class Certificate:
    """``chain`` and ``key`` in PEM."""

    chain: bytes
    key: bytes

    @property
    def names(self) -> tuple[str, ...]:
        return _names(self.chain)

    @property
    def context(self) -> ssl.SSLContext:
        """Raises CannotPresent."""
        return _context(self.chain, self.key)


def find(account: str, arn: str) -> Certificate | None:
    if ":acm:" in arn:
        kept: Any = acm_backends[account][arn.split(":")[3]]._certificates.get(arn)
        return Certificate(kept.cert + b"\n" + kept.chain.replace(AWS_ROOT_CA, b""), kept.key) if kept else None
    found: Any = iam_backends[account]["aws"].get_certificate_by_arn(arn)
    if found is None:
        return None
    chain = "\n".join(filter(None, [found.cert_body, found.cert_chain]))
    return Certificate(chain.encode(), found.private_key.encode())


def shown_to(name: str | None, certificates: Sequence[Certificate]) -> Certificate | None:
    """``name`` is the one that the client asks for; None when the listener has no certificate."""
    asked = (name or "").lower()
    for wanted in (asked, "*." + asked.partition(".")[2]):
        found = next((each for each in certificates if wanted in each.names), None)
        if found is not None:
            return found
    return certificates[0] if certificates else None


def context_of(certificates: Callable[[], Sequence[Certificate]]) -> ssl.SSLContext:
    """A server's side of TLS. Each connection is shown one of the certificates that there are when it begins."""
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)

    def choose(connection: ssl.SSLObject, name: str | None, _: ssl.SSLContext) -> int | None:
        chosen = shown_to(name, certificates())
        if chosen is None:
            return int(ssl.ALERT_DESCRIPTION_HANDSHAKE_FAILURE)
        connection.context = chosen.context
        return None

    context.sni_callback = choose
    return context


@functools.lru_cache(maxsize=64)
def _context(chain: bytes, key: bytes) -> ssl.SSLContext:
    context = ssl.SSLContext(ssl.PROTOCOL_TLS_SERVER)
    with tempfile.NamedTemporaryFile() as both:  # OpenSSL reads files only; nobody else may read this one
        both.write(key + b"\n" + chain)
        both.flush()
        try:
            context.load_cert_chain(both.name)
        except ssl.SSLError as error:
            raise CannotPresent(str(error)) from error
    return context


@functools.lru_cache(maxsize=64)
def _names(chain: bytes) -> tuple[str, ...]:
    certificate = x509.load_pem_x509_certificates(chain)[0]
    try:
        alternative = certificate.extensions.get_extension_for_class(x509.SubjectAlternativeName).value
    except x509.ExtensionNotFound:
        subject = certificate.subject.get_attributes_for_oid(x509.NameOID.COMMON_NAME)
        return tuple(str(each.value).lower() for each in subject)
    return tuple(name.lower() for name in alternative.get_values_for_type(x509.DNSName))
