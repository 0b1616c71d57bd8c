"""Names of several for the administration; nothing changes in the database."""

from django.db import migrations


class Migration(migrations.Migration):

    dependencies = [
        ('orchestrator', '0016_trip_log_indexes'),
    ]

    operations = [
        migrations.AlterModelOptions(
            name='alertdelivery',
            options={'ordering': ['id'], 'verbose_name_plural': 'alert deliveries'},
        ),
        migrations.AlterModelOptions(
            name='externalidentity',
            options={'verbose_name_plural': 'external identities'},
        ),
        migrations.AlterModelOptions(
            name='importbatch',
            options={'ordering': ['-id'], 'verbose_name_plural': 'import batches'},
        ),
        migrations.AlterModelOptions(
            name='ledgerentry',
            options={'ordering': ['id'], 'verbose_name_plural': 'ledger entries'},
        ),
    ]
