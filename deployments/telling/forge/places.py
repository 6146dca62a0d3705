"""Which of our environments a forge means by a repository and an environment's name."""

from dataclasses import dataclass

from deployments.catalog.models import Environment
from deployments.telling.forge.models import Forge, ForgeRepository


@dataclass(frozen=True)
class Meant:
    """One environment, or why it is none."""

    environment: Environment | None
    unclear: str = ""


def repositories_called(forge: Forge, named: str) -> list[ForgeRepository]:
    """Several where one repository holds several applications."""
    rows = ForgeRepository.objects.filter(forge=forge, repository__iexact=named, application__retired_at=None)
    return list(rows.select_related("application"))


def meant(forge: Forge, named: str, environment: str) -> Meant:
    repositories = repositories_called(forge, named)
    if not repositories:
        return Meant(None, f"No application in Tealgate is {named}: connect it under the forge {forge}.")
    found = [place for each in repositories if (place := _place(each, environment))]
    if len(found) == 1:
        return Meant(found[0])
    if found:
        names = " and ".join(sorted(str(place) for place in found))
        return Meant(
            None, f"{environment} may be {names}: give them different names there, under the forge {forge} in Tealgate."
        )
    return Meant(
        None, f"{repositories[0].application} has no environment that is called {environment} here: write its name "
        f"beside ours, under the forge {forge} in Tealgate."
    )  # fmt: skip


def _place(repository: ForgeRepository, environment: str) -> Environment | None:
    ours = repository.ours(environment)
    rows = Environment.objects.filter(application=repository.application, name=ours, retired_at=None)
    return rows.select_related("application").first()
