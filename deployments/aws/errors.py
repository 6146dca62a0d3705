"""What can go wrong with AWS, sorted by what the caller should do about it.

Permanent errors end a deployment with the fix in words; transient ones are waited out with backoff,
counted and shown.
"""


class AwsError(Exception):
    """`operation` is AWS's name of the call, `code` AWS's error code, `said` AWS's own message."""

    transient = False

    def __init__(self, operation: str, code: str, said: str) -> None:
        super().__init__(f"{operation}: {said} ({code})")
        self.operation = operation
        self.code = code
        self.said = said

    @property
    def sentence(self) -> str:
        return f"AWS answered {self.operation} with {self.code}: {self.said}"


class NotFound(AwsError):
    """The thing is not there (any more)."""


class Denied(AwsError):
    """The role may not do this, or the role itself cannot be assumed."""


class Invalid(AwsError):
    """AWS refuses the request as it stands; sending it again changes nothing."""


class Changed(AwsError):
    """Someone else wrote what we were about to write; nothing was written."""


class Throttled(AwsError):
    transient = True


class Unavailable(AwsError):
    """No answer, a broken one, or AWS's own fault. A write may have happened: read before sending again."""

    transient = True
