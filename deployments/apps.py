import gc

from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    name = "deployments"
    verbose_name = "Deployments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from django.conf import settings

        from deployments.aws import role_arns
        from deployments.languages.names import name_lazily
        from deployments.ops import (
            aws_calls,
            system_checks,  # noqa: F401 - registers them
        )

        name_lazily()
        aws_calls.start()
        role_arns.allow(settings.AWS_ROLE_ARNS)
        # The last application is ready: everything is imported, and whoever started this may have put it off.
        gc.freeze()
        gc.enable()
