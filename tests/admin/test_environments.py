import re
from typing import Any

import pytest
from django.contrib.auth.models import Group, User
from django.db.models.signals import pre_save
from django.urls import reverse

from deployments import swaps
from deployments.admin.environment_fields import fieldsets, uses
from deployments.aws.values import Image
from deployments.catalog import releases
from deployments.catalog.freezing import freeze
from deployments.catalog.models import Application, Environment, GatePolicy
from deployments.delivery import adoption
from deployments.record.models import Event
from deployments.vocabulary import Controller, Stage, Strategy
from tests.admin.conftest import Browser
from tests.delivery.engine.world import World, make_environment
from tests.fakes.aws import SHOP
from tests.fakes.pipeline import ACTION

#: what two environments never share
ALONE: dict[str, Any] = dict.fromkeys(
    ("blue_service", "green_service", "blue_target_group", "green_target_group", "production_rule", "test_rule"), ""
)


def address(name: str, world: World) -> str:
    return reverse(f"admin:deployments_environment_{name}", args=[world.environment.pk])


def form_data(page: Any) -> dict[str, Any]:
    """What a browser would send back unchanged."""
    forms = [page.context["adminform"].form]
    for inline in page.context["inline_admin_formsets"]:
        forms += [inline.formset.management_form, *inline.formset.forms]
    data: dict[str, Any] = {}
    for form in forms:
        for field in form:
            value = field.value()
            if value is not None and value is not False:
                data[field.html_name] = value
    return data


def test_check_environment_shows_what_preflight_saw(aws: World, browse: Browser, outsider: User) -> None:
    text = browse(outsider).get(address("check", aws)).content.decode()

    assert "Ready to deploy" in text


def test_check_environment_says_each_fix(aws: World, browse: Browser, outsider: User) -> None:
    aws.aws.alarm("shop-5xx", "ALARM", "too many")

    text = browse(outsider).get(address("check", aws)).content.decode()

    assert "Not ready" in text
    assert "tg-report-fix" in text


def test_locking_needs_a_message(world: World, browse: Browser) -> None:
    text = browse(world.requester).post(address("lock", world), {"message": " "}, follow=True).content.decode()

    assert "Say why you lock it" in text
    assert not Environment.objects.get().is_locked


def test_codedeploy_may_go_on_unasked_only_with_a_reason_that_the_page_shows(world: World, browse: Browser) -> None:
    client = browse(User.objects.create_superuser("root"))
    Environment.objects.update(controller=Controller.CODE_DEPLOY)
    refused = client.post(address("unattended", world), {"reason": " "}, follow=True).content.decode()
    assert "Say why nobody has to approve" in refused

    page = client.post(address("unattended", world), {"reason": "Staging"}, follow=True).content.decode()
    assert "root said at" in page
    assert "that nobody has to approve: Staging." in page

    page = client.post(address("unattended", world), {"ask": "1"}, follow=True).content.decode()
    assert "Go on unasked" in page
    assert Environment.objects.get().unattended_sentence == ""


def test_lock_and_unlock_are_recorded(world: World, browse: Browser) -> None:
    client = browse(world.requester)
    client.post(address("lock", world), {"message": "Freeze"})
    assert Environment.objects.get().lock_message == "Freeze"

    client.post(address("lock", world), {"unlock": "1"})

    assert not Environment.objects.get().is_locked
    assert [event.kind for event in Event.objects.all()] == ["environment.locked", "environment.unlocked"]


def test_links_to_the_lock_lead_to_what_can_be_done_with_it(world: World, browse: Browser, outsider: User) -> None:
    client = browse(world.requester)
    assert 'id="lock"' in client.get(address("change", world)).content.decode()
    assert 'id="lock"' in browse(outsider).get(address("change", world)).content.decode()

    client = browse(world.requester)
    client.post(address("lock", world), {"message": "Freeze"})

    page = client.get(address("change", world)).content.decode()
    assert re.search(r'<form method="post" id="lock".+?name="unlock"', page)


def test_who_locks_says_whether_an_agent_may_open_it(world: World, browse: Browser) -> None:
    client = browse(world.requester)
    client.post(address("lock", world), {"message": "Freeze"})
    assert not Environment.objects.get().opens_to_agents
    client.post(address("lock", world), {"unlock": "1"})
    client.post(address("lock", world), {"message": "Freeze", "agents": "1"})

    assert Environment.objects.get().opens_to_agents
    assert "An agent may open it." in client.get(address("change", world)).content.decode()


def test_a_viewer_can_neither_lock_nor_change(world: World, browse: Browser, outsider: User) -> None:
    client = browse(outsider)

    text = client.post(address("lock", world), {"message": "Mine"}, follow=True).content.decode()
    assert "You do not have the right to lock or unlock environments" in text
    assert client.post(address("change", world), {"name": "hacked"}).status_code == 403
    assert not Environment.objects.get().is_locked


def test_an_administrator_changes_it_and_the_history_says_who(
    world: World, browse: Browser, administrator: User
) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))

    answer = client.post(address("change", world), data | {"canary_percent": "20"})

    assert answer.status_code == 302, answer.context["errors"]
    assert Environment.objects.get().canary_percent == 20
    assert world.environment.history.first().history_user == administrator
    assert "administrator" in client.get(address("history", world)).content.decode()


@pytest.mark.usefixtures("only_tealgates_roles")
def test_a_role_that_tealgate_may_not_assume_is_refused_at_its_field(
    world: World, browse: Browser, administrator: User
) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))
    role = "arn:aws:iam::123456789012:role/administrator"

    answer = client.post(address("change", world), data | {"role_arn": role})
    looked = client.post("/deployments/environment/discover/", {"role_arn": role, "region": "us-east-1"})

    assert "AWS_ROLE_ARNS allows arn:*:iam::*:role/tealgate-*" in str(
        answer.context["adminform"].form.errors["role_arn"]
    )
    assert "AWS_ROLE_ARNS allows" in str(looked.context["form"].errors["role_arn"])


def test_what_another_environment_holds_is_refused_at_its_field(
    world: World, browse: Browser, administrator: User
) -> None:
    other = make_environment(application=world.environment.application, name="staging", **ALONE)
    client, at = browse(administrator), reverse("admin:deployments_environment_change", args=[other.pk])
    data = form_data(client.get(at))

    answer = client.post(at, data | {"service": "shop-green", "test_rule": SHOP.test_rule, "controller": "ROLLING"})

    errors = answer.context["adminform"].form.errors
    assert list(errors) == ["service", "test_rule"]
    assert "shop/production is deployed to the same service shop-green of cluster shop. Retire" in str(errors)
    assert client.post(at, data | {"service": "shop-red", "controller": "ROLLING"}).status_code == 302


def test_durations_are_typed_and_shown_as_people_write_them(world: World, browse: Browser, administrator: User) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))
    assert (data["bake_seconds"], data["gate_policies-0-timeout_minutes"]) == ("1 min", "1 h")

    typed = {"bake_seconds": "1 h 30 min", "gate_policies-0-timeout_minutes": "90", "ladder": "1:5 min, 25: PT10M, 100"}
    answer = client.post(address("change", world), data | typed)

    assert answer.status_code == 302, answer.context["errors"]
    after = Environment.objects.get()
    assert (after.bake_seconds, after.gate_policies.get().timeout_minutes) == (5400, 90)
    assert after.ladder == "1:300, 25:600, 100"
    refused = client.post(address("change", world), data | {"bake_seconds": "soon", "canary_bake_seconds": "15 d"})
    errors = refused.context["adminform"].form.errors
    assert errors["bake_seconds"] == ["“soon” is no duration. Write it as 10 min, 1 h 30 min or 45 s."]
    assert errors["canary_bake_seconds"] == ["At most 14 d."]


def test_who_decides_is_ticked_so_nothing_is_lost_without_scripts(
    world: World, browse: Browser, administrator: User
) -> None:
    groups = [Group.objects.create(name=name) for name in ("QA", "Leads")]
    world.environment.gate_policies.get().groups.set(groups)
    client = browse(administrator)
    page = client.get(address("change", world))

    text = page.content.decode()
    assert "SelectFilter2.js" not in text
    assert text.count('name="gate_policies-0-groups"') == Group.objects.count()
    assert client.post(address("change", world), form_data(page)).status_code == 302
    assert set(world.environment.gate_policies.get().groups.all()) == set(groups)


def test_the_page_knows_what_each_controller_and_strategy_goes_by(world: World, browse: Browser,
                                                                 administrator: User) -> None:  # fmt: skip
    client = browse(administrator)
    for page in (address("change", world), "/deployments/environment/add/?by_hand=1"):
        assert 'id="field-uses"' in client.get(page).content.decode()
    known = {field.name for field in Environment._meta.get_fields()}
    used = uses()

    assert {*used["controllers"], *used["strategies"]} <= known
    assert used["controllers"]["blue_service"] == ["SERVICE_PAIR"]
    assert used["offered"]["ROLLING"] == ["ROLLING"] and "HalfAtATime" in used["offered"]["CODE_DEPLOY"]


def test_a_new_one_begins_with_the_account_and_keeps_the_application(
    world: World, browse: Browser, administrator: User
) -> None:
    answer = browse(administrator).get(f"/deployments/environment/add/?application={world.environment.application_id}")

    assert answer["Location"] == f"/deployments/environment/discover/?application={world.environment.application_id}"


def test_without_scripts_another_account_can_be_given_too(world: World, browse: Browser, administrator: User) -> None:
    page = browse(administrator).get("/deployments/environment/discover/").content.decode()

    assert "<div data-another data-off>" in page
    without = page.partition("<noscript>")[2].partition("</noscript>")[0]
    assert "[data-another] { display: block !important; }" in without


def test_an_application_once_saved_leads_to_its_first_environment(
    world: World, browse: Browser, administrator: User
) -> None:
    said = {"name": "Blog", "slug": "blog", "links-TOTAL_FORMS": "0", "links-INITIAL_FORMS": "0"}

    answer = browse(administrator).post("/deployments/application/add/", said)

    assert answer["Location"] == f"/deployments/environment/add/?application={Application.objects.get(slug='blog').pk}"


def test_a_ladder_that_does_not_climb_is_refused_at_its_field(
    world: World, browse: Browser, administrator: User
) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))

    answer = client.post(address("change", world), data | {"ladder": "50, 10, 100"})

    assert "has to climb" in str(answer.context["adminform"].form.errors["ladder"])


def test_a_command_with_a_lost_quote_is_refused_at_its_field(
    world: World, browse: Browser, administrator: User
) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))
    data |= {
        "one_off_tasks-TOTAL_FORMS": "1", "one_off_tasks-0-name": "migrate", "one_off_tasks-0-position": "0",
        "one_off_tasks-0-command": "sh -c 'oops", "one_off_tasks-0-timeout_seconds": "60",
    }  # fmt: skip

    answer = client.post(address("change", world), data)

    assert "check the quotes" in answer.content.decode()


@pytest.mark.parametrize(
    ("typed", "told"),
    [
        ("cron:5", "is no family of task definitions without its revision"),
        ("cron\ncron", "The family cron is named twice."),
        ("cron: job=web, proxy", "gives no container an image"),
        ("cron: job=web, job=api", "The container job is named twice."),
        ("arn:aws:ecs:us-east-1:1:task-definition/cron", "is no family of task definitions"),
    ],
)
def test_families_that_are_none_are_refused_at_their_field(
    world: World, browse: Browser, administrator: User, typed: str, told: str
) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))

    answer = client.post(address("change", world), data | {"scheduled_families": typed})

    assert told in str(answer.context["adminform"].form.errors["scheduled_families"])


def test_scheduled_families_stand_in_the_plan(world: World, browse: Browser, administrator: User) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))

    saved = client.post(address("change", world), data | {"scheduled_families": "cron\nreports: job=web, proxy=nginx"})

    assert saved.status_code == 302, saved.context["errors"]
    world.environment.refresh_from_db()
    frozen = freeze(world.environment)
    assert [(each.family, dict(each.images)) for each in frozen.scheduled] == [
        ("cron", {}), ("reports", {"job": "web", "proxy": "nginx"}),
    ]  # fmt: skip
    plan = swaps.get(frozen.controller).plan(frozen, Strategy.BLUE_GREEN)
    (step,) = (step for step in plan.steps if step.stage == Stage.SCHEDULED_TASKS)
    assert "start cron and reports get the release's images" in step.summary


def test_servers_take_no_scheduled_families(world: World, browse: Browser, administrator: User) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))
    changes = {"controller": "CODE_DEPLOY", "compute_platform": "Server", "scheduled_families": "cron"}

    answer = client.post(address("change", world), data | changes)

    assert "Servers run no ECS tasks" in str(answer.context["adminform"].form.errors["scheduled_families"])


def test_who_saves_a_gate_that_nobody_can_open_is_told_at_once(
    world: World, browse: Browser, administrator: User
) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))

    fine = client.post(address("change", world), data, follow=True).content.decode()
    told = client.post(address("change", world), data | {"gate_policies-0-approvals": "2"}, follow=True)

    assert "may give one" not in fine
    assert "needs 2 approvals, but only approver may give one. Let an administrator" in told.content.decode()
    assert world.environment.gate_policies.get().approvals == 2


def test_an_environment_with_deployments_cannot_be_deleted(world: World, browse: Browser, administrator: User) -> None:
    world.request()

    assert browse(administrator).post(address("delete", world), {"post": "yes"}).status_code == 403


@pytest.mark.parametrize(
    ("lines", "words"),
    [
        ("not an ARN", "The ARN of an Application Load Balancer"),
        (SHOP.production_rule, "is named already"),
        (f"{SHOP.production_rule}-api\n{SHOP.test_rule}", "is named already"),
        (f"{SHOP.production_rule}-api\n{SHOP.production_rule}-api", "is named already"),
    ],
)
def test_a_further_production_rule_is_named_once(
    world: World, browse: Browser, administrator: User, lines: str, words: str
) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))

    answer = client.post(address("change", world), data | {"more_production_rules": lines})

    assert words in str(answer.context["adminform"].form.errors["more_production_rules"])


def test_further_production_rules_are_kept_and_frozen(world: World, browse: Browser, administrator: User) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))
    further = (f"{SHOP.production_rule}-api", f"{SHOP.production_rule}-old")

    client.post(address("change", world), data | {"more_production_rules": "\r\n".join(further)})

    world.environment.refresh_from_db()
    assert freeze(world.environment).more_production_rules == further


def test_what_the_controller_needs_is_asked_for_at_its_field(
    world: World, browse: Browser, administrator: User
) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))

    answer = client.post(address("change", world), data | {"production_rule": ""})

    assert "This controller needs it." in str(answer.context["adminform"].form.errors["production_rule"])


def test_what_runs_there_can_be_found(
    world: World, browse: Browser, administrator: User, monkeypatch: pytest.MonkeyPatch
) -> None:
    digest, repository = "sha256:" + "2" * 64, "123456789012.dkr.ecr.eu-central-1.amazonaws.com/shop"
    containers = world.aws.task_definitions[SHOP.task_definition()].document["containerDefinitions"]
    containers[0]["image"] = f"{repository}@{digest}"
    world.aws.images[repository, digest] = Image(repository=repository, tag="", digest=digest, platforms=())
    for module in (adoption, releases):
        monkeypatch.setattr(module, "connect", lambda binding: world.aws)

    text = browse(administrator).post(address("adopt", world), follow=True).content.decode()

    assert "the release that runs there is noted as live" in text
    assert Environment.objects.get().live_release == world.release


def test_only_administrators_look_for_what_runs(world: World, browse: Browser, outsider: User) -> None:
    assert browse(outsider).post(address("adopt", world)).status_code == 403


def test_what_the_controller_does_not_need_is_folded(world: World) -> None:
    def folded(environment: Environment | None) -> list[str | None]:
        return [
            name for name, options in fieldsets(environment, may_save=True) if "collapse" in options.get("classes", ())
        ]

    servers = Environment(controller="CODE_DEPLOY", compute_platform="Server", codedeploy_application="reports")

    waiting = Environment(controller="ROLLING", approval_action=ACTION)

    assert folded(world.environment) == ["CodeDeploy", "A pipeline that waits"]
    assert folded(servers) == ["Blue and green", "A pipeline that waits"]
    assert folded(waiting) == ["Blue and green", "CodeDeploy"]
    assert folded(None) == ["Replacing tasks", "CodeDeploy", "A pipeline that waits"]


def test_percentages_are_shown_where_ecs_replaces_tasks_and_refused_elsewhere(
    world: World, browse: Browser, administrator: User
) -> None:
    def groups(environment: Environment) -> list[str | None]:
        return [name for name, _ in fieldsets(environment, may_save=True)]

    assert "Replacing tasks" not in groups(world.environment)
    assert "Replacing tasks" in groups(Environment(controller="ROLLING"))
    assert "Replacing tasks" in groups(Environment(controller="ECS", maximum_percent=100))
    assert refused(world, browse(administrator), minimum_healthy_percent="50") == {
        "minimum_healthy_percent": ["Only ECS's rolling deployments go by it; leave it empty."]
    }


@pytest.mark.parametrize(
    ("given", "field", "fragment"),
    [
        ({"minimum_healthy_percent": "100", "maximum_percent": "100"}, "__all__", "neither start a task nor stop one"),
        ({"minimum_healthy_percent": "101"}, "minimum_healthy_percent", "less than or equal to 100"),
        ({"maximum_percent": "99"}, "maximum_percent", "greater than or equal to 100"),
        ({"maximum_percent": "201"}, "maximum_percent", "less than or equal to 200"),
        ({"stop_timeout_seconds": "1"}, "stop_timeout_seconds", "At least 2 s."),
    ],
)
def test_what_aws_would_never_take_of_replacing_tasks_is_refused_in_the_form(
    world: World, browse: Browser, administrator: User, given: dict[str, str], field: str, fragment: str
) -> None:
    Environment.objects.update(controller="ROLLING", maximum_percent=150)

    said = refused(world, browse(administrator), controller="ROLLING", service="api", **given)

    assert fragment in said[field][0]
    assert Environment.objects.get().maximum_percent == 150


def refused(world: World, client: Any, **given: str) -> dict[str, list[str]]:
    """What is said of the environment's form when it is sent with this."""
    Environment.objects.filter(minimum_healthy_percent=None).update(minimum_healthy_percent=10)
    data = form_data(client.get(address("change", world)))
    answer = client.post(address("change", world), data | given)
    errors: dict[str, list[str]] = answer.context["adminform"].form.errors
    return errors


def test_wherever_a_controller_can_stop_a_gate_can_be_set_up() -> None:
    stages = {stage for name in Controller for stage in swaps.get(name).gate_stages}

    assert stages == set(GatePolicy.STAGES)


def test_saving_the_form_leaves_alone_what_happened_meanwhile(
    world: World, browse: Browser, administrator: User
) -> None:
    """A deployment ends, and somebody locks, between reading the row and writing it."""
    client = browse(administrator)
    data = {**form_data(client.get(address("change", world))), "bake_seconds": 7}

    def meanwhile(sender: Any, **_: Any) -> None:
        Environment.objects.update(live_release=world.release, lock_message="Freeze", locked_at=world.clock())

    pre_save.connect(meanwhile, sender=Environment)
    try:
        answer = client.post(address("change", world), data)
    finally:
        pre_save.disconnect(meanwhile, sender=Environment)

    environment = Environment.objects.get()
    assert answer.status_code == 302
    assert (environment.bake_seconds, environment.live_release) == (7, world.release)
    assert environment.is_locked
    assert environment.history.first().history_user == administrator


def test_where_task_definitions_come_from_is_kept_and_frozen(
    world: World, browse: Browser, administrator: User
) -> None:
    client = browse(administrator)
    data = form_data(client.get(address("change", world)))
    role = "arn:aws:iam::123456789012:role/shop"

    refused = client.post(address("change", world), data | {"task_roles": "shop"})
    client.post(address("change", world), data | {"definition_base": "RELEASE", "task_roles": role})

    assert "The ARN of an IAM role." in str(refused.context["adminform"].form.errors["task_roles"])
    world.environment.refresh_from_db()
    frozen = freeze(world.environment)
    assert (frozen.definition_base, frozen.task_roles) == ("RELEASE", (role,))
    assert type(frozen).from_json(frozen.as_json()) == frozen
