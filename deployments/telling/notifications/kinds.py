"""What people can be told, each a kind of its own that a person or a channel wants or does not."""

from enum import StrEnum


class Kind(StrEnum):
    """`of_persons`, `of_channels`: whether it is told where nobody chose. `is_operators`: it is about Tealgate itself.

    `breaks_in`: it is sent by itself, also to whoever takes everything else together.
    """

    meaning: str
    of_persons: bool
    of_channels: bool
    is_operators: bool
    breaks_in: bool

    def __new__(
        cls, name: str, meaning: str, of_persons: bool, of_channels: bool, is_operators: bool, breaks_in: bool
    ) -> "Kind":
        kind = str.__new__(cls, name)
        kind._value_ = name
        kind.meaning = meaning
        kind.of_persons, kind.of_channels = of_persons, of_channels
        kind.is_operators, kind.breaks_in = is_operators, breaks_in
        return kind

    GATE_WAITS = "gate_waits", "A gate waits for you", True, True, False, True
    GATE_REMINDER = "gate_reminder", "A gate still waits, or its time is nearly over", True, False, False, True
    GATE_DECIDED = "gate_decided", "A gate was decided, or its time was over", True, True, False, False
    LIVE = "live", "A release is live", True, True, False, False
    TURNED_BACK = "turned_back", "A release was turned back, and why", True, True, False, False
    ROLLBACK_FAILED = "rollback_failed", "A roll back failed: somebody has to look", True, True, False, True
    STUCK = "stuck", "A deployment makes no progress", True, True, False, False
    WEEKLY = "weekly", "What went live, was turned back and waited in a week", False, False, False, True
    ADDRESS_DEAD = "address_dead", "An address of yours does not take messages any more", True, False, False, False
    SUMMARY = "summary", "Several things that were told together", False, False, False, True
    TEST = "test", "A test that somebody asked for", True, True, False, True
    WORKER_SILENT = "worker_silent", "No worker works", True, True, True, True
    QUEUE_NOT_READ = "queue_not_read", "The queue of AWS's events is not read", True, True, True, False
    DATABASE_REFUSED = "database_refused", "The database refused Tealgate", True, True, True, False
    CREDENTIALS_REFUSED = "credentials_refused", "AWS refuses Tealgate's credentials", True, True, True, True
    CERTIFICATE_ENDS = "certificate_ends", "A certificate ends soon", True, True, True, False
    TOKEN_ENDS = "token_ends", "A token or a key ends soon", True, True, True, False  # noqa: S105


#: What nobody chooses: a test is asked for, the weekly letter has a switch of its own, a dead address is always told.
NOT_CHOSEN = frozenset({Kind.TEST, Kind.SUMMARY, Kind.WEEKLY, Kind.ADDRESS_DEAD})


def for_persons() -> list[str]:
    return [kind.value for kind in Kind if kind.of_persons and kind not in NOT_CHOSEN]


def for_channels() -> list[str]:
    """Without the operators' kinds, which only a channel hears that says it is theirs."""
    return [kind.value for kind in Kind if kind.of_channels and kind not in NOT_CHOSEN and not kind.is_operators]
