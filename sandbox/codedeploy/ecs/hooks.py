"""Lambda functions of an AppSpec: invoked at their lifecycle event, and waited for until they report how it went.

What a function returns says nothing; only PutLifecycleEventHookExecutionStatus does. Without one within an hour the
deployment fails.
"""

import base64
import json
import uuid

from sandbox.codedeploy.errors import refuse
from sandbox.codedeploy.halts import Failed
from sandbox.codedeploy.lifecycle import Story, lifecycle_event
from sandbox.codedeploy.model import Deployment, HookExecution, Json, Target
from sandbox.codedeploy.store import Store
from sandbox.functions.invoking import MayNotInvoke, NoSuchFunction
from sandbox.functions.model import Run

REPORTS_WITHIN = 60  # minutes
FAILED = "HOOK_EXECUTION_FAILURE"
NOT_ALLOWED = (
    "The IAM role {} does not give you permission to perform operations in the following AWS service: AWSLambda. "
    "Contact your AWS administrator if you need help. If you are an AWS administrator, you can grant permissions to "
    "your users or groups by creating IAM policies."
)
REPORTABLE = ("Succeeded", "Failed")


def run(store: Store, deployment: Deployment, target: Target, event: str, function: str) -> Story:
    """The lifecycle event, with its function when it has one ("" = none)."""
    with lifecycle_event(target, event):
        if not function:
            yield
            return
        execution = deployment.hook = HookExecution(_execution_id(deployment, event))
        begun = _begin(store, deployment, function, execution)
        deadline = store.clock.now() + store.clock.seconds(60.0 * REPORTS_WITHIN)
        while not execution.status:
            if begun.done and begun.error:
                raise Failed(FAILED, "The lifecycle event hook ended with an error before it reported a status.")
            if store.clock.now() > deadline:
                words = f"The lifecycle event hook did not report a status within {REPORTS_WITHIN} minutes."
                raise Failed(FAILED, words)
            yield
        if execution.status == "Failed":
            raise Failed(FAILED, "The lifecycle event hook reported the status Failed.")


def put_status(store: Store, request: Json) -> Json:
    """PutLifecycleEventHookExecutionStatus"""
    deployment = store.deployment(request["deploymentId"])
    if deployment.group.platform != "ECS":
        refuse("UnsupportedActionForDeploymentType", "Only deployments to ECS have functions as lifecycle event hooks")
    status, number = request.get("status"), request.get("lifecycleEventHookExecutionId")
    if status not in REPORTABLE:
        refuse("InvalidLifecycleEventHookExecutionStatus", f"The status is Succeeded or Failed, not {status}")
    execution = deployment.hook
    if execution is None or number != execution.id:
        refuse("InvalidLifecycleEventHookExecutionId", "The lifecycle event hook execution id is not known")
    if execution.status or deployment.is_over:
        refuse("LifecycleEventAlreadyCompleted", "The lifecycle event is already complete")
    execution.status = str(status)
    store.wake()
    return {"lifecycleEventHookExecutionId": execution.id}


def _begin(store: Store, deployment: Deployment, function: str, execution: HookExecution) -> Run:
    role = str(deployment.group.body.get("serviceRoleArn", ""))
    event = {"DeploymentId": deployment.id, "LifecycleEventHookExecutionId": execution.id}
    try:
        return store.around.invoke(role, function, event)
    except MayNotInvoke as error:
        raise Failed("IAM_ROLE_PERMISSIONS", NOT_ALLOWED.format(role)) from error
    except NoSuchFunction as error:
        raise Failed("INVALID_LAMBDA_FUNCTION", f"The Lambda function {error} does not exist.") from error


def _execution_id(deployment: Deployment, event: str) -> str:
    told = {"deployment": deployment.id, "event": event, "execution": str(uuid.uuid4())}
    return base64.b64encode(json.dumps(told).encode()).decode()
