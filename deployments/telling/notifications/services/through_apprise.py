"""Every service that has no adapter of its own. apprise tells and forgets: what was told cannot be changed by it."""

from typing import Final

from deployments.outbound.messaging.posting import Form, Letter, Level, Posted, post
from deployments.telling.attempts import asked_pause
from deployments.telling.notifications import rendering
from deployments.telling.notifications.content import Content, Tone
from deployments.telling.notifications.models import Does
from deployments.telling.notifications.services import SECONDS, Outgoing, Sent

LEVELS: Final[dict[Tone, Level]] = {"waits": "warning", "good": "success", "bad": "failure", "plain": "info"}
#: It is not there, whatever is sent.
GONE: Final = 410
#: In characters: more is not read in a chat.
MARKED: Final = 1_900
PLAIN: Final = 3_500


class ThroughApprise:
    def send(self, outgoing: Outgoing) -> Sent:
        if outgoing.does is Does.UPDATE and not outgoing.content.is_news:
            return Sent(ok=False, said="Not sent: what this service was told cannot be changed there.", dropped=True)
        posted = post(
            outgoing.address_url, _letter(outgoing.content, outgoing.site_url), site_url=outgoing.site_url,
            public=not outgoing.is_internal, seconds=SECONDS,
        )  # fmt: skip
        return _sent(posted, outgoing)


def _letter(content: Content, site_url: str) -> Letter:
    def written(form: Form, most: int) -> str:
        if form == "markdown":
            return rendering.markdown(content, site_url, most=min(most, MARKED))
        return rendering.text(content, site_url, most=min(most, PLAIN))

    return Letter(title=rendering.subject(content), written=written, level=LEVELS[content.tone])


def _sent(posted: Posted, outgoing: Outgoing) -> Sent:
    retry_after = asked_pause(posted.retry_after, outgoing.now).total_seconds() if posted.retry_after else None
    return Sent(ok=posted.ok, said=posted.said, retry_after=retry_after, maybe=posted.maybe, gone=posted.status == GONE)
