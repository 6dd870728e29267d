"""What people install: the wheel's contents, what an import of it needs, and the names it offers."""

import subprocess
import sys
from pathlib import Path
from zipfile import ZipFile

import pytest

import hmr_middleware

ROOT = Path(__file__).resolve().parent.parent

# The whole public interface. A name is added here on purpose, or not at all; six is the most that a reader keeps.
PUBLIC_NAMES = ["ConfigError", "HmrMiddleware", "UpdateContext", "__version__", "hmr"]
MOST_PUBLIC_NAMES = 6

FRAMEWORKS = ("django", "fastapi", "flask", "jinja2", "starlette", "uvicorn", "werkzeug")

IMPORT_WITHOUT_FRAMEWORKS = f"""
import sys

class Blocker:
    def find_spec(self, name, path=None, target=None):
        if name.partition(".")[0] in {FRAMEWORKS}:
            raise ImportError(f"{{name}} is not installed")

wheel = sys.argv[1]
sys.meta_path.insert(0, Blocker())
sys.path.insert(0, wheel)
import hmr_middleware

assert hmr_middleware.__file__.startswith(wheel), hmr_middleware.__file__
"""


@pytest.fixture(scope="module")
def wheel(tmp_path_factory: pytest.TempPathFactory) -> Path:
    """Return the wheel, built from this checkout by the backend itself: that needs no network."""
    target = tmp_path_factory.mktemp("wheel")
    build = [sys.executable, "-m", "hatchling", "build", "--target", "wheel", "--directory", str(target)]
    subprocess.run(build, cwd=ROOT, check=True, capture_output=True)
    (built,) = target.glob("*.whl")
    return built


@pytest.fixture(scope="module")
def wheel_files(wheel: Path) -> set[str]:
    """Return the names of the files in the wheel."""
    with ZipFile(wheel) as archive:
        return set(archive.namelist())


def source_files(pattern: str) -> set[str]:
    """Return the package's own files that match *pattern*, as paths from the root."""
    found = (path for path in (ROOT / "hmr_middleware").rglob(pattern) if path.is_file())
    return {path.relative_to(ROOT).as_posix() for path in found if "__pycache__" not in path.parts}


@pytest.mark.parametrize("pattern", ["*.py", "*.js", "*.css", "*.svg", "py.typed"])
def test_wheel_has_the_package(wheel_files: set[str], pattern: str) -> None:
    assert source_files(pattern) - wheel_files == set()


def test_wheel_has_nothing_but_the_package(wheel_files: set[str]) -> None:
    packaged = {name for name in wheel_files if ".dist-info/" not in name}
    assert packaged - source_files("*") == set()


def test_wheel_has_the_license(wheel_files: set[str]) -> None:
    assert f"hmr_middleware-{hmr_middleware.__version__}.dist-info/licenses/LICENSE" in wheel_files


def test_installed_package_needs_no_framework(wheel: Path) -> None:
    command = [sys.executable, "-I", "-c", IMPORT_WITHOUT_FRAMEWORKS, str(wheel)]
    result = subprocess.run(command, capture_output=True, text=True)
    assert (result.returncode, result.stderr) == (0, "")


def test_public_names_are_the_listed_ones() -> None:
    assert sorted(hmr_middleware.__all__) == sorted(PUBLIC_NAMES)


def test_public_names_are_few() -> None:
    assert len(PUBLIC_NAMES) <= MOST_PUBLIC_NAMES


def test_public_names_exist() -> None:
    assert [name for name in PUBLIC_NAMES if not hasattr(hmr_middleware, name)] == []
