"""What time alone makes due. Asked for every few seconds, by a worker; two at once tell nothing twice."""

from datetime import datetime

from deployments.telling.notifications.timing import gathering, reminding, stuck, week


def is_due(now: datetime) -> bool:
    return (
        gathering.waiting(now).exists()
        or bool(reminding.due_gates(now))
        or stuck.waiting(now).exists()
        or week.waiting(now).exists()
    )


def tell(now: datetime) -> None:
    stuck.say(now)
    reminding.remind(now)
    week.write_letters(now)
    gathering.gather(now)
