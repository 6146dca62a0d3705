"""Which resources a call touches, as IAM names them. None stands for "not known here, any will do"."""

from typing import Any

from sandbox.account import ACCOUNT, arn
from sandbox.calls import Call

Context = dict[str, list[str]]


def asked_of(call: Call) -> list[tuple[str | None, Context]]:
    """Each resource with the condition keys that the call carries for it; all of them have to be allowed."""
    if call.name == "events:PutEvents":
        return [_entry(call, entry) for entry in call.parameters.get("Entries", [])]
    return [(resource, _context(call)) for resource in resources_of(call)]


def _context(call: Call) -> Context:
    if call.name == "ecs:RunTask":
        return {"ecs:cluster": [arn("ecs", f"cluster/{_cluster(call)}", call.region)]}
    if call.name == "application-autoscaling:RegisterScalableTarget":
        keys = {"service-namespace": "ServiceNamespace", "scalable-dimension": "ScalableDimension"}
        return {f"application-autoscaling:{key}": [str(call.parameters.get(name, ""))] for key, name in keys.items()}
    return {}


def _entry(call: Call, entry: dict[str, Any]) -> tuple[str, Context]:
    bus = str(entry.get("EventBusName") or "default").rpartition("/")[2]
    keys = {"events:source": entry.get("Source"), "events:detail-type": entry.get("DetailType")}
    context = {key: [str(value)] for key, value in keys.items() if value}
    return f"arn:aws:events:{call.region}:{ACCOUNT}:event-bus/{bus}", context


def action_of(call: Call) -> str:
    """The permission: what lets in one message lets in a batch of them."""
    if call.name == "lambda:Invoke":
        return "lambda:InvokeFunction"
    return call.name.removesuffix("Batch") if call.service == "sqs" else call.name


def actions_of(call: Call) -> list[str]:
    """All that the call takes: whoever overrides the alarms of a deployment group must be allowed to change it."""
    overrides = call.name == "codedeploy:CreateDeployment" and "overrideAlarmConfiguration" in call.parameters
    return [action_of(call), *(["codedeploy:UpdateDeploymentGroup"] if overrides else [])]


def resources_of(call: Call) -> list[str | None]:
    finders = {
        "ecs": _ecs,
        "elasticloadbalancing": _load_balancing,
        "ecr": _ecr,
        "sts": _sts,
        "codedeploy": _codedeploy,
        "sqs": _sqs,
        "lambda": _lambda,
        "codepipeline": _codepipeline,
        "events": _events,
        "scheduler": _scheduler,
    }
    finder = finders.get(call.service)
    return finder(call) if finder else [None]


def _ecs(call: Call) -> list[str | None]:
    parameters = call.parameters
    cluster = _cluster(call)
    if call.operation in ("StopServiceDeployment", "ContinueServiceDeployment"):
        return [str(parameters.get("serviceDeploymentArn", ""))]
    if call.operation in ("DescribeServiceDeployments", "DescribeServiceRevisions"):
        return [*parameters.get("serviceDeploymentArns", []), *parameters.get("serviceRevisionArns", [])]
    if call.operation in ("UpdateService", "DeleteService", "ListServiceDeployments"):
        return [_service(call, cluster, str(parameters.get("service", "")))]
    if call.operation.endswith("ExpressGatewayService") and "serviceArn" in parameters:
        return [str(parameters["serviceArn"])]
    if call.operation in ("CreateService", "CreateExpressGatewayService"):
        return [_service(call, cluster, str(parameters.get("serviceName", "")))]
    if call.operation == "DescribeServices":
        return [_service(call, cluster, str(each)) for each in parameters.get("services", [])]
    if call.operation == "RegisterTaskDefinition":
        return [arn("ecs", f"task-definition/{parameters.get('family')}:*", call.region)]
    if call.operation == "RunTask":
        family, _, revision = str(parameters.get("taskDefinition", "")).rpartition("/")[2].partition(":")
        return [arn("ecs", f"task-definition/{family}:{revision or '*'}", call.region)]
    if call.operation == "StopTask":
        task = str(parameters.get("task", "")).rpartition("/")[2]
        return [arn("ecs", f"task/{cluster}/{task}", call.region)]
    return [None]


def _cluster(call: Call) -> str:
    return str(call.parameters.get("cluster") or "default").rpartition("/")[2]


def _service(call: Call, cluster: str, name_or_arn: str) -> str:
    return arn("ecs", f"service/{cluster}/{name_or_arn.rpartition('/')[2]}", call.region)


def _load_balancing(call: Call) -> list[str | None]:
    for name in ("RuleArn", "ListenerArn", "TargetGroupArn", "LoadBalancerArn"):
        if name in call.form and not call.reads_only:
            return [call.form[name]]
    return [None]


def _ecr(call: Call) -> list[str | None]:
    name = call.parameters.get("repositoryName")
    return [arn("ecr", f"repository/{name}", call.region)] if name else [None]


def _sts(call: Call) -> list[str | None]:
    return [call.form["RoleArn"]] if "RoleArn" in call.form else [None]


def _codedeploy(call: Call) -> list[str | None]:
    """Calls that name only a deployment are about its group, which is not known here."""
    application = call.parameters.get("applicationName")
    group = call.parameters.get("deploymentGroupName") or call.parameters.get("currentDeploymentGroupName")
    if call.parameters.get("deploymentConfigName") and call.operation == "GetDeploymentConfig":
        return [arn("codedeploy", f"deploymentconfig:{call.parameters['deploymentConfigName']}", call.region)]
    if application and group:
        return [arn("codedeploy", f"deploymentgroup:{application}/{group}", call.region)]
    return [arn("codedeploy", f"application:{application}", call.region)] if application else [None]


def _codepipeline(call: Call) -> list[str | None]:
    parameters = call.parameters
    name = parameters.get("pipelineName") or parameters.get("name")
    if name is None:
        return [None]
    action = f"/{parameters['stageName']}/{parameters['actionName']}" if call.operation == "PutApprovalResult" else ""
    return [arn("codepipeline", f"{name}{action}", call.region)]


def _sqs(call: Call) -> list[str | None]:
    name = str(call.parameters.get("QueueName") or call.parameters.get("QueueUrl") or "").rpartition("/")[2]
    return [f"arn:aws:sqs:{call.region}:{ACCOUNT}:{name}"] if name else [None]


def _events(call: Call) -> list[str | None]:
    """Of the default bus."""
    rule = call.parameters.get("Rule") or (call.parameters.get("Name") if call.operation == "DescribeRule" else None)
    return [arn("events", f"rule/{rule}", call.region)] if rule else [None]


def _scheduler(call: Call) -> list[str | None]:
    if call.operation not in ("CreateSchedule", "UpdateSchedule"):
        return [None]
    group = call.parameters.get("GroupName") or "default"
    return [arn("scheduler", f"schedule/{group}/{call.resource}", call.region)]


def _lambda(call: Call) -> list[str | None]:
    name = call.resource or str(call.parameters.get("FunctionName", ""))
    return [name if name.startswith("arn:") else arn("lambda", f"function:{name}", call.region)] if name else [None]
