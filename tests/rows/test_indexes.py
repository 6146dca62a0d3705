"""Rows that are asked for all the time are found without a look at all others."""

from django.db import connection
from django.utils import timezone

from deployments.delivery.models import Deployment


def test_what_is_unfinished_is_found_by_an_index_that_has_nothing_else(db: None) -> None:
    if connection.vendor == "postgresql":
        with connection.cursor() as cursor:  # which else reads so small a table from end to end
            cursor.execute("SET LOCAL enable_seqscan = off")

    for rows in (Deployment.objects.unfinished(), Deployment.objects.due(timezone.now())):
        assert " deployment_due" in rows.explain() or " deployment_one_unfinished" in rows.explain()
