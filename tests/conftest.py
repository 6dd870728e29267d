"""What no test may touch: the user's own files."""

import os
from collections.abc import Iterator
from pathlib import Path

import pytest


@pytest.fixture(scope="session", autouse=True)
def a_state_of_our_own(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Path]:
    """Keep the secret that tokens are made of in a folder of this run; servers that are started inherit it."""
    folder = tmp_path_factory.mktemp("state")
    os.environ["XDG_STATE_HOME"] = str(folder)
    yield folder
    del os.environ["XDG_STATE_HOME"]
