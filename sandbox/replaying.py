"""A restart: what the journal has is done again, and what no request brings back is remembered."""

import json
import logging
from typing import Any

from sandbox.account import REGION, region_of
from sandbox.client import environ_of, perform
from sandbox.codedeploy.history import KIND as CODEDEPLOY
from sandbox.ecs.service_deployments import saved
from sandbox.regions import Regions
from sandbox.state import REMEMBER, Journal, Record

logger = logging.getLogger(__name__)


def replay(journal: Journal, application: Any, regions: Regions, url: str) -> None:
    """``application`` is the sandbox's own, on ``url``."""
    remembered: dict[str, list[dict[str, Any]]] = {}

    def again(record: Record, body: bytes) -> None:
        if record["method"] == REMEMBER:
            remembered.setdefault(record["path"], []).append(json.loads(body))
            return
        environ = environ_of(record["method"], f"{url}{record['path']}", {}, body)
        status, _, answer = perform(application, environ | record["headers"])
        if status >= 300:
            logger.warning("Not repeated from the journal: %s %s", record["path"], answer.decode(errors="replace"))

    count = journal.replay(again)
    for region in regions:
        name = region.ecs.region
        by_ecs, by_codedeploy = (remembered.get(kind, []) for kind in ("service-deployment", CODEDEPLOY))
        saved.resume(region.ecs, [each for each in by_ecs if region_of(each["arn"]) == name])
        region.codedeploy.restore([each for each in by_codedeploy if each.get("region", REGION) == name])
    if count:
        logger.info("Went on from %s journaled requests", count)
