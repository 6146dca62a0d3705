from deployments.delivery.models.deployment import Deployment
from deployments.delivery.models.events_queue import EventsQueue
from deployments.delivery.models.gate import Approval, Gate, with_waiting
from deployments.delivery.models.move import Move
from deployments.delivery.models.pipeline_answer import PipelineAnswer
from deployments.delivery.models.presence import Presence
from deployments.delivery.models.seen import Measurement, StageRun
from deployments.delivery.models.tidying import Tidying

__all__ = [
    "Approval",
    "Deployment",
    "EventsQueue",
    "Gate",
    "Measurement",
    "Move",
    "PipelineAnswer",
    "Presence",
    "StageRun",
    "Tidying",
    "with_waiting",
]
