"""What passes is asked again: no answer, 5xx, 429, and a 409 that says when.

As Retry-After says, or ever more slowly.
"""

import random
import time
from collections.abc import Callable

from tealgate import answers
from tealgate.answers import Reply
from tealgate.endings import Refused, Unreachable
from tealgate.texts import clean
from tealgate.wire import Answer, NoAnswer

#: For what another process is said to be answering: longer than Tealgate believes that it lives.
_BEING_ANSWERED = 110.0
_FIRST_PAUSE, _LONGEST_PAUSE = 0.5, 15.0


def patiently(
    once: Callable[[], Answer], *, place: str, seconds: float, tell: Callable[[str], None] = lambda sentence: None
) -> Reply:
    """`once` asks; `place` is whom, in a sentence. `tell` hears of what passes. Raises Refused and Unreachable."""
    began, pause, told = time.monotonic(), _FIRST_PAUSE, ""
    while True:
        trouble, wait = None, None
        try:
            answer = once()
            trouble, wait = answers.trouble(answer), answers.retry_after(answer)
            if trouble is None:
                return answers.reply(answer)
        except NoAnswer as silent:
            trouble = unreachable(place, silent)
            if not silent.passing:
                raise trouble from silent
        pause = min(pause * 2, _LONGEST_PAUSE)
        wait = pause * random.uniform(0.5, 1) if wait is None else wait  # noqa: S311 - so that not all come at once
        most = max(seconds, _BEING_ANSWERED) if isinstance(trouble, Refused) else seconds
        if time.monotonic() + wait > began + most:
            raise trouble
        if trouble.sentence != told:
            tell(f"{trouble.sentence} Trying again.")
            told = trouble.sentence
        time.sleep(wait)


def unreachable(place: str, silent: NoAnswer) -> Unreachable:
    return Unreachable(f"{place} cannot be reached: {clean(silent.reason)}.")
