"""What a batch of saved files came to."""

from collections.abc import Mapping
from dataclasses import dataclass, field
from pathlib import Path

from hmr_middleware.core.settling import Unsettled


@dataclass(frozen=True, slots=True)
class Change:
    """See the module; modules are named by their URLs."""

    urls: tuple[str, ...] = ()  # the modules that changed
    dropped: tuple[str, ...] = ()  # modules that nobody imports any more
    appeared: tuple[str, ...] = ()  # those that changed by coming into being
    files: Mapping[Path, tuple[str, ...]] = field(default_factory=dict)  # the files that changed, with their modules
    unsettled: Mapping[Path, Unsettled] = field(default_factory=dict)  # to be looked at again a little later
    templates: tuple[str, ...] = ()  # what changed besides: templates and watched files, by name
