from django.db import models


class Certificate(models.Model):
    """The certificate by which a host speaks TLS, as it was last shown to us."""

    host = models.CharField(max_length=260, primary_key=True, help_text="With its port, such as tealgate.example:443.")
    ends_at = models.DateTimeField(null=True, help_text="Empty: it could not be seen, and why is in said.")
    looked_at = models.DateTimeField()
    said = models.TextField(blank=True, default="")

    class Meta:
        default_permissions = ()

    def __str__(self) -> str:
        return self.host
