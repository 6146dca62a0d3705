"""Which Auto Scaling groups an environment's servers are in: its deployment group of CodeDeploy names them.

No row of ours can: a person names the deployment group, and CodeDeploy gives it another Auto Scaling group with every
copy that it makes. So whoever looks at the environment notes what was there, and other environments are held to that.
"""

from collections.abc import Iterable

from django.db import transaction

from deployments.aws.errors import AwsError
from deployments.aws.protocol import Gateway
from deployments.catalog.freezing import columns_of
from deployments.catalog.models import Environment
from deployments.frozen import EnvironmentSettings
from deployments.vocabulary import ComputePlatform, Controller


def seen(environment: Environment, settings: EnvironmentSettings) -> tuple[str, ...]:
    """Names, of the deployment group that `settings` name; () where nobody has looked at that one."""
    return tuple((environment.auto_scaling_groups or {}).get(_group(settings), ()))


def found(environment: Environment, names: Iterable[str]) -> None:
    """By discovery; the row is not saved yet."""
    if group := _group(columns_of(environment)):
        environment.auto_scaling_groups = {group: list(names)}


def look(environment: Environment, settings: EnvironmentSettings, gateway: Gateway) -> None:
    """Note them in its row. Where AWS does not say, what was seen stays."""
    group = _group(settings)
    if not group:
        return
    try:
        read = gateway.deployment_group(settings.codedeploy_application, settings.codedeploy_group)
    except AwsError:
        return
    if read.auto_scaling_groups != seen(environment, settings):
        _note(environment, group, read.auto_scaling_groups)


def _note(environment: Environment, group: str, names: Iterable[str]) -> None:
    """Two may look at once, or at what it was before somebody changed its group: what others noted stays."""
    with transaction.atomic():
        row = Environment.objects.select_for_update(of=("self",)).get(pk=environment.pk)
        environment.auto_scaling_groups = {**(row.auto_scaling_groups or {}), group: list(names)}
        Environment.objects.filter(pk=environment.pk).update(auto_scaling_groups=environment.auto_scaling_groups)


def _group(settings: EnvironmentSettings) -> str:
    """ "" of what is not on servers."""
    on_servers = settings.compute_platform == ComputePlatform.SERVER and settings.controller == Controller.CODE_DEPLOY
    named = settings.codedeploy_application, settings.codedeploy_group
    return "/".join(named) if on_servers and all(named) else ""
