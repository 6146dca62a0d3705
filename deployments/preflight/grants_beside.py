"""IAM actions beside those of a controller, that no deployment needs."""

from deployments.preflight.grants import Grant

#: What deregistering old revisions takes beside its controller; a deployment never needs it.
TIDYING = (
    Grant("ecs:DeregisterTaskDefinition", "*", "deregister old task definitions"),
    Grant("ecs:ListClusters", "*", "find all services"),
    Grant("ecs:ListServices", "*", "find all services"),
    Grant("ecs:DescribeServices", "*", "see what all services run"),
    Grant("ecs:ListTasks", "*", "find the tasks of the family"),
    Grant("ecs:DescribeTasks", "*", "see which revision a task runs"),
    Grant("events:ListRuleNamesByTarget", "*", "find rules that start tasks"),
    Grant("events:ListTargetsByRule", "*", "see which revision a rule names"),
    Grant("events:DescribeRule", "*", "see when a rule starts tasks"),
    Grant("scheduler:ListSchedules", "*", "find schedules that start tasks"),
    Grant("scheduler:GetSchedule", "*", "see which revision a schedule names"),
)

#: What releases that register themselves take beside; no deployment needs it.
SELF_REGISTERING = (
    Grant("ecr:DescribeImages", "repositories", "see which tags there are"),
    Grant("ecr:BatchGetImage", "repositories", "see what a tag names"),
    Grant("ecr:GetDownloadUrlForLayer", "repositories", "read an image's labels"),
)
