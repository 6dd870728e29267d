"""An app of which nothing is known: the user says where things are."""

from hmr_middleware.discovery import Found


def discover() -> Found:
    """Return nothing found."""
    return Found()
