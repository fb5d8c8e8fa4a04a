"""WSGI: synchronous views cost half the CPU of ASGI here (see docs/adr)."""

import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "wangge.project.settings")
application = get_wsgi_application()
