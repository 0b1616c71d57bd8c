"""Sets Django up; imported first by whatever serves it."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "clutchweb.settings")

pages = get_asgi_application()
