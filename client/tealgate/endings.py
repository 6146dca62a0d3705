"""How a command ends when it does not end well: a code for scripts, and a sentence for people."""

from collections.abc import Mapping
from typing import Any

GOOD, ENDED_BADLY, REFUSED, TIMED_OUT, UNREACHABLE = 0, 1, 2, 3, 4


class Ending(Exception):
    """Ends the command. `outcome` is the word for it in --json."""

    code = ENDED_BADLY
    outcome = "failed"

    def __init__(self, sentence: str, **more: Any) -> None:
        super().__init__(sentence)
        self.sentence = sentence
        #: further members for --json
        self.more: Mapping[str, Any] = more


class EndedBadly(Ending):
    """The deployment was turned back, stopped or overtaken."""

    def __init__(self, sentence: str, *, outcome: str, **more: Any) -> None:
        super().__init__(sentence, **more)
        self.outcome = outcome


class Refused(Ending):
    """Tealgate said no, in words; or the command cannot be understood."""

    code = REFUSED
    outcome = "refused"

    def __init__(self, sentence: str, *, status: int = 0, problem: Mapping[str, Any] | None = None) -> None:
        super().__init__(sentence, **({"problem": dict(problem)} if problem else {}))
        #: of HTTP; 0 when nobody was asked
        self.status = status
        self.problem = problem or {}


class TimedOut(Ending):
    code = TIMED_OUT
    outcome = "timed-out"


class Unreachable(Ending):
    """No answer, or none that Tealgate gives."""

    code = UNREACHABLE
    outcome = "unreachable"


class Interrupted(Ending):
    """By a signal, while it waited."""

    outcome = "interrupted"

    def __init__(self, sentence: str, *, number: int) -> None:
        super().__init__(sentence)
        self.code = 128 + number
