from django.db import migrations, models


class Migration(migrations.Migration):
    """The column keeps its name, so that a worker of the version before goes on."""

    dependencies = [
        ("deployments", "0011_git_sha_sha256"),
    ]

    operations = [
        migrations.AlterField(
            model_name="deployment",
            name="tellings",
            field=models.PositiveIntegerField(
                db_column="tellings",
                db_default=0,
                default=0,
                help_text="Raised by every event about it that AWS told of while people think.",
            ),
        ),
        migrations.RenameField(model_name="deployment", old_name="tellings", new_name="events_heard"),
    ]
