"""What there is in an account that an environment could be made of: looked at, never changed, and chosen from.

values     what is shown of a service or a deployment group
looking    names of all, and more of those on one page: so many calls, however large the account is
fitting    which controller fits a service, and why the others do not; pure
troubles   what AWS refuses, in sentences with a next step
chosen     from what was ticked to what discovery takes
"""

from deployments.catalog.choosing.chosen import Chosen, chosen
from deployments.catalog.choosing.looking import look_around
from deployments.catalog.choosing.values import Around, Thing

__all__ = ["Around", "Chosen", "Thing", "chosen", "look_around"]
