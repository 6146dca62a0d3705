"""Of more looks than a page can draw, some that are evenly spread over all of its time."""

from django.db.models import F, Window, functions

from deployments.delivery.models import Deployment, Measurement


def sampled(deployment: Deployment, most: int) -> list[Measurement]:
    """At most so many, oldest first, the newest look among them; of each look both slots or none."""
    looks = deployment.measurements.values("at").distinct().count()
    step = -(-2 * looks // most)
    if step < 2:
        return list(deployment.measurements.all())
    newest_first = Window(functions.RowNumber(), partition_by="slot", order_by=F("at").desc())
    numbered = deployment.measurements.annotate(number=newest_first, part=F("number") % step)
    return list(numbered.filter(part=1 % step).order_by("at", "slot"))
