"""Reading an account to choose from: names of everything, and more only of what one page shows.

However many services there are, one look asks one ListServices for a hundred of them and, for a page of twenty, two
DescribeServices, one DescribeTaskDefinition for each and the rules of at most ten load balancers; so many at a time
that an account of five hundred services is shown within seconds, in the request that asks.
"""

from collections.abc import Callable, Collection, Iterable, Mapping
from concurrent.futures import ThreadPoolExecutor
from dataclasses import replace
from typing import TypeVar

from deployments.aws import errors
from deployments.aws.codedeploy_values import DeploymentGroup
from deployments.aws.protocol import Discovery
from deployments.aws.sessions import connect
from deployments.aws.values import Binding, Service
from deployments.catalog import holding
from deployments.catalog.choosing import fitting, troubles
from deployments.catalog.choosing.fitting import Routes
from deployments.catalog.choosing.values import Around, Fit, Thing
from deployments.frozen import EnvironmentSettings
from deployments.refused import Refused
from deployments.vocabulary import Controller
from deployments.words import counted, joined, tasks_run

A_PAGE = 20
SIDE_BY_SIDE = 8
MOST_CLUSTERS = 100
MOST_APPLICATIONS = 100
MOST_BALANCERS = 10

_Given = TypeVar("_Given")
_Found = TypeVar("_Found")
_Key = tuple[str, str, str]


def look_around(*, binding: Binding, cluster: str = "", query: str = "", page: int = 1) -> Around:
    """What there is, a page of it. Only reads. Raises Refused where nothing can be read at all."""
    try:
        return _Look(binding, connect(binding)).around(cluster, query, page)
    except errors.AwsError as error:
        raise Refused(troubles.sentence(error, binding)) from error


class _Look:
    def __init__(self, binding: Binding, gateway: Discovery) -> None:
        self.binding, self.gateway = binding, gateway
        self.troubles: list[str] = []
        self.groups: dict[_Key, DeploymentGroup] = {}

    def around(self, cluster: str, query: str, page: int) -> Around:
        clusters = self._clusters(cluster)
        keys = [*self._services([cluster] if cluster else clusters), *([] if cluster else self._groups())]
        words = query.lower().split()
        found = [key for key in keys if all(word in "/".join(key).lower() for word in words)]
        pages = max(1, -(-len(found) // A_PAGE))
        page = min(max(1, page), pages)
        shown = found[(page - 1) * A_PAGE : page * A_PAGE]
        return Around(
            things=self._things(shown), found=len(found), total=len(keys), page=page, pages=pages, clusters=clusters,
            troubles=tuple(self.troubles),
        )  # fmt: skip

    def _clusters(self, given: str) -> tuple[str, ...]:
        """Those that environments name, where the account's may not be listed."""
        try:
            return self.gateway.clusters()
        except errors.Denied as error:
            if error.operation == "AssumeRole" or troubles.is_of_region(error):
                raise
            self._told(error)
        known = {each.cluster for each in holding.beside(self.binding.region) if self._is_here(each)} - {""}
        return tuple(sorted(known | ({given} if given else set())))

    def _is_here(self, settings: EnvironmentSettings) -> bool:
        return settings.role_arn == self.binding.role_arn

    def _services(self, clusters: Collection[str]) -> list[_Key]:
        looked_at = list(clusters)[:MOST_CLUSTERS]
        if len(clusters) > MOST_CLUSTERS:
            self.troubles.append(
                f"There are {len(clusters)} clusters; the first {MOST_CLUSTERS} are shown. Choose one to see others."
            )
        names = self._each(self.gateway.service_names, looked_at)
        return [("service", cluster, name) for cluster in looked_at for name in names.get(cluster, ())]

    def _groups(self) -> list[_Key]:
        """CodeDeploy may be none of theirs, or out of reach of a private network: that hides nothing else."""
        try:
            applications = self.gateway.codedeploy_applications()
        except troubles.OF_ONE as error:
            self._told(error)
            return []
        if len(applications) > MOST_APPLICATIONS:
            self.troubles.append(
                f"CodeDeploy has {len(applications)} applications; groups of the first {MOST_APPLICATIONS} are shown. "
                "Name others by hand."
            )
        found = self._each(self.gateway.deployment_groups, applications[:MOST_APPLICATIONS])
        self.groups = {("group", app, group.name): group for app, groups in found.items() for group in groups}
        return sorted(self.groups)

    def _things(self, keys: Iterable[_Key]) -> tuple[Thing, ...]:
        keys = list(keys)
        services = self._described([key for key in keys if key[0] == "service"])
        routes = self._routes(services.values())
        images = self._images(services.values())
        things = [self._thing(key, services, routes, images) for key in keys]
        held = holding.of_places([self._place(key) for key in keys])
        return tuple(self._held(thing, key, each) for thing, key, each in zip(things, keys, held, strict=True))

    def _described(self, keys: Collection[_Key]) -> dict[_Key, Service]:
        by_cluster: dict[str, list[str]] = {}
        for _, cluster, name in keys:
            by_cluster.setdefault(cluster, []).append(name)
        found = self._each(lambda cluster: self.gateway.services(cluster, by_cluster[cluster]), by_cluster)
        return {
            ("service", cluster, name): each for cluster, services in found.items() for name, each in services.items()
        }

    def _routes(self, services: Iterable[Service]) -> Routes:
        """By target group, those of its load balancers; without the groups whose rules could not be read."""
        groups = list(dict.fromkeys(arn for service in services for arn in service.target_groups))
        behind = self._behind(groups) if groups else {}
        balancers = dict.fromkeys(arn for arns in behind.values() for arn in arns if "/app/" in arn)
        found = self._each(self.gateway.routes, list(balancers)[:MOST_BALANCERS])
        return {
            group: tuple(route for arn in arns if arn in found for route in found[arn])
            for group, arns in behind.items()
            if all(arn in found for arn in arns if "/app/" in arn)
        }

    def _behind(self, groups: Collection[str]) -> Mapping[str, tuple[str, ...]]:
        """By target group, its load balancers."""
        try:
            return self.gateway.load_balancers_of(groups)
        except errors.NotFound:  # one was deleted in between, and hides the others
            alone = self._each(lambda group: self.gateway.load_balancers_of([group]), groups)
            return {group: arns for each in alone.values() for group, arns in each.items()}
        except troubles.OF_ONE as error:
            self._told(error)
            return {}

    def _images(self, services: Iterable[Service]) -> dict[str, str]:
        """By task definition: what its containers run, without the registry."""
        arns = {service.task_definition for service in services} - {""}
        found = self._each(self.gateway.task_definition, sorted(arns))
        return {
            arn: joined([_short(str(each["image"])) for each in one.document["containerDefinitions"]])
            for arn, one in found.items()
        }

    def _thing(self, key: _Key, services: Mapping[_Key, Service], routes: Routes, images: Mapping[str, str]) -> Thing:
        kind, place, name = key
        called = f"{kind}:{place}/{name}"
        if kind == "group":
            group = self.groups[key]
            return Thing(
                key=called, name=name, application=place, runs=_installs(group),
                behind=_behind_group(group), fit=fitting.of_group(group),
            )  # fmt: skip
        service = services.get(key)
        if service is None or service.status != "ACTIVE":
            gone = Fit(controller="", why="It is not active, or could not be read.")
            return Thing(key=called, name=name, cluster=place, fit=gone)
        tasks = tasks_run(service.running, service.desired)
        image = images.get(service.task_definition, "")
        return Thing(
            key=called, name=name, cluster=place, runs=f"{image}, {tasks}" if image else tasks,
            behind=_behind(service, routes), fit=fitting.of_service(service, routes),
        )  # fmt: skip

    def _place(self, key: _Key) -> holding.Place:
        kind, place, name = key
        bare = EnvironmentSettings(
            label=name, controller=Controller.ROLLING, region=self.binding.region, role_arn=self.binding.role_arn
        )
        if kind == "group":
            settings = replace(bare, codedeploy_application=place, codedeploy_group=name)
            return holding.Place(settings, self.groups[key].auto_scaling_groups)
        return holding.Place(replace(bare, cluster=place, service_name=name))

    def _held(self, thing: Thing, key: _Key, conflicts: tuple[holding.Conflict, ...]) -> Thing:
        sentence = conflicts[0].seen if conflicts else self._shares_servers(key)
        return replace(thing, held=sentence) if sentence else thing

    def _shares_servers(self, key: _Key) -> str:
        """Of a group whose Auto Scaling group is also in one that another environment holds, which nobody looked at."""
        mine = set(self.groups[key].auto_scaling_groups) if key in self.groups else set()
        beside = [each for each, group in self.groups.items() if each != key and mine & set(group.auto_scaling_groups)]
        for each, conflicts in zip(beside, holding.of_places([self._place(one) for one in beside]), strict=True):
            if conflicts:
                shared = joined(sorted(mine & set(self.groups[each].auto_scaling_groups)))
                return f"{conflicts[0].other} is deployed to the same Auto Scaling group {shared}."
        return ""

    def _told(self, error: errors.AwsError) -> None:
        if (said := troubles.sentence(error, self.binding)) not in self.troubles:
            self.troubles.append(said)

    def _each(self, read: Callable[[_Given], _Found], things: Collection[_Given]) -> dict[_Given, _Found]:
        """Some at a time. What is refused or not answered is told once and left out; other errors end the look."""

        def one(thing: _Given) -> _Found | errors.AwsError:
            try:
                return read(thing)
            except (*troubles.OF_ONE, errors.NotFound) as error:
                return error

        with ThreadPoolExecutor(max_workers=SIDE_BY_SIDE) as pool:
            answers = dict(zip(things, pool.map(one, things), strict=True))
        for error in answers.values():
            if isinstance(error, troubles.OF_ONE):
                self._told(error)
                break
        return {thing: each for thing, each in answers.items() if not isinstance(each, errors.AwsError)}


def _behind(service: Service, routes: Routes) -> str:
    if not service.target_groups:
        return "no target group"
    ports = sorted({route.port for group in service.target_groups for route in fitting.to(group, routes)})
    groups = joined([fitting.name_of(arn) for arn in service.target_groups])
    where = f", on port {joined([str(port) for port in ports])}" if ports else ""
    return f"target group {groups}{where}"


def _short(image: str) -> str:
    """Without the registry, and of a digest what people compare: shop:1.4.2, shop@sha256:0123456789ab."""
    name, at, digest = image.rsplit("/", 1)[-1].partition("@sha256:")
    return f"{name}{at}{digest[:12]}"


def _installs(group: DeploymentGroup) -> str:
    if group.services:
        return f"ECS service {joined([name.rsplit('/', 1)[-1] for _, name in group.services])}"
    servers = [f"Auto Scaling group {name}" for name in group.auto_scaling_groups]
    tags = [counted(group.tag_filters, "tag filter")] if group.tag_filters else []
    return joined([*servers, *tags]) or "no instances"


def _behind_group(group: DeploymentGroup) -> str:
    return f"target group {joined(list(group.target_groups))}" if group.target_groups else "no target group"
