"""Settings for development. There is no database: the notes live as long as the server."""

from pathlib import Path

CONTENT = Path(__file__).resolve().parent.parent / "content"

SECRET_KEY = "known to everybody, for development only"
DEBUG = True
ALLOWED_HOSTS: list[str] = []

INSTALLED_APPS = [
    "hmr_middleware.django",  # before staticfiles: its runserver stands outside of the one there
    "django.contrib.staticfiles",
    "notes",
]
MIDDLEWARE = [
    "django.middleware.security.SecurityMiddleware",
    "django.middleware.common.CommonMiddleware",
    "django.middleware.csrf.CsrfViewMiddleware",
    "django.middleware.clickjacking.XFrameOptionsMiddleware",
]
TEMPLATES = [
    {
        "BACKEND": "django.template.backends.django.DjangoTemplates",
        "APP_DIRS": True,
        "OPTIONS": {"context_processors": ["django.template.context_processors.request"]},
    }
]
HMR = {"watch": [CONTENT / "*.txt"]}
ROOT_URLCONF = "website.urls"
WSGI_APPLICATION = "website.wsgi.application"
STATIC_URL = "/static/"
LANGUAGE_CODE = "en-gb"
TIME_ZONE = "UTC"
USE_TZ = True
