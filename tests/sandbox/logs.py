"""What a task wrote."""

from typing import Any

from sandbox.world import LOG_GROUP


def log_of(client: Any, task: dict[str, Any]) -> str:
    stream = f"storefront/web/{task['taskArn'].rpartition('/')[2]}"
    events = client("logs").get_log_events(logGroupName=LOG_GROUP, logStreamName=stream)["events"]
    return "\n".join(event["message"] for event in events)
