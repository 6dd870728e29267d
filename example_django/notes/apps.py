"""The app's configuration."""

from django.apps import AppConfig


class NotesConfig(AppConfig):
    """A wall of notes."""

    name = "notes"
