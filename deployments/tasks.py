import time

from django.utils import timezone

from deployments.models import Heartbeat


def heartbeat():
    for _ in range(120):
        Heartbeat.objects.update_or_create(id=1, defaults={"beat_at": timezone.now(), "token": "x"})
        time.sleep(1)
