"""Preflight: every failure that can be seen before traffic is touched, said in a sentence with its fix.

`run(settings, artefact, gateway, now)` only reads, and so does `beside(earlier, ...)`, which takes an earlier report's
word for what changes seldom. A check that may not look reports `unknown`, never `ok`.
"""

from deployments.preflight.checks import IAM_TRUSTED, beside, run, unreachable

__all__ = ["IAM_TRUSTED", "beside", "run", "unreachable"]
