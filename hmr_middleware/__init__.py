"""Hot Module Replacement for existing Python web apps."""

__version__ = "0.1.0"
