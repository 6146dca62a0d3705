"""Until when the certificate is good that a host shows. Nothing is sent to it, and nobody's word is taken for it."""

import socket
import ssl
from datetime import datetime

from deployments.outbound.addresses import resolved
from deployments.outbound.errors import FetchError

SECONDS = 5.0


def ends_at(host: str, port: int, *, seconds: float = SECONDS) -> datetime:
    """Aware. Of the host's own certificate, whoever signed it, and also after its end. Raises FetchError."""
    address = resolved(host, port, seconds=seconds)[0]
    context = ssl.create_default_context()
    # One that has ended, or that only this network trusts, has an end to tell as well.
    context.check_hostname, context.verify_mode = False, ssl.CERT_NONE
    try:
        with (
            socket.create_connection((str(address), port), timeout=seconds) as plain,
            context.wrap_socket(plain, server_hostname=host) as secured,
        ):
            shown = secured.getpeercert(binary_form=True)
    except OSError as error:  # SSLError and a time-out are two of them
        raise FetchError(f"{host}:{port} showed no certificate: {str(error)[:200] or type(error).__name__}.") from error
    if not shown:
        raise FetchError(f"{host}:{port} showed no certificate.")
    return _end(shown)


def _end(shown: bytes) -> datetime:
    from cryptography import x509

    return x509.load_der_x509_certificate(shown).not_valid_after_utc
