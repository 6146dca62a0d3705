"""Moving an environment to another way to swap, by people's clicks: begin, step, back. `deployments.moving` decides."""

from deployments.delivery.moves.back import go_back
from deployments.delivery.moves.back import refusal as back_refusal
from deployments.delivery.moves.beginning import begin, of_row, planned
from deployments.delivery.moves.step import go_on

__all__ = ["back_refusal", "begin", "go_back", "go_on", "of_row", "planned"]
