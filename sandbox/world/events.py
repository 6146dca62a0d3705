"""The queue that gets events, and its rule: of alarms, tasks, pushed images, and Tealgate's own to see if it works."""

import json

from sandbox.account import arn
from sandbox.world.names import EVENTS, Client

PATTERN = {
    "source": ["aws.cloudwatch", "aws.ecs", "aws.ecr", "tealgate"],
    "detail-type": [
        "CloudWatch Alarm State Change",
        "CloudWatch Alarm Configuration Change",
        "ECS Task State Change",
        "ECR Image Action",
        "Tealgate Echo",
    ],
}
KEPT_SECONDS = 300  # nobody may be listening


def event_queue(client: Client) -> dict[str, str]:
    region = client("sqs").meta.region_name
    queue, rule = arn("sqs", EVENTS, region), arn("events", f"rule/{EVENTS}", region)
    policy = {
        "Version": "2012-10-17",
        "Statement": [
            {
                "Effect": "Allow",
                "Principal": {"Service": "events.amazonaws.com"},
                "Action": "sqs:SendMessage",
                "Resource": queue,
                "Condition": {"ArnEquals": {"aws:SourceArn": rule}},
            }
        ],
    }
    attributes = {"MessageRetentionPeriod": str(KEPT_SECONDS), "Policy": json.dumps(policy)}
    client("sqs").create_queue(QueueName=EVENTS, Attributes=attributes)
    client("events").put_rule(Name=EVENTS, EventPattern=json.dumps(PATTERN))
    client("events").put_targets(Rule=EVENTS, Targets=[{"Id": "queue", "Arn": queue}])
    return {"queue": EVENTS, "queue_arn": queue, "rule": EVENTS, "rule_arn": rule}
