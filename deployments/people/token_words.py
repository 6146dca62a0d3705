"""Words of tokens, and of terminals that ask for one."""

from deployments.vocabulary import Word


class TokenKind(Word):
    """Who shows a token: a pipeline or a script, an agent that asks for somebody, or a person at a terminal."""

    MACHINE = "MACHINE"
    AGENT = "AGENT"
    PERSON = "PERSON"


class GrantStatus(Word):
    """Of a terminal that asks to be signed in."""

    PENDING = "PENDING"
    ALLOWED = "ALLOWED"
    DENIED = "DENIED"
    #: its token was fetched
    USED = "USED"


class GrantError(Word):
    """Why a terminal gets no token now: RFC 8628's words, and RFC 6749's for what there is not."""

    AUTHORIZATION_PENDING = "authorization_pending"
    SLOW_DOWN = "slow_down"
    ACCESS_DENIED = "access_denied"
    EXPIRED_TOKEN = "expired_token"  # noqa: S105 - a word of RFC 8628
    INVALID_GRANT = "invalid_grant"
