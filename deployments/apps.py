import gc

from django.apps import AppConfig


class DeploymentsConfig(AppConfig):
    name = "deployments"
    verbose_name = "Deployments"
    default_auto_field = "django.db.models.BigAutoField"

    def ready(self) -> None:
        from deployments.ops import (
            aws_calls,
            system_checks,  # noqa: F401 - registers them
        )

        aws_calls.start()
        # The last application is ready: everything is imported, and whoever started this may have put it off.
        gc.freeze()
        gc.enable()
