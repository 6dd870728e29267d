"""Threads of the system, with `threading` as Python has it and as gevent makes it."""

import subprocess
import sys

import pytest

PATCHES = {"plain": "", "gevent": "from gevent import monkey; monkey.patch_all()"}
SCRIPTS = {
    "a thread is one of the system": """
thread = []
ended = new_event()
def run():
    thread.append(get_native_id())
    ended.set()
start_thread(run, "hmr-test")
assert ended.wait(10) and thread != [get_native_id()]
""",
    "what waits in C holds nobody up": """
import ctypes, os
read, write = os.pipe()
start_thread(lambda: ctypes.CDLL(None).read(read, ctypes.create_string_buffer(1), 1), "hmr-test")
os.write(write, b"x")
""",
    "calls keep their order, whoever asks": """
made, ended = [], new_event()
worker = Worker("hmr-test")
for number in range(1000):
    worker.submit(made.append, number)
start_thread(lambda: worker.submit(ended.set), "hmr-test")
assert ended.wait(10) and made == list(range(1000))
""",
    "an event is waited for, set and set back": """
event = new_event()
assert not event.wait(0.01) and not event.is_set()
event.set(); event.set()
assert event.wait(0) and event.wait() and event.is_set()
event.clear()
assert not event.is_set() and not event.wait(0.01)
start_thread(event.set, "hmr-test")
assert event.wait(10)
""",
    "locks count between threads": """
total, lock, again, ended = [0], new_lock(), new_rlock(), new_event()
def add():
    for _ in range(10_000):
        with lock, again, again:
            total[0] += 1
    worker.submit(finished.append, 1)
worker, finished = Worker("hmr-test"), []
for _ in range(4):
    start_thread(add, "hmr-test")
def look():
    ended.set() if len(finished) == 4 else worker.submit(look)
worker.submit(look)
assert ended.wait(20) and total == [40_000]
""",
    "a loop can be called from any thread": """
loop, ended = new_event_loop(), new_event()
start_thread(loop.run_forever, "hmr-test")
loop.call_soon_threadsafe(loop.call_soon, ended.set)
assert ended.wait(10)
""",
}
IMPORTS = """
from threading import get_native_id
from hmr_middleware.native import Worker, new_event, new_event_loop, new_lock, new_rlock, start_thread
"""


@pytest.mark.parametrize("patch", PATCHES.values(), ids=PATCHES)
@pytest.mark.parametrize("script", SCRIPTS.values(), ids=SCRIPTS)
def test_threads_of_the_system(patch: str, script: str) -> None:
    result = subprocess.run(
        [sys.executable, "-c", f"{patch}{IMPORTS}{script}"], capture_output=True, text=True, timeout=60
    )
    assert (result.returncode, result.stderr) == (0, "")
