"""What the in-memory account does when it is told to."""

from dataclasses import replace

from deployments.aws import actions, values, weights
from tests.fakes.names import arn
from tests.fakes.pipeline import Pipelined
from tests.fakes.scheduled import Scheduled

#: SuspendedState's members
ALL_SCALING = ("DynamicScalingInSuspended", "DynamicScalingOutSuspended", "ScheduledScalingSuspended")


class Orders(Pipelined, Scheduled):
    def perform(self, action: actions.Action) -> actions.Made:
        failure = self._next_failure(action.operation)
        if failure and not failure[1]:
            raise failure[0]
        made = self._do(action)
        self.performed.append(action)
        if failure:
            raise failure[0]
        return made

    def _do(self, action: actions.Action) -> actions.Made:
        match action:
            case actions.RegisterTaskDefinition() | actions.DeregisterTaskDefinition():
                return self._revise(action)
            case actions.UpdateService():
                return self._update_service(action)
            case actions.SetWeights():
                return self._set_weights_of_rule(action)
            case actions.SuspendScaling():
                return self._suspend_scaling(action)
            case actions.RunTask():
                return self._run_task(action)
            case actions.StopTask():
                return self._stop_task(action)
            case actions.PutTargets() | actions.UpdateSchedule():
                return self._have_started(action)
            case actions.PutEvents():
                return actions.Made()
            case actions.PutApprovalResult():
                return self._answer_approval(action)
        raise NotImplementedError(action.operation)

    def _register_task_definition(self, action: actions.RegisterTaskDefinition) -> actions.Made:
        family = action.document["family"]
        revision = 1 + max((d.revision for d in self.task_definitions.values() if d.family == family), default=0)
        made = values.TaskDefinition(
            arn=arn("ecs", f"task-definition/{family}:{revision}"),
            family=family,
            revision=revision,
            status="ACTIVE",
            document=dict(action.document),
            tags=dict(action.tags),
        )
        self.task_definitions[made.arn] = made
        return actions.Made(task_definition=made.arn)

    def _revise(self, action: actions.RegisterTaskDefinition | actions.DeregisterTaskDefinition) -> actions.Made:
        if isinstance(action, actions.RegisterTaskDefinition):
            return self._register_task_definition(action)
        self._usable("DeregisterTaskDefinition", action.task_definition)
        gone = replace(self.task_definitions[action.task_definition], status="INACTIVE")
        self.task_definitions[action.task_definition] = gone
        return actions.Made()

    def _update_service(self, action: actions.UpdateService) -> actions.Made:
        service = self._service("UpdateService", action.cluster, action.service)
        if action.task_definition is not None:
            self._usable("UpdateService", action.task_definition)
            service.pulled[action.task_definition] = self.pulled_for(action.task_definition)
        if action.deployment_configuration is not None:
            service.deployment_configuration = {**service.deployment_configuration, **action.deployment_configuration}
        service.update(task_definition=action.task_definition, desired=action.desired, lag=self.scale_after)
        return actions.Made(ecs_deployment=service.primary_id)

    def _set_weights_of_rule(self, action: actions.SetWeights) -> actions.Made:
        rule = self._get(self.rules, action.rule, "DescribeRules")
        changed = weights.rewritten(rule, action)
        if changed is not None:
            written = weights.rule_from(
                arn=rule.arn, listener_arn=rule.listener_arn, is_default=rule.is_default, actions=changed
            )
            self.rules[rule.arn] = replace(written, conditions=rule.conditions)
        return actions.Made()

    def _suspend_scaling(self, action: actions.SuspendScaling) -> actions.Made:
        target = self._get(self.scaling, action.resource_id, "RegisterScalableTarget")
        suspensions = ALL_SCALING if action.suspended else action.kept
        self.scaling[action.resource_id] = replace(target, suspended=action.suspended, suspensions=suspensions)
        return actions.Made()

    def _run_task(self, action: actions.RunTask) -> actions.Made:
        self._service("RunTask", action.cluster, action.like_service)
        self._usable("RunTask", action.task_definition)
        if action.client_token not in self._tokens:
            stopped = self.exit_code is not None
            task = values.Task(
                arn=arn("ecs", f"task/{action.cluster}/oneoff{len(self.one_off) + 1}"),
                task_definition=action.task_definition,
                last_status="STOPPED" if stopped else "RUNNING",
                desired_status="STOPPED" if stopped else "RUNNING",
                stop_code="EssentialContainerExited" if stopped else "",
                stopped_reason="Essential container in task exited" if stopped else "",
                exit_codes={action.container: self.exit_code},
                started_by=action.started_by,
            )
            self.one_off[task.arn] = task
            self._tokens[action.client_token] = task.arn
        return actions.Made(task=self._tokens[action.client_token])

    def _stop_task(self, action: actions.StopTask) -> actions.Made:
        task = self._get(self.one_off, action.task, "StopTask")
        self.one_off[action.task] = replace(
            task,
            last_status="STOPPED",
            desired_status="STOPPED",
            stop_code="UserInitiated",
            stopped_reason=action.reason,
        )
        return actions.Made()
