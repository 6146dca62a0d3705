import django.core.validators
from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('deployments', '0010_rules_length'),
    ]

    operations = [
        migrations.AlterField(
            model_name='release',
            name='git_sha',
            field=models.CharField(blank=True, max_length=64, validators=[django.core.validators.RegexValidator('^[0-9a-f]{7,64}$', '7 to 64 hex digits.')], verbose_name='git commit'),
        ),
    ]
