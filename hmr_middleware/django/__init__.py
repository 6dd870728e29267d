"""The Django app: list "hmr_middleware.django" in INSTALLED_APPS, before django.contrib.staticfiles."""
