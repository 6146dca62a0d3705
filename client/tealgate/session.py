"""What a command works with: which Tealgate, as whom, from which CI, and where it says so."""

import os
from dataclasses import dataclass, field
from functools import cached_property

from tealgate import ci, credentials, stored
from tealgate.api import Api
from tealgate.ci import Ci
from tealgate.endings import Refused
from tealgate.out import Out


@dataclass
class Session:
    out: Out = field(default_factory=Out)
    #: --url
    given_url: str = ""

    @cached_property
    def ci(self) -> Ci:
        return ci.detect()

    @cached_property
    def url(self) -> str:
        login = stored.load()
        found = self.given_url or os.environ.get("TEALGATE_URL", "").strip() or (login.url if login else "")
        if not found:
            raise Refused("Which Tealgate? Set TEALGATE_URL to its address, or run `tealgate login https://…`.")
        return found.rstrip("/")

    @cached_property
    def api(self) -> Api:
        """Raises Refused without an address or anybody to ask as."""
        credential = credentials.choose(self.url, self.ci, stored.load())
        return Api(self.url, credential, tell=self.out.note)
