"""Text columns get a length. What is longer already is cut: nobody has read two million characters of notes."""

import django.db.models.functions.text
import django.db.models.lookups
from django.conf import settings
from django.db import migrations, models


#: (model, column, most, whether every line is a name, which half of is no use)
COLUMNS = (
    ("Application", "description", 2_000, False),
    ("Application", "registries", 2_000, True),
    ("Approval", "comment", 2_000, False),
    ("Environment", "alarms", 10_000, True),
    ("Release", "notes", 10_000, False),
)
MARK = " (cut: it was longer)"


def cut(apps, schema_editor):
    for model, column, most, lines in COLUMNS:
        rows = apps.get_model("deployments", model).objects
        longer = rows.annotate(length=django.db.models.functions.text.Length(column)).filter(length__gt=most)
        for pk, text in longer.values_list("pk", column).iterator():
            kept = text[:most].rpartition("\n")[0] if lines else text[: most - len(MARK)] + MARK
            rows.filter(pk=pk).update(**{column: kept})


class Migration(migrations.Migration):

    dependencies = [
        ('auth', '0012_alter_user_first_name_max_length'),
        ('deployments', '0004_outbox'),
        migrations.swappable_dependency(settings.AUTH_USER_MODEL),
    ]

    operations = [
        migrations.RunPython(cut, migrations.RunPython.noop),
        migrations.AlterField(
            model_name='application',
            name='description',
            field=models.TextField(blank=True, max_length=2000),
        ),
        migrations.AlterField(
            model_name='application',
            name='registries',
            field=models.TextField(blank=True, help_text='Registry hosts that releases may come from, one a line, such as ghcr.io. Amazon ECR and docker.io are always allowed.', max_length=2000),
        ),
        migrations.AlterField(
            model_name='approval',
            name='comment',
            field=models.TextField(blank=True, max_length=2000),
        ),
        migrations.AlterField(
            model_name='environment',
            name='alarms',
            field=models.TextField(blank=True, help_text='CloudWatch alarm names, one a line. Any in ALARM rolls back.', max_length=10000),
        ),
        migrations.AlterField(
            model_name='historicalenvironment',
            name='alarms',
            field=models.TextField(blank=True, help_text='CloudWatch alarm names, one a line. Any in ALARM rolls back.', max_length=10000),
        ),
        migrations.AlterField(
            model_name='release',
            name='notes',
            field=models.TextField(blank=True, max_length=10000),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('description'), 2000), name='application_description_length', violation_error_message='The description may have 2000 characters at most.'),
        ),
        migrations.AddConstraint(
            model_name='application',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('registries'), 2000), name='application_registries_length', violation_error_message='The registries may have 2000 characters at most.'),
        ),
        migrations.AddConstraint(
            model_name='approval',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('comment'), 2000), name='approval_comment_length', violation_error_message='The comment may have 2000 characters at most.'),
        ),
        migrations.AddConstraint(
            model_name='environment',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('alarms'), 10000), name='environment_alarms_length', violation_error_message='The alarms may have 10000 characters at most.'),
        ),
        migrations.AddConstraint(
            model_name='release',
            constraint=models.CheckConstraint(condition=django.db.models.lookups.LessThanOrEqual(django.db.models.functions.text.Length('notes'), 10000), name='release_notes_length', violation_error_message='The notes may have 10000 characters at most.'),
        ),
    ]
