"""A mail server on loopback that keeps what comes."""

import asyncio
import threading
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from email import message_from_bytes
from email.message import EmailMessage
from email.policy import default

from aiosmtpd.smtp import SMTP, Envelope, Session


@dataclass
class Postman:
    """`refuses`: what it answers to whom a mail is for, instead of taking it."""

    letters: list[EmailMessage] = field(default_factory=list)
    refuses: str = ""
    url: str = ""

    async def handle_RCPT(  # noqa: N802 - aiosmtpd's
        self, server: SMTP, session: Session, envelope: Envelope, address: str, options: list[str]
    ) -> str:
        if self.refuses:
            return self.refuses
        envelope.rcpt_tos.append(address)
        return "250 OK"

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802
        self.letters.append(message_from_bytes(envelope.original_content or b"", EmailMessage, policy=default))
        return "250 Kept"


@contextmanager
def receiving(postman: Postman | None = None, port: int = 0) -> Iterator[Postman]:
    postman = postman or Postman()
    loop = asyncio.new_event_loop()
    making = loop.create_server(lambda: SMTP(postman, loop=loop, hostname="localhost"), "127.0.0.1", port)
    server = loop.run_until_complete(making)
    postman.url = f"smtp+plain://127.0.0.1:{server.sockets[0].getsockname()[1]}"
    thread = threading.Thread(target=loop.run_forever)
    thread.start()
    try:
        yield postman
    finally:
        asyncio.run_coroutine_threadsafe(_end(server), loop).result(10)
        loop.call_soon_threadsafe(loop.stop)
        thread.join()
        loop.close()


async def _end(server: asyncio.Server) -> None:
    server.close()
    ours = asyncio.current_task()
    others = [task for task in asyncio.all_tasks() if task is not ours]
    for task in others:
        task.cancel()
    await asyncio.gather(*others, return_exceptions=True)
