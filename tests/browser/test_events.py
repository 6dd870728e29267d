"""Events both ways, statuses, updates on hold, and the app's say in what a changed file means."""

import re
from collections.abc import Callable

import pytest
from playwright.sync_api import Page

from browser.projects import document
from browser.sites import Site
from browser.stories import LOG, story, wait_story
from browser.tabs import loads, mark, mark_of, wait_connected, wait_for_console, wait_for_loads, wait_until

APP = """
from flask import Flask, render_template
from hmr_middleware import HmrMiddleware, hmr

app = Flask(__name__)

@app.get("/")
def front():
    return render_template("index.html")

@app.get("/shout/<word>")
def shout(word):
    hmr.send("app:shout", {"word": word})
    return "sent"

@hmr.on("app:ask")
def answer(data, client):
    client.send("app:answer", {"sum": sum(data)})

HOOK

app = HmrMiddleware(app)
"""


@pytest.fixture
def opened(start: Callable[..., Site], page: Page) -> Callable[..., Site]:
    """Return a function that opens a page with these modules and an app with this update hook."""

    def open_site(static: dict[str, str], hook: str = "") -> Site:
        body = '<button id="go">go</button><script type="module" src="/static/app.js"></script>'
        files = {"app.py": APP.replace("HOOK", hook), "templates/index.html": document(body)}
        static = {name: LOG + text for name, text in static.items()}
        site = start("flask", "werkzeug", static=static, files=files)
        page.goto(site.url)
        wait_connected(page)
        mark(page)
        return site

    return open_site


def test_custom_events_both_ways(opened: Callable[..., Site], page: Page, open_tab: Callable[[], Page]) -> None:
    source = (
        "import.meta.hot.on('app:answer', ({ sum }) => log(`answer ${sum}`));"
        "import.meta.hot.on('app:shout', ({ word }) => log(`heard ${word}`));"
        "import.meta.hot.send('app:ask', [1, 2, 3])"
    )
    site = opened({"app.js": source})
    wait_story(page, ["answer 6"])
    other = open_tab()
    other.goto(site.url)
    wait_story(other, ["answer 6"])
    page.evaluate("fetch('/shout/hello')")
    for tab in (page, other):
        wait_until(tab, lambda tab=tab: story(tab)[-1:] == ["heard hello"], "the event")  # type: ignore[misc]
    assert story(page) == ["answer 6", "heard hello"], "an answer is for the page that asked"


def test_what_is_said_while_nobody_is_connected_is_heard_by_the_first(opened: Callable[..., Site], page: Page) -> None:
    site = opened({"app.js": "import.meta.hot.on('app:shout', ({ word }) => log(word))"})
    page.goto("about:blank")
    site.server.wait_for_output("GET /static/app.js")
    wait_until(page, lambda: page.request.get(f"{site.url}__hmr/status.json").json()["pages"] == [], "no client")
    page.request.get(f"{site.url}shout/early")
    page.goto(site.url)
    wait_story(page, ["early"])


def test_named_events_and_statuses_in_order(opened: Callable[..., Site], page: Page) -> None:
    listening = (
        "for (const name of ['vite:beforeUpdate', 'hmr:beforeUpdate', 'vite:afterUpdate', 'hmr:afterUpdate'])"
        " import.meta.hot.on(name, ({ updates }) => log(`${name} ${updates[0].path}`));"
        "import.meta.hot.addStatusHandler((status) => log(status));"
    )
    site = opened({"app.js": f"import './leaf.js'; {listening}", "leaf.js": "log('leaf'); import.meta.hot.accept()"})
    site.project.write_static("leaf.js", LOG + "log('new'); import.meta.hot.accept()")
    before = [f"{prefix}:beforeUpdate /static/leaf.js" for prefix in ("vite", "hmr")]
    after = [f"{prefix}:afterUpdate /static/leaf.js" for prefix in ("vite", "hmr")]
    wait_story(page, ["leaf", *before, "prepare", "ready", "dispose", "apply", "new", *after, "idle"])


def test_listeners_of_an_instance_end_with_it(opened: Callable[..., Site], page: Page) -> None:
    source = "import.meta.hot.on('hmr:afterUpdate', () => log('{}')); import.meta.hot.accept()"
    site = opened({"app.js": source.replace("{}", "first")})
    for word in ("second", "third"):
        site.project.write_static("app.js", LOG + source.replace("{}", word))
        wait_until(page, lambda word=word: story(page)[-1:] == [word], word)  # type: ignore[misc]
    assert story(page) == ["second", "third"]


def test_a_reload_may_be_prevented(opened: Callable[..., Site], page: Page) -> None:
    site = opened(
        {"app.js": "import.meta.hot.on('vite:beforeFullReload', (event) => { log('no'); event.preventDefault() })"}
    )
    site.project.write_static("app.js", LOG + "log('new')")
    wait_story(page, ["no"])
    assert loads(page) == 1 and mark_of(page) is not None


def test_updates_on_hold(opened: Callable[..., Site], page: Page) -> None:
    source = "log('{}'); import.meta.hot.accept()"
    site = opened(
        {
            "app.js": "import './a.js'; import './b.js'",
            "a.js": source.replace("{}", "a1"),
            "b.js": source.replace("{}", "b1"),
        }
    )
    page.evaluate("hmr.pause()")
    site.project.write_static("a.js", LOG + source.replace("{}", "a2"))
    site.project.write_static("b.js", LOG + source.replace("{}", "b2"))
    both = ["/static/a.js", "/static/b.js"]
    wait_until(page, lambda: page.evaluate("hmr.check().then((keys) => keys?.sort() ?? [])") == both, "both pending")
    assert story(page) == ["a1", "b1"]
    page.evaluate("hmr.apply()")
    wait_until(page, lambda: sorted(story(page)) == ["a1", "a2", "b1", "b2"], "both applied")
    site.project.write_static("a.js", LOG + source.replace("{}", "a3"))
    wait_until(page, lambda: page.evaluate("hmr.check()") == ["/static/a.js"], "one pending")
    page.evaluate("hmr.resume()")
    wait_until(page, lambda: story(page)[-1] == "a3", "resumed")
    assert loads(page) == 1


def test_a_reload_on_hold(opened: Callable[..., Site], page: Page) -> None:
    site = opened({"app.js": "log('one')"})
    page.evaluate("hmr.pause()")
    site.project.write_static("app.js", LOG + "log('two')")
    site.server.wait_for_output("reload: app.js")
    assert loads(page) == 1
    page.evaluate("hmr.resume()")
    wait_for_loads(page, 2)


def test_an_update_hook_may_take_over(opened: Callable[..., Site], page: Page) -> None:
    hook = (
        "@hmr.on_update\n"
        "def only_tell(context):\n"
        "    if context.file.name == 'data.js':\n"
        "        hmr.send('app:data', {'text': context.read()[-8:], 'modules': context.modules})\n"
        "        return []\n"
    )
    site = opened(
        {
            "app.js": "import './data.js';"
            "import.meta.hot.on('app:data', ({ text, modules }) => log(`${text} ${modules}`))",
            "data.js": "/*one.*/",
        },
        hook,
    )
    site.project.write_static("data.js", "/*two.*/")
    wait_story(page, ["/*two.*/ /static/data.js"])
    assert loads(page) == 1


def test_an_update_hook_that_raises_is_shown_and_harms_nothing(
    opened: Callable[..., Site], page: Page, open_tab: Callable[[], Page]
) -> None:
    hook = "@hmr.on_update\ndef broken(context):\n    raise RuntimeError('the hook is broken')\n"
    source = "log('{}'); import.meta.hot.accept()"
    site = opened({"app.js": source.replace("{}", "one")}, hook)
    site.project.write_static("app.js", LOG + source.replace("{}", "two"))
    wait_story(page, ["one", "two"])
    wait_for_console(page, re.compile("the hook is broken"))
    late = open_tab()
    late.goto(site.url)
    wait_for_console(late, re.compile("the hook is broken"))
