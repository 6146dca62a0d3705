"""After a deployment that ended well: old task definitions of ours that nothing needs are deregistered.

choosing  which may go, a pure decision
holding   what our own rows know: which are ours, and which a deployment may still need
passes    one worker, a few writes at a time; killed anywhere, the next one goes on
"""

from deployments.delivery.tidying.passes import ask, tidy

__all__ = ["ask", "tidy"]
