"""The app's configuration."""

from django.apps import AppConfig
from django.core import checks

from hmr_middleware.django.checks import check_order


class HmrConfig(AppConfig):
    """Registers the system checks."""

    name = "hmr_middleware.django"
    label = "hmr_middleware"
    verbose_name = "Hot Module Replacement"

    def ready(self) -> None:
        """Register the system checks."""
        checks.register(check_order)
