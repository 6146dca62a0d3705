"""An approval keeps the name of its time. For those that exist that is the one in their event, else that of now."""

from django.db import migrations, models


def fill(apps, schema_editor):
    approvals, events = apps.get_model("deployments", "Approval"), apps.get_model("deployments", "Event")
    for approval in approvals.objects.select_related("person", "gate").iterator():
        told = events.objects.filter(
            deployment=approval.gate.deployment_id,
            stage=approval.gate.stage,
            kind="gate.approved" if approval.verdict == "APPROVE" else "gate.rejected",
            at=approval.at,
        )
        name = told.values_list("actor", flat=True).first() or approval.person.username
        approvals.objects.filter(pk=approval.pk).update(person_name=name)


class Migration(migrations.Migration):

    dependencies = [
        ('deployments', '0006_webhook_places'),
    ]

    operations = [
        migrations.AddField(
            model_name='approval',
            name='person_name',
            field=models.CharField(blank=True, db_default='', default='', help_text='As the account was called at that moment.', max_length=150),
        ),
        migrations.AddField(
            model_name='environment',
            name='strict_approvals',
            field=models.BooleanField(db_default=True, default=True, help_text='Whether approvals do not count of accounts that somebody else made, renamed, regrouped or gave a password after the deployment was requested.'),
        ),
        migrations.AddField(
            model_name='historicalenvironment',
            name='strict_approvals',
            field=models.BooleanField(db_default=True, default=True, help_text='Whether approvals do not count of accounts that somebody else made, renamed, regrouped or gave a password after the deployment was requested.'),
        ),
        migrations.RunPython(fill, migrations.RunPython.noop),
    ]
