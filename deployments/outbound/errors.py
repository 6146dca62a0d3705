"""What goes wrong on the way to another machine."""


class FetchError(Exception):
    """No usable answer; the message is a sentence for people. `timed_out` when waiting longer might help."""

    def __init__(self, sentence: str, *, timed_out: bool = False) -> None:
        super().__init__(sentence)
        self.timed_out = timed_out


class PrivateAddress(FetchError):
    """The name stands for an address of a private network, and only public ones are allowed."""
