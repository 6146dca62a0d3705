"""Why an ID token is not believed."""


class Unsigned(Exception):
    """It is not proven who made it. The message is for the log and the page: whoever sent it learns nothing."""


class UnknownKey(Unsigned):
    """Signed by a key that is not among the issuer's, as far as they are known."""


class IssuerError(Exception):
    """An issuer's keys cannot be had; the message is a sentence for people who may see its address."""
