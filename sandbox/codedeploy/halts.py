"""Why a deployment ends early: its status, its errorInformation, and the event that may roll it back."""


class Halt(Exception):
    status = "Failed"

    def __init__(self, code: str, message: str, *, event: str = "DEPLOYMENT_FAILURE") -> None:
        super().__init__(message)
        self.code = code
        self.message = message
        self.event = event


class Failed(Halt):
    pass


class Stopped(Halt):
    """By a person, by an alarm, or because nobody came."""

    status = "Stopped"
