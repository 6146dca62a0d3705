"""One mail to one person by SMTP, once: to an address that was checked, and over in time."""

import smtplib
import socket
import ssl
import threading
import time
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass
from email.message import EmailMessage
from typing import Final

from deployments.outbound.addresses import resolved
from deployments.outbound.errors import FetchError, PrivateAddress
from deployments.outbound.mail_server import Server
from deployments.outbound.wire import CONNECT_SECONDS, tls

#: There is no such mailbox: as RFC 3463 has it, such as 5.1.1, and where a server has no such codes.
_NOBODY: Final = b"5.1."
_NOBODY_CODES: Final = frozenset({551, 553})
_LONGEST_REASON = 200


@dataclass(frozen=True, kw_only=True)
class Mailed:
    """`said`: in sentences. `nobody`: no such mailbox; `maybe`: it may have arrived, though nothing says so."""

    ok: bool
    said: str
    nobody: bool = False
    maybe: bool = False


def mail(message: EmailMessage, server: Server, *, sender: str, to: str, public: bool, seconds: float) -> Mailed:
    """`sender` and `to`: bare addresses. It raises nothing that it can say."""
    at = _Stage()
    try:
        with _connected(server, public, seconds) as connection:
            _hand_over(connection, message, sender, to, at)
    except PrivateAddress as trouble:
        return Mailed(ok=False, said=f"Not sent: {trouble} If it is meant, say that it is inside your network.")
    except FetchError as trouble:
        return Mailed(ok=False, said=f"Not sent: {trouble}")
    except (smtplib.SMTPException, OSError) as error:
        return _failed(error, server, to, at)
    return Mailed(ok=True, said=f"{server.place} took it for {to}.")


@dataclass
class _Stage:
    #: whether the mail itself was on its way, so that a lost answer leaves open what became of it
    sending: bool = False
    took: bool = False


def _hand_over(connection: smtplib.SMTP, message: EmailMessage, sender: str, to: str, at: _Stage) -> None:
    """Raises what smtplib raises; once it was taken, nothing."""
    connection.ehlo_or_helo_if_needed()
    _taken(connection.mail(sender))
    code, said = connection.rcpt(to)
    if code not in (250, 251):
        raise smtplib.SMTPRecipientsRefused({to: (code, said)})
    at.sending = True
    code, said = connection.data(message.as_bytes())
    if code != 250:
        at.sending = False
        raise smtplib.SMTPDataError(code, said)
    at.took = True


def _taken(answer: tuple[int, bytes]) -> None:
    code, said = answer
    if code != 250:
        raise smtplib.SMTPResponseException(code, said)


@contextmanager
def _connected(server: Server, public: bool, seconds: float) -> Iterator[smtplib.SMTP]:
    """Signed in. Raises FetchError, OSError, SMTPException; all of it, and what is done in it, ends in time."""
    connection = _Connection(server, public, time.monotonic() + seconds)
    end = threading.Timer(seconds, connection.cut)
    end.daemon = True
    end.start()
    try:
        connection.connect(server.host, server.port)
        if server.security == "smtp":
            connection.starttls(context=tls())
        if server.user:
            connection.login(server.user, server.password)
        yield connection
        with suppress(smtplib.SMTPException, OSError):  # it was taken; the farewell changes nothing
            connection.quit()
    except (smtplib.SMTPException, OSError) as error:
        if connection.was_cut:
            raise TimeoutError from error
        raise
    finally:
        end.cancel()
        connection.close()


class _Connection(smtplib.SMTP):
    """Each wait has what is left until the end; small pieces do not renew it, as `cut` ends all."""

    def __init__(self, server: Server, public: bool, ends: float) -> None:
        self._server, self._public, self._ends = server, public, ends
        self.was_cut = False
        super().__init__(local_hostname="tealgate", timeout=CONNECT_SECONDS)

    def _get_socket(self, host: str, port: int, timeout: float) -> socket.socket:
        """To one of the addresses that were checked: a name server that answers otherwise later gains nothing."""
        failure: OSError = ConnectionError(f"no address for {host}")
        for address in resolved(host, port, seconds=self._ends - time.monotonic(), public=self._public):
            try:
                plain = socket.create_connection((str(address), port), timeout)
            except OSError as error:  # such as no route over IPv6: the next one may do
                failure = error
                continue
            plain.settimeout(max(self._ends - time.monotonic(), 0.01))
            return tls().wrap_socket(plain, server_hostname=host) if self._server.security == "smtps" else plain
        raise failure

    def cut(self) -> None:
        self.was_cut = True
        if found := self.sock:
            with suppress(OSError):
                found.shutdown(socket.SHUT_RDWR)


def _failed(error: Exception, server: Server, to: str, at: _Stage) -> Mailed:
    place = server.place
    if isinstance(error, smtplib.SMTPRecipientsRefused):
        code, said = next(iter(error.recipients.values()))
        return Mailed(ok=False, said=f"{place} refused {to}: {code} {_shown(said)}.", nobody=_is_nobody(code, said))
    if isinstance(error, smtplib.SMTPAuthenticationError):
        return Mailed(ok=False, said=f"{place} refused user and password ({error.smtp_code}).")
    if isinstance(error, smtplib.SMTPResponseException):
        return Mailed(ok=False, said=f"{place} answered {error.smtp_code} {_shown(error.smtp_error)}.")
    if isinstance(error, smtplib.SMTPNotSupportedError):
        return Mailed(ok=False, said=f"{place} offers no STARTTLS, and no mail goes there as others can read it.")
    if isinstance(error, ssl.SSLError):
        return Mailed(ok=False, said=f"{place} could not be trusted: {_shown(str(error))}.")
    if at.sending:
        return Mailed(ok=False, said=f"{place} took the mail and did not say whether it keeps it.", maybe=True)
    if isinstance(error, TimeoutError):
        return Mailed(ok=False, said=f"{place} did not answer in time.")
    return Mailed(ok=False, said=f"{place} could not be reached: {_shown(str(error))}.")


def _is_nobody(code: int, said: bytes) -> bool:
    """A 550 alone may be a judgement on the sender."""
    return said.startswith(_NOBODY) or code in _NOBODY_CODES


def _shown(said: bytes | str) -> str:
    text = said.decode("utf-8", "replace") if isinstance(said, bytes) else said
    return " ".join(text.split())[:_LONGEST_REASON].rstrip(".")
