"""One mail to one address, handed to the operator's mail server within a time."""

import smtplib
import socket
import ssl
import threading
from collections.abc import Iterator
from contextlib import contextmanager, suppress
from dataclasses import dataclass, field
from email import policy
from email.message import EmailMessage

LONGEST_REASON = 200
#: RFC 3463, such as 5.1.1: there is no such mailbox.
_NO_SUCH_ADDRESS = "5.1."
#: Of SMTP, where a server has no enhanced ones: unknown user, and a name that is no mailbox.
_REFUSED_FOR_GOOD = (551, 553)


@dataclass(frozen=True, kw_only=True)
class MailServer:
    """`is_tls`: from the first byte; else by STARTTLS where it is offered, and always before a password is told."""

    host: str
    port: int
    user: str = ""
    password: str = field(default="", repr=False)
    is_tls: bool = False

    @property
    def place(self) -> str:
        return f"{self.host}:{self.port}"


@dataclass(frozen=True, kw_only=True)
class Posted:
    """What came of it. `said`: in a sentence. `maybe`: it may have been taken although the server did not say so.

    `gone`: there is no such address.
    """

    ok: bool
    said: str
    maybe: bool = False
    gone: bool = False


def post(mail: EmailMessage, *, sender: str, to: str, server: MailServer, seconds: float) -> Posted:
    """Raises nothing that has to do with the server; after so many seconds the line is cut."""
    progress = _Progress()
    try:
        with _connected(server, seconds) as client:
            return _handed_over(client, mail, sender, to, server, progress)
    except smtplib.SMTPAuthenticationError as error:
        return _failed(f"{server.place} refused Tealgate's user: {_answer(error)} See EMAIL_URL.")
    except smtplib.SMTPNotSupportedError:
        return _failed(f"{server.place} does not take what is needed, such as a password or STARTTLS. See EMAIL_URL.")
    except smtplib.SMTPResponseException as error:
        return _failed(f"{server.place} answered {_answer(error)}")
    except ssl.SSLError as error:
        return _failed(f"{server.place} could not be spoken to by TLS: {error.reason or 'no reason'}.")
    except TimeoutError:
        return _failed(f"{server.place} did not answer within {seconds:g} s.", maybe=progress.is_sent)
    except (OSError, smtplib.SMTPException) as error:
        why = getattr(error, "strerror", None) or "the connection was lost"
        return _failed(f"{server.place} could not be reached: {why}.", maybe=progress.is_sent)


@dataclass
class _Progress:
    #: all of the mail is on its way, and the server has not answered
    is_sent: bool = False


@contextmanager
def _connected(server: MailServer, seconds: float) -> Iterator[smtplib.SMTP]:
    """Cut off after `seconds`, whatever it is doing: smtplib waits so long for each line."""
    context = ssl.create_default_context()
    made = smtplib.SMTP_SSL(timeout=seconds, context=context) if server.is_tls else smtplib.SMTP(timeout=seconds)
    watch = threading.Timer(seconds, _cut, (made,))
    watch.daemon = True
    watch.start()
    try:
        made._host = server.host  # type: ignore[attr-defined]  # the name that the certificate is held against
        made.connect(server.host, server.port)
        made.ehlo_or_helo_if_needed()
        if not server.is_tls and (server.password or made.has_extn("starttls")):
            made.starttls(context=context)
            made.ehlo()
        if server.password:
            _sign_in(made, server)
        yield made
    finally:
        watch.cancel()
        made.close()


def _sign_in(client: smtplib.SMTP, server: MailServer) -> None:
    """By one of the two that everybody knows: each more that fails counts as another wrong password."""
    offered = client.esmtp_features.get("auth", "").upper().split()
    ways = {"PLAIN": client.auth_plain, "LOGIN": client.auth_login}
    way = next((name for name in ways if name in offered), None)
    if way is None:
        raise smtplib.SMTPNotSupportedError
    client.user, client.password = server.user, server.password
    client.auth(way, ways[way])


def _cut(client: smtplib.SMTP) -> None:
    if client.sock:
        with suppress(OSError):
            client.sock.shutdown(socket.SHUT_RDWR)


def _handed_over(
    client: smtplib.SMTP, mail: EmailMessage, sender: str, to: str, server: MailServer, progress: _Progress
) -> Posted:
    content = mail.as_bytes(policy=policy.SMTP)
    options = ["SMTPUTF8"] if not to.isascii() and client.has_extn("smtputf8") else []
    for code, said in (client.mail(sender, options), client.rcpt(to)):
        if code not in (250, 251):
            return _refused(server, code, said)
    progress.is_sent = True
    code, said = client.data(content)
    progress.is_sent = False
    if code != 250:
        return _refused(server, code, said)
    with suppress(OSError, smtplib.SMTPException):
        client.quit()
    return Posted(ok=True, said=f"{server.place} took it: {_words(said)}")


def _refused(server: MailServer, code: int, said: bytes) -> Posted:
    words = _words(said)
    gone = words.startswith(_NO_SUCH_ADDRESS) or code in _REFUSED_FOR_GOOD
    return _failed(f"{server.place} answered {code} {words}", gone=gone)


def _failed(said: str, *, maybe: bool = False, gone: bool = False) -> Posted:
    return Posted(ok=False, said=said, maybe=maybe, gone=gone)


def _answer(error: smtplib.SMTPResponseException) -> str:
    said = error.smtp_error
    return f"{error.smtp_code} {_words(said if isinstance(said, bytes) else said.encode())}"


def _words(said: bytes) -> str:
    """On one line, as a sentence."""
    words = " ".join(said.decode("utf-8", "replace").split())
    printable = "".join(each if each.isprintable() else "\N{REPLACEMENT CHARACTER}" for each in words)
    return f"{printable[:LONGEST_REASON].rstrip('.')}."
