"""Hot Module Replacement for existing Python web apps: save a file, and the browser shows it."""

from hmr_middleware.errors import ConfigError
from hmr_middleware.hooks import UpdateContext, hmr
from hmr_middleware.middleware import HmrMiddleware

__all__ = ["ConfigError", "HmrMiddleware", "UpdateContext", "__version__", "hmr"]

__version__ = "0.1.0"
