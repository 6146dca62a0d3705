"""Addresses of webhooks hold tokens. They leave the frozen settings, the versions and the admin's own log."""

import json
from urllib.parse import urlsplit

import deployments.catalog.models.addresses
import django.core.validators
from django.db import migrations, models


def place_of(url):
    return urlsplit(url).netloc.rpartition("@")[2]


def forget_frozen(apps, schema_editor):
    deployments, webhooks = apps.get_model("deployments", "Deployment"), apps.get_model("deployments", "Webhook")
    ids = {(environment, url): pk for pk, environment, url in webhooks.objects.values_list("pk", "environment", "url")}
    rows = deployments.objects.only("pk", "environment_id", "settings")
    for deployment in rows.iterator():
        hooks = deployment.settings.get("webhooks", ())
        if any("url" in hook for hook in hooks):
            deployment.settings["webhooks"] = [
                {
                    "id": ids.get((deployment.environment_id, hook["url"]), 0),
                    "place": place_of(hook["url"]),
                    "secret": hook["secret"],
                    "mark": "",
                }
                for hook in hooks
            ]
            deployment.save(update_fields=["settings"])


def forget_logged(apps, schema_editor):
    entries = apps.get_model("admin", "LogEntry").objects.filter(change_message__contains='"name": "webhook"')
    for entry in entries.iterator():
        told = json.loads(entry.change_message)
        for one in (one for done in told for one in done.values() if one.get("name") == "webhook"):
            one["object"] = place_of(one.get("object", "")) or one.get("object", "")
        entry.change_message = json.dumps(told)
        entry.save(update_fields=["change_message"])


class Migration(migrations.Migration):

    dependencies = [
        ('admin', '0003_logentry_add_action_flag_choices'),
        ('deployments', '0005_text_lengths'),
    ]

    operations = [
        migrations.RunPython(forget_frozen, migrations.RunPython.noop),
        migrations.RunPython(forget_logged, migrations.RunPython.noop),
        migrations.RemoveField(
            model_name='historicalwebhook',
            name='url',
        ),
        migrations.AlterField(
            model_name='application',
            name='repository_url',
            field=models.URLField(blank=True, validators=[deployments.catalog.models.addresses.no_credentials], verbose_name='repository URL'),
        ),
        migrations.AlterField(
            model_name='environment',
            name='production_url',
            field=models.URLField(blank=True, help_text='Where people reach it; shown as a link.', validators=[deployments.catalog.models.addresses.no_credentials], verbose_name='production URL'),
        ),
        migrations.AlterField(
            model_name='environment',
            name='test_url',
            field=models.URLField(blank=True, help_text='Where the test listener answers; smoke checks are sent there.', validators=[deployments.catalog.models.addresses.no_credentials], verbose_name='test URL'),
        ),
        migrations.AlterField(
            model_name='historicalenvironment',
            name='production_url',
            field=models.URLField(blank=True, help_text='Where people reach it; shown as a link.', validators=[deployments.catalog.models.addresses.no_credentials], verbose_name='production URL'),
        ),
        migrations.AlterField(
            model_name='historicalenvironment',
            name='test_url',
            field=models.URLField(blank=True, help_text='Where the test listener answers; smoke checks are sent there.', validators=[deployments.catalog.models.addresses.no_credentials], verbose_name='test URL'),
        ),
        migrations.AlterField(
            model_name='historicalsmokecheck',
            name='path',
            field=models.CharField(default='/', help_text='Shown to everyone who may look, so no token belongs in it.', max_length=200, validators=[django.core.validators.RegexValidator('^/', 'A path, starting with a slash.')]),
        ),
        migrations.AlterField(
            model_name='smokecheck',
            name='path',
            field=models.CharField(default='/', help_text='Shown to everyone who may look, so no token belongs in it.', max_length=200, validators=[django.core.validators.RegexValidator('^/', 'A path, starting with a slash.')]),
        ),
    ]
