"""Users and groups. A role is a group; a group can also name who may deploy or approve at one environment."""

from typing import Any

from django.contrib import admin
from django.contrib.auth.admin import GroupAdmin as BaseGroupAdmin
from django.contrib.auth.admin import UserAdmin as BaseUserAdmin
from django.contrib.auth.models import Group, User
from django.db import transaction
from django.db.models import QuerySet
from django.http import Http404, HttpRequest, HttpResponse
from django.utils.safestring import SafeString
from unfold.admin import ModelAdmin
from unfold.forms import AdminPasswordChangeForm, UserChangeForm, UserCreationForm

from deployments import clock
from deployments.admin.base import OfferedLookups, allowed, number
from deployments.admin.plain_fields import PlainFields
from deployments.admin.rights_field import TeamForm
from deployments.catalog import accounts
from deployments.catalog.models import Environment, GatePolicy
from deployments.delivery.models import Deployment, Gate
from deployments.languages.told import told
from deployments.people.principal import Principal
from deployments.telling.chat import binding
from deployments.templatetags.tealgate import when

admin.site.unregister(User)
admin.site.unregister(Group)


@admin.register(User)
class PersonAdmin(PlainFields, OfferedLookups, BaseUserAdmin, ModelAdmin):  # type: ignore[type-arg]
    form = UserChangeForm
    add_form = UserCreationForm
    change_password_form = AdminPasswordChangeForm
    list_display = ("username", "full_name", "email", "roles", "is_active", "last_seen")
    list_filter = ("groups", "is_active", "is_superuser")
    search_fields = ("username", "first_name", "last_name", "email", "groups__name")
    search_help_text = "Search username, name, e-mail or group"
    list_fullwidth = True
    fieldsets = (
        (None, {"fields": ("username", "password")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
        (
            "Rights",
            {
                "fields": ("groups", "is_active", "is_superuser"),
                "description": "Viewers see everything; release managers deploy, stop and roll back; approvers decide "
                "at gates; administrators change environments and people.",
            },
        ),
        ("Dates", {"fields": ("last_seen", "joined")}),
    )
    add_fieldsets = (
        (None, {"fields": ("username", "password1", "password2", "groups")}),
        ("Person", {"fields": ("first_name", "last_name", "email")}),
    )
    readonly_fields = ("last_seen", "joined")

    def get_queryset(self, request: HttpRequest) -> QuerySet[User]:
        found: QuerySet[User] = super().get_queryset(request)
        return found.prefetch_related("groups")

    @admin.display(description="Name")
    def full_name(self, person: User) -> str:
        return person.get_full_name() or "–"

    @admin.display(description="Roles and groups")
    def roles(self, person: User) -> str:
        names = [told(group.name) for group in person.groups.all()]
        return ", ".join([told("Superuser"), *names] if person.is_superuser else names) or told("none yet")

    @admin.display(description="Last signed in", ordering="last_login")
    def last_seen(self, person: User) -> SafeString | str:
        return when(person.last_login, told("Never"))

    @admin.display(description="Added")
    def joined(self, person: User) -> SafeString | str:
        return when(person.date_joined)

    def save_model(self, request: HttpRequest, obj: User, form: Any, change: bool) -> None:
        # Every page is behind the admin's door; what somebody may do behind it is a matter of groups.
        obj.is_staff = True
        form.before = accounts.values_of(User.objects.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        said: dict[str, Any] = {
            "person": form.instance,
            "principal": Principal.person(request.user),
            "now": clock.now(),
        }
        if change:
            allowed(lambda: accounts.changed(before=form.before, **said))
            if not form.instance.is_active:
                binding.unbind_all(**said)
        else:
            accounts.added(**said)

    def user_change_password(self, request: HttpRequest, id: str, form_url: str = "") -> HttpResponse:
        """The theme's page, and an event when it set one."""
        with transaction.atomic():
            before = User.objects.filter(pk=number(id)).first()
            if before is None:
                raise Http404("There is no such person.")
            answer: HttpResponse = super().user_change_password(request, id, form_url)
            after = User.objects.get(pk=before.pk)
            if after.password != before.password:
                accounts.password_set(person=after, principal=Principal.person(request.user), now=clock.now())
        return answer

    def get_readonly_fields(self, request: HttpRequest, obj: User | None = None) -> tuple[str, ...]:
        """Only a superuser makes another one; administrators hand out groups, but to nobody's own account."""
        fields = tuple(super().get_readonly_fields(request, obj))
        if obj is not None and obj.pk == request.user.pk:
            return (*fields, "groups", "is_active", "is_superuser")
        return fields if request.user.is_superuser else (*fields, "is_superuser")

    def has_change_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        if obj is not None and obj.is_superuser and not request.user.is_superuser:
            return False
        return super().has_change_permission(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: User | None = None) -> bool:
        """People stay in the record; somebody who leaves is made inactive."""
        return False


@admin.register(Group)
class TeamAdmin(OfferedLookups, BaseGroupAdmin, ModelAdmin):
    form = TeamForm
    filter_horizontal = ()
    list_display = ("called",)
    list_fullwidth = True
    actions = None  # groups are deleted one by one, each looked at

    @admin.display(description="Name", ordering="name")
    def called(self, group: Group) -> str:
        return told(group)

    def get_readonly_fields(self, request: HttpRequest, obj: Group | None = None) -> tuple[str, ...]:
        """Nobody gives rights to a group that they are in."""
        fields = tuple(super().get_readonly_fields(request, obj))
        mine = (
            obj is not None and not request.user.is_superuser and Principal.person(request.user).belongs_to([obj.name])
        )
        return (*fields, "name", "permissions") if mine else fields

    def save_model(self, request: HttpRequest, obj: Group, form: Any, change: bool) -> None:
        form.before = accounts.group_values(Group.objects.get(pk=obj.pk)) if change else None
        super().save_model(request, obj, form, change)

    def save_related(self, request: HttpRequest, form: Any, formsets: Any, change: bool) -> None:
        super().save_related(request, form, formsets, change)
        said: dict[str, Any] = {
            "group": form.instance,
            "principal": Principal.person(request.user),
            "now": clock.now(),
        }
        if change:
            allowed(lambda: accounts.group_changed(before=form.before, **said))
        else:
            accounts.group_added(**said)

    def delete_model(self, request: HttpRequest, obj: Group) -> None:
        accounts.group_deleted(group=obj, principal=Principal.person(request.user), now=clock.now())
        super().delete_model(request, obj)

    def has_delete_permission(self, request: HttpRequest, obj: Group | None = None) -> bool:
        """Not while anything names it: a gate or an environment that has lost its groups is open to everyone."""
        if obj is not None and is_named(obj):
            return False
        allowed: bool = super().has_delete_permission(request, obj)
        return allowed


def is_named(group: Group) -> bool:
    """Whether a gate policy, an open gate, an environment or the plan of a running deployment names this group."""
    gates = (gate for plan in Deployment.objects.unfinished().values_list("plan", flat=True) for gate in _gates(plan))
    return (
        GatePolicy.objects.filter(groups=group).exists()
        or Gate.objects.open().filter(groups=group).exists()
        or Environment.objects.filter(deployers=group).exists()
        or any(group.name in gate["groups"] for gate in gates)
    )


def _gates(plan: dict[str, Any]) -> list[dict[str, Any]]:
    return [step["gate"] for step in plan["steps"] if step["gate"]]
