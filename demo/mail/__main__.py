"""Takes mail for anybody by SMTP, on loopback, and keeps it in a folder.

python -m demo.mail PORT FOLDER
"""

import asyncio
import signal
import sys
import time
from pathlib import Path

from aiosmtpd.smtp import SMTP, Envelope, Session

from demo.mail import folder

MOST_BYTES = 5_000_000


class Keeper:
    """What aiosmtpd asks about each message."""

    def __init__(self, kept_in: Path) -> None:
        self._folder = kept_in

    async def handle_DATA(self, server: SMTP, session: Session, envelope: Envelope) -> str:  # noqa: N802 - aiosmtpd's
        content = envelope.original_content or b""
        delivered = f"Delivered-To: {', '.join(envelope.rcpt_tos)}\r\n".encode()
        number = folder.keep(self._folder, delivered + content, at=time.time_ns())
        return f"250 Kept as {number}"


async def serve(port: int, kept_in: Path) -> None:
    loop, keeper = asyncio.get_running_loop(), Keeper(kept_in)
    server = await loop.create_server(
        lambda: SMTP(keeper, loop=loop, hostname="localhost", data_size_limit=MOST_BYTES, enable_SMTPUTF8=True),
        "127.0.0.1",
        port,
    )
    ended = asyncio.Event()
    for number in (signal.SIGTERM, signal.SIGINT):
        loop.add_signal_handler(number, ended.set)
    async with server:
        await ended.wait()


if __name__ == "__main__":
    asyncio.run(serve(int(sys.argv[1]), Path(sys.argv[2])))
