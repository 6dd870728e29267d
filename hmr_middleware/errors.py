"""What this package raises."""


class ConfigError(ValueError):
    """A setting that cannot be used; the message names the setting, the value received and the way out."""


class TornError(Exception):
    """What the app answered was read while the file was being written; once that is done, the page hears of it."""
