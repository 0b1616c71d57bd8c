

from django.db import migrations, models


class Migration(migrations.Migration):

    dependencies = [
        ('orchestrator', '0014_budgets_profiles'),
    ]

    operations = [
        migrations.AddIndex(
            model_name='trip',
            index=models.Index(fields=['road', 'gear', '-id'], name='trip_by_road_and_gear'),
        ),
    ]
