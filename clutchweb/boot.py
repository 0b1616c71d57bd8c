"""Sets Django up; imported first by whatever serves it."""

import os

from django.core.asgi import get_asgi_application

from orchestrator.web.bounds import RequestBounds

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clutchweb.settings")

pages = RequestBounds(get_asgi_application())
