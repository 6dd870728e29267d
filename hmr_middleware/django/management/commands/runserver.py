"""`manage.py runserver`, with hot module replacement outside of everything: static files included."""

from importlib import import_module
from importlib.util import find_spec
from typing import Any

from django.apps import apps
from django.core.management.commands import runserver as plain

from hmr_middleware import HmrMiddleware
from hmr_middleware.session import current_session


def _next_command() -> Any:
    """Return the runserver of the next app that has one: staticfiles, usually."""
    names = [config.name for config in apps.get_app_configs()]
    for name in names[names.index("hmr_middleware.django") + 1 :]:
        module = f"{name}.management.commands.runserver"
        if find_spec(f"{name}.management") and find_spec(f"{name}.management.commands") and find_spec(module):
            return import_module(module).Command
    return plain.Command


_Next: Any = _next_command()


class _Server(plain.WSGIServer):
    """Django's server; its requests carry their socket, for the WebSocket to be taken over."""

    def __init__(self, address: Any, handler: Any, **kwargs: Any) -> None:
        super().__init__(address, _with_socket(handler), **kwargs)


def _with_socket(handler: Any) -> Any:
    class Handler(handler):
        def get_environ(self) -> Any:
            return {**super().get_environ(), "hmr_middleware.socket": self.connection}

    return Handler


class Command(_Next):
    """See the module."""

    # A server of another kind, daphne's for one, is made otherwise, and speaks WebSocket itself.
    server_cls = _Server if _Next.server_cls is plain.WSGIServer else _Next.server_cls

    def handle(self, *args: Any, **options: Any) -> Any:
        """Begin the session in the process that the user started, which outlives every reload."""
        current_session()
        return super().handle(*args, **options)

    def get_handler(self, *args: Any, **options: Any) -> Any:
        """Return the handler of the next runserver, wrapped."""
        return HmrMiddleware(super().get_handler(*args, **options))

    def get_application(self, *args: Any, **options: Any) -> Any:
        """Return the ASGI application of the next runserver, wrapped: daphne's asks for it."""
        return HmrMiddleware(super().get_application(*args, **options))
