"""What this package raises."""


class ConfigError(ValueError):
    """A setting that cannot be used; the message names the setting, the value received and the way out."""
