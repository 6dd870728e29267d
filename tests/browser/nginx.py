"""Find the nginx that the tests stand before a server.

Run as a script, print its path: the set-up asks the same question.
"""

import os
import shutil
import subprocess
import sys
from collections.abc import Iterator

PLACES = ("nginx", "/usr/sbin/nginx", "/usr/local/sbin/nginx")  # a user's PATH seldom has the others


class NoNginxError(RuntimeError):
    """No nginx to test with: a failure and never a reason to skip."""


def find_nginx() -> str:
    """Return the path of an nginx that starts: HMR_NGINX, else one on PATH or where systems put it.

    Raises NoNginxError where there is none.
    """
    tried = list(_candidates())
    for path in tried:
        if subprocess.run([path, "-v"], capture_output=True).returncode == 0:
            return path
    raise NoNginxError("no nginx starts; install it, for example with `apt-get install nginx`, or name it in HMR_NGINX")


def _candidates() -> Iterator[str]:
    if chosen := os.environ.get("HMR_NGINX"):
        yield chosen
        return
    yield from filter(None, map(shutil.which, PLACES))


def nginx_version() -> str:
    """Return nginx and its version."""
    told = subprocess.run([find_nginx(), "-v"], capture_output=True, text=True).stderr
    return f"nginx {told.strip().rpartition('/')[2].partition(' ')[0]}"


def main() -> int:
    """Print the path of an nginx; return 1 where there is none."""
    sys.stdout.write(f"{find_nginx()}\n")
    return 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except Exception as error:
        sys.exit(f"error: {error}")
