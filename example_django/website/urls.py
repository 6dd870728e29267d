"""The project's URLs: all of them are the notes'."""

from django.urls import include, path

urlpatterns = [path("", include("notes.urls"))]
