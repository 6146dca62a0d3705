"""What pages show and queries ask for leaves the document of facts for columns of its own.

The document keeps its copy until the deployment is next written: a worker of the version before may still run, and
reads and writes it there.
"""

from django.db import migrations, models

#: Column to its name in the document.
MOVED = {
    "percent": "percent",
    "preflight": "preflight",
    "targets": "lifecycle",
    "failure": "failure",
    "checked": "checked",
}


def fill(apps, schema_editor):
    deployments = apps.get_model("deployments", "Deployment").objects.using(schema_editor.connection.alias)
    for deployment in deployments.only("facts").iterator(chunk_size=200):
        found = {column: deployment.facts[name] for column, name in MOVED.items() if deployment.facts.get(name)}
        if found:
            deployments.filter(pk=deployment.pk).update(**found)


def empty(apps, schema_editor):
    """Back into the document, for the version before."""
    deployments = apps.get_model("deployments", "Deployment").objects.using(schema_editor.connection.alias)
    for deployment in deployments.only("facts", *MOVED).iterator(chunk_size=200):
        found = {name: value for column, name in MOVED.items() if (value := getattr(deployment, column))}
        if found:
            deployments.filter(pk=deployment.pk).update(facts={**found, **deployment.facts})


class Migration(migrations.Migration):

    dependencies = [
        ("deployments", "0002_events_queue"),
    ]

    operations = [
        migrations.AddField(
            model_name="deployment",
            name="checked",
            field=models.JSONField(blank=True, help_text="What preflight was asked about, for the deployments that follow.", null=True),
        ),
        migrations.AddField(
            model_name="deployment",
            name="failure",
            field=models.JSONField(blank=True, help_text="What was seen of the target before its traces were cleaned away.", null=True),
        ),
        migrations.AddField(
            model_name="deployment",
            name="percent",
            field=models.FloatField(db_default=0.0, default=0, help_text="Share of production traffic on the target."),
        ),
        migrations.AddField(
            model_name="deployment",
            name="preflight",
            field=models.JSONField(db_default=[], default=list, help_text="What preflight found, check by check."),
        ),
        migrations.AddField(
            model_name="deployment",
            name="targets",
            field=models.JSONField(db_default=[], default=list, help_text="What CodeDeploy tells of each target."),
        ),
        migrations.AlterField(
            model_name="deployment",
            name="facts",
            field=models.JSONField(default=dict, help_text="What was found or made on AWS so far: the document of its controller's facts."),
        ),
        migrations.RunPython(fill, empty),
    ]
