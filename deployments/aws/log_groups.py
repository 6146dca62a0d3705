"""CloudWatch Logs: whether the group is there that tasks are to write into."""

from datetime import datetime, timedelta

from deployments.aws.calling import Caller, ClientSource
from deployments.aws.seen import Seen

#: More than the groups of any account's environments.
MOST_GROUPS = 200


class LogGroups(Caller):
    def __init__(self, clients: ClientSource) -> None:
        super().__init__(clients)
        self._groups_seen = Seen(MOST_GROUPS)

    def log_group_seen(
        self, region: str, name: str, now: datetime, trusted: timedelta = timedelta(0)
    ) -> datetime | None:
        there = f"{region}:{name}"
        return self._groups_seen.look(there, now, trusted, lambda: self._log_group_exists(region, name))

    def _log_group_exists(self, region: str, name: str) -> bool:
        """Of names that begin alike the shortest comes first, so one page tells."""
        found = self.call("logs", "DescribeLogGroups", region=region, logGroupNamePrefix=name)["logGroups"]
        return any(each["logGroupName"] == name for each in found)
