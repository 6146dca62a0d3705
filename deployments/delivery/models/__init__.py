from deployments.delivery.models.deployment import Deployment, Measurement, StageRun
from deployments.delivery.models.events_queue import EventsQueue
from deployments.delivery.models.gate import Approval, Gate
from deployments.delivery.models.move import Move

__all__ = ["Approval", "Deployment", "EventsQueue", "Gate", "Measurement", "Move", "StageRun"]
