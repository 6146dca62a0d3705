"""Express Mode of Amazon ECS. It is read like any other service; only its own call changes it."""

from deployments.aws import actions
from deployments.aws.ecs import Ecs


class Express(Ecs):
    def _update(
        self, action: actions.UpdateService | actions.MoveService | actions.UpdateExpressGatewayService
    ) -> actions.Made:
        match action:
            case actions.MoveService():
                return self._move_service(action)
            case actions.UpdateService():
                return self._update_service(action)
            case actions.UpdateExpressGatewayService():
                return self._update_express_gateway_service(action)

    def _update_express_gateway_service(self, action: actions.UpdateExpressGatewayService) -> actions.Made:
        self.call(
            "ecs",
            "UpdateExpressGatewayService",
            serviceArn=action.service,
            taskDefinitionArn=action.task_definition,
        )
        return actions.Made()
