"""How columns are edited on the pages of environments and people: durations in words, lists as boxes to tick."""

from typing import Any

from django.db.models import Field, ManyToManyField

from deployments.admin import duration_field
from deployments.admin.ticks import Ticks

#: by the name of a column, what one writes there looks like
EXAMPLES = {
    "role_arn": "arn:aws:iam::123456789012:role/tealgate-deployer",
    "external_id": "shop-4711",
    "account_id": "123456789012",
    "cluster": "shop",
    "service": "web",
    "container_name": "web",
    "blue_service": "web-blue",
    "green_service": "web-green",
    "blue_target_group": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web-blue/0123abcd",
    "green_target_group": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:targetgroup/web-green/4567ef01",
    "production_rule": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/web/50dc/f2f7/9683",
    "test_rule": "arn:aws:elasticloadbalancing:eu-central-1:123456789012:listener-rule/app/web/50dc/a1b2/c3d4",
    "codedeploy_application": "shop",
    "codedeploy_group": "production",
    "production_url": "https://shop.example.com",
    "test_url": "http://shop-1234567890.eu-central-1.elb.amazonaws.com:8080",
    "log_group": "/ecs/shop",
    "ladder": "1:5 min, 25:10 min, 100",
    "max_latency_ms": "500",
    "command": "python manage.py migrate --noinput",
    "path": "/health",
    "contains": "ok",
}


class PlainFields:
    """For a ModelAdmin or an inline."""

    def formfield_for_dbfield(self, db_field: "Field[Any, Any]", request: Any, **kwargs: Any) -> Any:
        if isinstance(db_field, ManyToManyField):
            return db_field.formfield(widget=Ticks)
        written = duration_field.of_column(db_field)
        field = written or super().formfield_for_dbfield(db_field, request, **kwargs)  # type: ignore[misc]
        if field and db_field.name in EXAMPLES:
            field.widget.attrs.setdefault("placeholder", EXAMPLES[db_field.name])
        return field
