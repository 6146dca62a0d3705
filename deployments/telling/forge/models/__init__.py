from deployments.telling.forge.models.connection import Forge, ForgeKind
from deployments.telling.forge.models.question import ForgeQuestion
from deployments.telling.forge.models.repository import ForgeRepository
from deployments.telling.forge.models.telling import ForgeTelling

__all__ = ["Forge", "ForgeKind", "ForgeQuestion", "ForgeRepository", "ForgeTelling"]
