"""What speaks for a release and what against it: one watch for every way to swap.

A swap hands in what is watched (`Watched`), `measure` asks every provider of `providers.PROVIDERS`, and `verdict` and
`kept` say what that means: the first problem, a summary in words, what a gate shows, the points of the chart.
Another metric is another provider; no swap knows which there are.
"""

from deployments.evidence.kept import Reading
from deployments.evidence.measuring import Measured, measure
from deployments.evidence.watched import Watched

__all__ = ["Measured", "Reading", "Watched", "measure"]
