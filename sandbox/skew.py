"""A client whose clock is wrong, made from the other side: the sandbox's own clock goes ahead or behind.

AWS says what time it is in every answer's Date, and refuses what was signed more than 15 minutes before or after.
"""

from dataclasses import dataclass
from datetime import UTC, datetime, timedelta

from sandbox.calls import Call, Environ, Response, error_response

FURTHEST = timedelta(minutes=15)
STAMP = "%Y%m%dT%H%M%SZ"


@dataclass
class Skew:
    #: how far the sandbox's clock is ahead of this machine's
    seconds: float = 0

    def refused(self, call: Call, environ: Environ) -> Response | None:
        signed = environ.get("HTTP_X_AMZ_DATE", "")
        if not self.seconds or not signed:
            return None
        now = self._now()
        sentence = _sentence(datetime.strptime(signed, STAMP).replace(tzinfo=UTC), now)
        if not sentence:
            return None
        code = "InvalidSignatureException" if call.protocol in ("json", "cbor") else "SignatureDoesNotMatch"
        return error_response(call, 403, code, sentence)

    def seconds_since_1970(self) -> float:
        return self._now().timestamp()

    def _now(self) -> datetime:
        return datetime.now(UTC) + timedelta(seconds=self.seconds)


def _sentence(signed: datetime, now: datetime) -> str:
    earliest, latest = now - FURTHEST, now + FURTHEST
    if signed < earliest:
        return f"Signature expired: {signed:{STAMP}} is now earlier than {earliest:{STAMP}} ({now:{STAMP}} - 15 min.)"
    if signed > latest:
        return (
            f"Signature not yet current: {signed:{STAMP}} is still later than {latest:{STAMP}} "
            f"({now:{STAMP}} + 15 min.)"
        )
    return ""
