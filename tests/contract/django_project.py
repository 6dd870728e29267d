"""A Django project for the tests: one view, one app with static files and templates."""

from pathlib import Path

import django
from django.conf import settings
from django.http import HttpRequest, HttpResponse
from django.urls import path

APPS = [
    "django.contrib.admin",
    "django.contrib.auth",
    "django.contrib.contenttypes",
    "django.contrib.messages",
    "hmr_middleware.django",
    "django.contrib.staticfiles",
]
PAGE = "<!doctype html><head><title>x</title>"


def view(_request: HttpRequest) -> HttpResponse:
    """Answer with a page."""
    return HttpResponse(PAGE)


urlpatterns = [path("", view)]


def set_up(folder: Path) -> None:
    """Configure Django, once in a process: *folder* is given a place for static files and one for templates."""
    if settings.configured:
        return
    for name in ("assets", "vendor", "templates", "jinja"):
        (folder / name).mkdir()
    engine = {"BACKEND": "django.template.backends.django.DjangoTemplates", "APP_DIRS": True}
    settings.configure(
        ALLOWED_HOSTS=["shop.test"],
        INSTALLED_APPS=APPS,
        ROOT_URLCONF=__name__,
        SECRET_KEY="x",
        STATIC_URL="/static/",
        STATICFILES_DIRS=[folder / "assets", ("vendor", folder / "vendor")],
        TEMPLATES=[{**engine, "DIRS": [folder / "templates", folder / "nowhere"]}],
    )
    django.setup()
