"""The one Django app: models, migrations, templates tags and commands live here."""

from django.apps import AppConfig


class OrchestratorConfig(AppConfig):
    name = "orchestrator"
    label = "orchestrator"
    verbose_name = "Clutch Web"
