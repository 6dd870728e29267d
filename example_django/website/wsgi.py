"""The entry for servers other than runserver."""

import os

from django.core.wsgi import get_wsgi_application

from hmr_middleware import HmrMiddleware

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "website.settings")
application = HmrMiddleware(get_wsgi_application())
