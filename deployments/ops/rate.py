"""How often somebody may ask: a bucket of tries that fills up again, in this process.

django-ninja's throttles keep what they count on one object that all threads share, so that one client's tries are
counted as another's. Each web process counts for itself: with two of them the limit is twice as high.
"""

import math
import threading
import time
from collections import OrderedDict
from collections.abc import Callable

#: So many names are remembered; the one that was quiet for longest is forgotten first.
MOST_NAMES = 10_000


class Bucket:
    def __init__(self, *, burst: int, per_second: float, clock: Callable[[], float] = time.monotonic) -> None:
        self.burst, self.per_second, self._clock = burst, per_second, clock
        self._lock = threading.Lock()
        #: by name: how many tries were left, and when
        self._left: OrderedDict[str, tuple[float, float]] = OrderedDict()

    def wait(self, name: str) -> int:
        """0, and one try less; or how many seconds to wait for the next, at least 1."""
        with self._lock:
            now = self._clock()
            left, since = self._left.pop(name, (float(self.burst), now))
            left = min(left + (now - since) * self.per_second, self.burst)
            enough = left >= 1
            self._left[name] = (left - 1 if enough else left, now)
            if len(self._left) > MOST_NAMES:
                self._left.popitem(last=False)
            return 0 if enough else math.ceil((1 - left) / self.per_second)


#: Of each token: enough for a pipeline of fifty jobs, too little to keep everybody else from their pages.
BY_TOKEN = Bucket(burst=300, per_second=50)
#: Of each token, what reads AWS before it is answered: it holds a thread for seconds, and takes of the calls that AWS
#: lets an account make, which deployments need.
AWS_READERS = Bucket(burst=30, per_second=1)
#: Of each address that asks for tokens: a company's jobs may all come from one.
BY_ADDRESS = Bucket(burst=120, per_second=2)
#: Of each address, of those who ask to be signed in at a terminal: an office behind one address, and nobody's flood.
SIGN_INS = Bucket(burst=30, per_second=0.2)
#: And how often their terminals ask whether somebody allowed it.
SIGN_IN_LOOKS = Bucket(burst=120, per_second=10)
#: Of each person, who types what a terminal shows: 25 thousand million codes are not guessed at in ten minutes.
CODES_TYPED = Bucket(burst=10, per_second=1 / 20)
