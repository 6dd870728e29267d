"""The engine with files in memory and a clock of its own: what is served, what has changed, what a page is told."""

import re
from dataclasses import dataclass, field
from pathlib import Path
from urllib.parse import urljoin

import pytest

from hmr_middleware.core.changes import Change
from hmr_middleware.core.messages import Hello, Reload, UpdateItem, UpdateMessage
from hmr_middleware.core.mounts import Mount, Mounts
from hmr_middleware.core.propagation import Plan
from hmr_middleware.core.rewriting import PREAMBLE
from hmr_middleware.core.settling import Unsettled
from hmr_middleware.core.urls import Origin, split_version
from hmr_middleware.engine import Engine
from hmr_middleware.errors import TornError
from hmr_middleware.files import FileState
from hmr_middleware.pages import Page
from hmr_middleware.sources import LARGE

SECOND = 1_000_000
SINCE = 1_700_000_000 * SECOND
ROOT = Path("/srv")
HOT = PREAMBLE.decode()
PRICED = Change(urls=("/price.js",), files={ROOT / "price.js": ("/price.js",)})


@dataclass
class Memory:
    """Files in memory."""

    contents: dict[Path, bytes] = field(default_factory=dict)
    states: dict[Path, FileState] = field(default_factory=dict)

    def stat(self, path: Path) -> FileState | None:
        return self.states.get(path)

    def read(self, path: Path) -> bytes:
        try:
            return self.contents[path]
        except KeyError:
            raise FileNotFoundError(path) from None

    def write(self, path: Path, text: str, mtime: int, ctime: int) -> None:
        self.contents[path] = content = text.encode()
        self.states[path] = FileState(mtime, ctime, len(content), 1)

    def remove(self, path: Path) -> None:
        del self.contents[path], self.states[path]


class Site:
    """An app's folder, an engine that serves it, and a clock that moves a second with every save."""

    def __init__(self, **texts: str) -> None:
        self.files = Memory()
        self.now = SINCE
        self.heard: list[Change] = []
        for name, text in texts.items():
            self.files.write(self.path(name), text, SINCE - SECOND, SINCE - SECOND)
        self.engine = self.another_process()
        self.engine.on_change = self.heard.append

    def another_process(self, since: int = SINCE, began: int = 0) -> Engine:
        """Return another worker's engine, or this one's after a restart."""
        return Engine(self.files, Mounts([Mount("/", ROOT)]), since=since, began=began, now=lambda: self.now)

    def path(self, name: str) -> Path:
        """Return the file of *name*; "_" stands for the dot, so that names may be keywords."""
        return ROOT / name.removeprefix("/").replace("_", ".")

    def save(self, name: str, text: str, *, mtime: int | None = None, ctime: int | None = None) -> int:
        """Write a file without a word to the engine; return the time."""
        self.now += SECOND
        self.files.write(self.path(name), text, self.now if mtime is None else mtime, ctime or self.now)
        return self.now

    def change(self, name: str, text: str, **times: int) -> Change:
        """Write a file and let the engine know."""
        self.save(name, text, **times)
        return self.notify(name)

    def notify(self, *names: str, endured: Unsettled | None = None) -> Change:
        paths = [self.path(name) for name in names]
        return self.engine.change(paths, impatient=dict.fromkeys(paths, endured) if endured else {})

    def get(self, url: str, engine: Engine | None = None, origin: Origin = Origin(), as_module: bool = True) -> str:  # noqa: B008
        """Return what is served at *url*."""
        clean, asked = split_version(url)
        body = self.files.read(self.path(clean.partition("?")[0]))
        engine = engine or self.engine
        if clean.endswith(".css"):
            return engine.stylesheet(clean, asked, body, origin).decode()
        return engine.script(clean, asked, body, origin, as_module=as_module).decode()

    def version(self, url: str, engine: Engine | None = None) -> int:
        """Return the version that a page loads *url* at: what a clean URL is forwarded to."""
        found = re.match(rf'export \* from "{url}\?t=(\d+)"', self.get(url, engine))
        return int(found[1]) if found else 0

    def page(self, *urls: str, entries: tuple[str, ...] = (), since: int = 0) -> Page:
        """Return a page that has just loaded *urls*."""
        page = Page()
        for url in urls:
            self.get(url)
        modules = {url: self.version(url) for url in urls}
        self.engine.pages.welcome(page, Hello("p", "/", modules, entries, since or self.now), Origin())
        return page


@pytest.fixture
def shop() -> Site:
    """app.js accepts cart.js, which imports price.js; app.js imports clock.js, which accepts itself."""
    return Site(
        app_js='import "./cart.js"; import "./clock.js"; import.meta.hot.accept("./cart.js", () => {});',
        cart_js='import "./price.js"; export default 1; export let a;',
        price_js="export let price = 1;",
        clock_js="import.meta.hot.accept();",
    )


ALL = ("/app.js", "/cart.js", "/price.js", "/clock.js")


# What is served


@pytest.mark.parametrize("url", ["/price.js", "/cart.js"])
def test_before_any_change_a_module_is_served_as_it_is(shop: Site, url: str) -> None:
    body = shop.files.read(shop.path(url))
    assert shop.engine.script(url, 0, body, Origin(), as_module=True) is body


def test_a_module_that_uses_the_hot_api_gets_the_preamble(shop: Site) -> None:
    assert shop.get("/clock.js") == f"{HOT}import.meta.hot.accept();"


def test_importers_lead_to_the_live_version(shop: Site) -> None:
    shop.page(*ALL)
    shop.change("price.js", "export let price = 2;")
    assert f'"./price.js?t={shop.now}"' in shop.get(f"/cart.js?t={shop.now}")
    assert f'"./cart.js?t={shop.now}"' in shop.get("/app.js")


def test_what_did_not_change_keeps_its_clean_url(shop: Site) -> None:
    shop.page(*ALL)
    shop.change("price.js", "export let price = 2;")
    assert '"./clock.js"' in shop.get("/app.js")
    assert shop.version("/clock.js") == 0


def test_a_module_that_has_changed_is_live_under_its_version_only(shop: Site) -> None:
    shop.page(*ALL)
    shop.change("price.js", "export let price = 2;")
    assert shop.get("/price.js") == f'export * from "/price.js?t={shop.now}";'
    assert shop.get(f"/price.js?t={shop.now}") == "export let price = 2;"


def test_an_old_version_forwards_to_the_live_one(shop: Site) -> None:
    shop.page(*ALL)
    shop.change("price.js", "2")
    old = shop.now
    shop.change("price.js", "export let price = 3;")
    assert shop.get(f"/price.js?t={old}") == f'export * from "/price.js?t={shop.now}";'


def test_a_default_export_is_forwarded(shop: Site) -> None:
    shop.page(*ALL)
    shop.change("price.js", "2")
    assert shop.get("/cart.js").endswith(f'export {{ default }} from "/cart.js?t={shop.now}";')


def test_a_script_that_is_perhaps_no_module_is_never_forwarded(shop: Site) -> None:
    shop.page(*ALL)
    shop.change("price.js", "let price = 2;")
    assert shop.get("/price.js", as_module=False) == "let price = 2;"


def test_a_query_makes_another_module_of_the_same_file(shop: Site) -> None:
    shop.page("/price.js", "/price.js?x")
    assert shop.change("price.js", "2").urls == ("/price.js", "/price.js?x")


def test_below_a_root_urls_of_ours_begin_with_it(shop: Site) -> None:
    origin = Origin("/shop", "h")
    shop.get("/price.js", origin=origin)
    shop.change("price.js", "export let price = 2;")
    assert shop.get("/price.js", origin=origin) == f'export * from "/shop/price.js?t={shop.now}";'


@pytest.mark.parametrize(
    "specifier", ["/shop/price.js", "http://h/shop/price.js", "./price.js"], ids=["absolute", "with-host", "relative"]
)
def test_every_spelling_leads_to_the_same_live_url(specifier: str) -> None:
    site = Site(app_js=f'import "{specifier}"; import.meta.hot.accept("{specifier}");', price_js="1;")
    origin = Origin("/shop", "h")
    site.get("/app.js", origin=origin)
    site.get("/price.js", origin=origin)
    site.change("price.js", "2;")
    served = re.search(r'import "(.+?)";', site.get("/app.js", origin=origin))
    assert served
    assert urljoin("http://h/shop/app.js", served[1]) == f"http://h/shop/price.js?t={site.now}"


def test_a_module_of_another_host_is_left_alone() -> None:
    site = Site(app_js='import "https://cdn/price.js"; export {};', price_js="1;")
    site.get("/price.js")
    site.get("/app.js")
    site.change("price.js", "2;")
    assert site.get("/app.js") == 'import "https://cdn/price.js"; export {};'


def test_a_module_without_a_file_is_served_as_it_is() -> None:
    made = b"import './a.js'; import.meta.hot.accept()"
    assert Site().engine.script("/made.js", 0, made, Origin(), as_module=True) == PREAMBLE + made


def test_stylesheets_import_live_versions() -> None:
    site = Site(main_css='@import "base.css";', base_css="a { color: red }")
    site.get("/main.css"), site.get("/base.css")
    assert site.get("/main.css") == '@import "base.css";'
    site.change("base.css", "a { color: blue }")
    assert site.get("/main.css") == f'@import "base.css?t={site.now}";'


# Versions


def test_the_version_is_the_time_of_the_file(shop: Site) -> None:
    shop.page(*ALL)
    shop.change("price.js", "2", mtime=SINCE + 5)
    assert shop.version("/price.js") == SINCE + 5


@pytest.mark.parametrize(
    ("mtime", "ctime", "expected"),
    [
        pytest.param(SINCE - 9, SINCE + 7, SINCE + 7, id="copied-with-its-old-time"),
        pytest.param(SINCE - 9, SINCE - 9, SINCE + SECOND, id="neither-time-moved"),
    ],
)
def test_a_time_that_does_not_move_forward(shop: Site, mtime: int, ctime: int, expected: int) -> None:
    shop.page(*ALL)
    shop.change("price.js", "2", mtime=mtime, ctime=ctime)
    assert shop.version("/price.js") == expected


def test_undo_runs_the_old_text_again(shop: Site) -> None:
    shop.page(*ALL)
    versions = [shop.version("/price.js")]
    for text in ("2", "export let price = 1;", "2"):
        shop.change("price.js", text, mtime=SINCE - 9, ctime=SINCE - 9)
        versions.append(shop.version("/price.js"))
    assert versions == sorted(set(versions))


def test_two_saves_within_one_tick_of_the_clock(shop: Site) -> None:
    shop.page(*ALL)
    shop.change("price.js", "2", mtime=SINCE + 5, ctime=SINCE + 5)
    shop.change("price.js", "3", mtime=SINCE + 5, ctime=SINCE + 5)
    assert shop.version("/price.js") > SINCE + 5


@pytest.mark.parametrize("url", ["/app.js", "/cart.js", "/price.js"])
def test_another_process_gives_the_same_versions(shop: Site, url: str) -> None:
    shop.page(*ALL)
    shop.change("price.js", "export let price = 2;")
    other = shop.another_process()
    for each in reversed(ALL):
        shop.get(each, other)
    assert shop.version(url, other) == shop.version(url)


@pytest.mark.parametrize("known", [(), ("/app.js",), ("/app.js", "/greet.js"), ("/app.js", "/greet.js", "/word.js")])
def test_a_process_that_is_asked_for_a_newer_version_looks_for_what_changed_below(known: tuple[str, ...]) -> None:
    texts = {"app_js": "import './greet.js'; import.meta.hot.accept()", "greet_js": "export * from './word.js'"}
    site = Site(**texts, word_js="export let word = 1")
    site.page("/app.js", "/greet.js", "/word.js")
    other = site.another_process()
    for url in known:
        site.get(url, other)
    site.change("word.js", "export let word = 2")
    version = f"?t={site.now}"
    assert f"'./greet.js{version}'" in site.get(f"/app.js{version}", other)
    assert f"'./word.js{version}'" in site.get(f"/greet.js{version}", other)
    assert site.get(f"/word.js{version}", other) == "export let word = 2"


def test_a_version_that_nobody_can_have_given_is_not_looked_for(shop: Site) -> None:
    other = shop.another_process()
    shop.get(f"/app.js?t={shop.now + SECOND}", other)
    assert "/price.js" not in other.graph


def test_a_worker_that_comes_late_gives_the_same_versions_at_once(shop: Site) -> None:
    shop.page(*ALL)
    shop.change("price.js", "export let price = 2;")
    late = shop.another_process(began=shop.now)
    assert f'"./cart.js?t={shop.now}"' in shop.get("/app.js", late)
    assert shop.version("/cart.js", late) == shop.now


def test_a_version_that_another_process_gave_is_taken_for_live(shop: Site) -> None:
    theirs = shop.now - 5
    assert shop.get(f"/price.js?t={theirs}") == "export let price = 1;"
    assert shop.version("/price.js") == theirs


def test_a_version_out_of_the_future_is_not(shop: Site) -> None:
    shop.get(f"/price.js?t={shop.now + SECOND}")
    assert shop.version("/price.js") == 0


# What has changed


def test_a_change_names_its_modules(shop: Site) -> None:
    shop.page(*ALL)
    assert shop.change("price.js", "2") == PRICED
    assert shop.heard == [PRICED]


@pytest.mark.parametrize(
    ("name", "text"),
    [
        pytest.param("price.js", "export let price = 1;", id="same-content"),
        pytest.param("other.js", "1", id="nobody-asked-for-it"),
    ],
)
def test_what_is_no_change(shop: Site, name: str, text: str) -> None:
    shop.page(*ALL)
    assert shop.change(name, text) == Change()
    assert shop.heard == []


def test_a_batch_is_one_change(shop: Site) -> None:
    shop.page(*ALL)
    shop.save("price.js", "2"), shop.save("clock.js", "3")
    assert shop.notify("price.js", "clock.js", "price.js").urls == ("/price.js", "/clock.js")


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", Unsettled.EMPTY, id="truncated"),
        pytest.param("export let price = {", Unsettled.HALF_WRITTEN, id="half-written"),
        pytest.param(None, Unsettled.MISSING, id="missing"),
    ],
)
def test_a_file_that_is_not_whole_is_waited_for(shop: Site, text: str | None, why: Unsettled) -> None:
    shop.page(*ALL)
    shop.files.remove(shop.path("price.js")) if text is None else shop.save("price.js", text)
    assert shop.notify("price.js") == Change(unsettled={shop.path("price.js"): why})
    assert shop.change("price.js", "2").urls == ("/price.js",)


def test_a_module_that_came_just_before_what_it_imports_changed_runs_again() -> None:
    app = 'import "./dep.js"; import("./late.js"); import.meta.hot.accept()'
    site = Site(app_js=app, late_js='import "./dep.js"', dep_js="1")
    page = site.page("/app.js", "/dep.js", entries=("/app.js",))
    site.get("/late.js")
    change = site.change("dep.js", "2")
    site.engine.pages.told(site.engine.pages.plan(page, change.urls), [page])
    plan = site.engine.pages.welcome(page, Hello("p", "/", {"/late.js": 0}, ("/app.js",), site.now), Origin())
    assert plan.reruns == ("/app.js", "/late.js")
    assert not site.engine.pages.welcome(
        page, Hello("p", "/", {"/late.js": site.now}, ("/app.js",), site.now), Origin()
    )


@pytest.mark.parametrize(
    ("text", "why"),
    [
        pytest.param("", Unsettled.EMPTY, id="empty"),
        pytest.param("export let price = {", Unsettled.HALF_WRITTEN, id="broken"),
    ],
)
def test_at_last_a_file_is_taken_as_it_is(shop: Site, text: str, why: Unsettled) -> None:
    shop.page(*ALL)
    shop.save("price.js", text)
    assert shop.notify("price.js", endured=why) == PRICED


def test_what_was_half_written_and_is_being_written_anew_is_waited_for_again(shop: Site) -> None:
    shop.page(*ALL)
    shop.save("price.js", "")
    change = shop.notify("price.js", endured=Unsettled.HALF_WRITTEN)
    assert change == Change(unsettled={shop.path("price.js"): Unsettled.EMPTY})


def test_a_file_that_is_asked_for_while_it_is_written_keeps_its_links(shop: Site) -> None:
    shop.page(*ALL)
    shop.save("cart.js", "")
    shop.get("/cart.js")
    assert "/cart.js" in shop.engine.graph.add("/price.js").importers


def test_a_file_that_stays_away_is_no_change(shop: Site) -> None:
    shop.page(*ALL)
    shop.files.remove(shop.path("price.js"))
    assert shop.notify("price.js", endured=Unsettled.MISSING) == Change()


def test_a_file_that_was_broken_is_not_waited_for_again(shop: Site) -> None:
    shop.page(*ALL)
    shop.save("price.js", "{")
    shop.notify("price.js", endured=Unsettled.HALF_WRITTEN)
    assert shop.change("price.js", "{{").urls == ("/price.js",)


def test_a_request_may_be_quicker_than_the_event(shop: Site) -> None:
    shop.page(*ALL)
    shop.save("price.js", "export let price = 2;")
    assert shop.get("/price.js") == f'export * from "/price.js?t={shop.now}";'
    assert shop.heard == [PRICED]
    assert shop.notify("price.js") == Change()


def torn(site: Site, asked: int, part: str = "") -> str:
    """Return what is served in place of a *part* of a module that the app read while the file was being written."""
    return site.engine.script("/price.js", asked, part.encode(), Origin(), as_module=True).decode()


def test_a_part_of_a_file_leads_to_the_whole_of_it(shop: Site) -> None:
    shop.page(*ALL)
    text = "export let price = 2;"
    asked = shop.change("price_js", text) and shop.now
    shop.get(f"/price.js?t={asked}")
    shop.heard.clear()
    shop.save("price_js", text)  # saved again, and read by the app just then
    newer = shop.now + 1
    assert torn(shop, asked) == f'export * from "/price.js?t={newer}";'
    assert [change.urls for change in shop.heard] == [("/price.js",)]
    assert shop.get(f"/price.js?t={newer}") == text


def test_a_part_of_a_file_of_which_there_is_no_more_yet_is_not_served(shop: Site) -> None:
    shop.page(*ALL)
    text = "export let price = 2;"
    asked = shop.change("price_js", text) and shop.now
    shop.get(f"/price.js?t={asked}")
    shop.save("price_js", "")
    with pytest.raises(TornError):
        torn(shop, asked)
    assert shop.change("price_js", text).urls == ("/price.js",)  # as it was before, yet nobody has it


def test_what_the_app_makes_of_a_file_is_not_torn(shop: Site) -> None:
    torn(shop, 0, "made of it")
    asked = shop.change("price_js", "export let price = 2;") and shop.now
    assert torn(shop, asked, "made of it, too") == "made of it, too"


def test_an_app_that_answers_so_twice_means_it(shop: Site) -> None:
    shop.page(*ALL)
    asked = shop.change("price_js", "export let price = 2;") and shop.now
    _, newer = split_version(torn(shop, asked, "export let price = 30;").split('"')[1])
    assert newer > asked
    assert torn(shop, newer, "export let price = 30;") == "export let price = 30;"


def test_stale_names_what_differs(shop: Site) -> None:
    shop.page(*ALL)
    assert shop.engine.stale() == []
    shop.save("price.js", "2")
    shop.files.remove(shop.path("clock.js"))
    assert set(shop.engine.stale()) == {shop.path("price.js"), shop.path("clock.js")}


def test_a_module_that_nobody_imports_any_more_is_dropped(shop: Site) -> None:
    shop.page(*ALL)
    assert shop.change("cart.js", "export default 1;").dropped == ("/price.js",)


def test_a_dropped_module_that_comes_back_runs_anew(shop: Site) -> None:
    shop.page(*ALL)
    shop.change("cart.js", "export default 1;")
    shop.change("cart.js", 'import "./price.js";')
    assert shop.version("/price.js") > 0


# What pages are told


def update(*items: UpdateItem, versions: dict[str, int]) -> UpdateMessage:
    return UpdateMessage(items[0].url, items[0].bubbled, items, versions)


def told(site: Site, page: Page, change: Change) -> object:
    return site.engine.pages.message(site.engine.pages.plan(page, change.urls))


def test_an_accepted_module(shop: Site) -> None:
    page = shop.page(*ALL, entries=("/app.js",))
    message = told(shop, page, shop.change("cart.js", 'import "./price.js"; 2'))
    now = shop.now
    assert message == update(UpdateItem("/app.js", "/cart.js", now, False, "js"), versions={"/cart.js": now})


def test_a_change_that_bubbles(shop: Site) -> None:
    page = shop.page(*ALL, entries=("/app.js",))
    message = told(shop, page, shop.change("price.js", "2"))
    now = shop.now
    expected = UpdateItem("/app.js", "/cart.js", now, True, "js")
    assert message == update(expected, versions={"/cart.js": now, "/price.js": now})


def test_a_stylesheet() -> None:
    site = Site(main_css="a {}")
    message = told(site, site.page("/main.css"), site.change("main.css", "b {}"))
    now = site.now
    assert message == update(UpdateItem("/main.css", "/main.css", now, False, "css"), versions={"/main.css": now})


def test_the_root_itself(shop: Site) -> None:
    page = shop.page(*ALL, entries=("/app.js",))
    message = told(shop, page, shop.change("app.js", 'import "./cart.js"'))
    assert message == Reload("app.js: nobody accepts", (f"/app.js?t={shop.now}",))


@pytest.mark.parametrize("urls", [(), ("/clock.js",)], ids=["no-module", "another-module"])
def test_a_page_that_does_not_use_it_is_told_nothing(shop: Site, urls: tuple[str, ...]) -> None:
    shop.page(*ALL)
    page = shop.page(*urls)
    assert told(shop, page, shop.change("price.js", "2")) is None


def test_a_client_that_says_nothing_of_itself_is_told_for_the_whole_graph(shop: Site) -> None:
    shop.page(*ALL)
    change = shop.change("cart.js", "2")
    assert [item.boundary for item in shop.engine.pages.plan_for_all(change.urls).updates] == ["/app.js"]


def test_acceptance_is_read_from_the_newest_source(shop: Site) -> None:
    page = shop.page(*ALL, entries=("/app.js",))
    message = told(shop, page, shop.change("clock.js", "let a = 1"))
    assert message == Reload("clock.js <- app.js: nobody accepts", (f"/clock.js?t={shop.now}",))


def test_what_is_pruned_goes_with_the_update(shop: Site) -> None:
    page = shop.page(*ALL, entries=("/app.js",))
    change = shop.change("cart.js", "export default 1;")
    message = shop.engine.pages.message(shop.engine.pages.plan(page, change.urls), change.dropped)
    assert isinstance(message, UpdateMessage)
    assert message.prunes == ("/price.js",)


# A page that connects


def hello(modules: dict[str, int], since: int, **more: object) -> Hello:
    return Hello("p", "/", modules, ("/app.js",), since, **more)  # type: ignore[arg-type]


def welcomed(engine: Engine, *hellos: Hello) -> list[tuple[str, str]]:
    page = Page()
    for item in hellos:
        plan = engine.pages.welcome(page, item, Origin())
    return [(update.boundary, update.accepted) for update in plan.updates] or [(plan.reason, "")] * bool(plan)


CLEAN = dict.fromkeys(ALL, 0)


def test_a_page_that_is_up_to_date_is_told_nothing(shop: Site) -> None:
    assert welcomed(shop.engine, hello(CLEAN, shop.now)) == []


def test_a_page_is_told_what_it_missed(shop: Site) -> None:
    served = shop.now
    shop.save("price.js", "2"), shop.save("clock.js", "import.meta.hot.accept(); 2")
    missed = welcomed(shop.engine, hello(CLEAN, served))
    assert missed == [("/clock.js", "/clock.js"), ("/app.js", "/cart.js")]


def test_what_it_has_already_is_not_told_again(shop: Site) -> None:
    served = shop.now
    time = shop.save("price.js", "2")
    modules = {**CLEAN, "/price.js": time, "/cart.js": time}
    assert welcomed(shop.engine, hello(modules, served)) == []


def test_a_page_that_was_served_after_the_change_has_it(shop: Site) -> None:
    shop.save("price.js", "2")
    assert welcomed(shop.engine, hello(CLEAN, shop.now + 1)) == []


def test_a_hello_in_parts_is_taken_whole(shop: Site) -> None:
    served = shop.now
    shop.save("price.js", "2")
    first = hello({"/price.js": 0}, served, more=True)
    rest = hello({"/app.js": 0, "/cart.js": 0}, served)
    assert welcomed(shop.engine, first) == []
    assert welcomed(shop.engine, first, rest) == [("/app.js", "/cart.js")]


def test_a_page_outlives_the_process_that_served_it(shop: Site) -> None:
    served = shop.now
    shop.save("price.js", "2")
    restarted = shop.another_process(since=shop.now + SECOND)
    assert welcomed(restarted, hello(CLEAN, served)) == [("/app.js", "/cart.js")]


def test_a_page_may_know_modules_that_are_gone(shop: Site) -> None:
    assert welcomed(shop.engine, hello({"/gone.js": 5, "/x y?z": 0}, shop.now)) == []


# A module that gives its update up


@pytest.fixture
def tower() -> Site:
    """Each accepts itself and imports the next: top.js, middle.js, low.js."""
    return Site(
        top_js='import "./middle.js"; import.meta.hot.accept();',
        middle_js='import "./low.js"; import.meta.hot.accept();',
        low_js="import.meta.hot.accept();",
    )


TOWER = ("/top.js", "/middle.js", "/low.js")


def test_the_importer_takes_over(tower: Site) -> None:
    page = tower.page(*TOWER)
    tower.change("low.js", "import.meta.hot.accept(); 2")
    plan = tower.engine.pages.invalidate(page, "/low.js")
    assert [update.boundary for update in plan.updates] == ["/middle.js"]
    assert plan.reruns == ("/middle.js",)


def test_what_takes_over_runs_under_a_version_of_its_own(tower: Site) -> None:
    page = tower.page(*TOWER)
    tower.change("low.js", "import.meta.hot.accept(); 2")
    tower.engine.pages.invalidate(page, "/low.js")
    assert tower.version("/middle.js") > tower.version("/low.js") > 0


def test_every_page_hears_the_same_version(tower: Site) -> None:
    pages = [tower.page(*TOWER), tower.page(*TOWER)]
    tower.change("low.js", "import.meta.hot.accept(); 2")
    messages = [tower.engine.pages.message(tower.engine.pages.invalidate(page, "/low.js")) for page in pages]
    assert messages[0] == messages[1]


def test_giving_up_counts_once(tower: Site) -> None:
    page = tower.page(*TOWER)
    tower.change("low.js", "import.meta.hot.accept(); 2")
    tower.engine.pages.invalidate(page, "/low.js")
    assert not tower.engine.pages.invalidate(page, "/low.js")


def test_the_next_version_may_give_up_again(tower: Site) -> None:
    page = tower.page(*TOWER)
    for text in ("import.meta.hot.accept(); 2", "import.meta.hot.accept(); 3"):
        tower.change("low.js", text)
        assert tower.engine.pages.invalidate(page, "/low.js")


def test_at_the_top_the_page_reloads(tower: Site) -> None:
    page = tower.page(*TOWER)
    assert tower.engine.pages.invalidate(page, "/top.js").reason == "top.js: gave up its own acceptance"


def test_a_page_cannot_give_up_what_it_has_not_loaded(tower: Site) -> None:
    tower.page(*TOWER)
    assert not tower.engine.pages.invalidate(Page(), "/low.js")


def test_two_that_give_up_to_each_other_end_in_a_reload() -> None:
    site = Site(a_js='import "./b.js"; import.meta.hot.accept();', b_js='import "./a.js"; import.meta.hot.accept();')
    page = site.page("/a.js", "/b.js")
    site.change("a.js", 'import "./b.js"; import.meta.hot.accept(); 2')
    first = site.engine.pages.invalidate(page, "/a.js")
    assert [update.boundary for update in first.updates] == ["/b.js"]
    assert "gave the update up" in site.engine.pages.invalidate(page, "/b.js").reason


def test_in_a_circle_what_gives_up_runs_again_with_its_import() -> None:
    texts = {
        "top_js": 'import "./a.js"; import.meta.hot.accept();',
        "a_js": 'import "./b.js"; import.meta.hot.accept();',
        "b_js": 'import "./a.js";',
    }
    site = Site(**texts)
    page = site.page("/top.js", "/a.js", "/b.js")
    site.change("b.js", 'import "./a.js"; 2')
    plan = site.engine.pages.invalidate(page, "/a.js")
    assert set(plan.reruns) == {"/top.js", "/a.js", "/b.js"}
    assert len({site.version(url) for url in plan.reruns}) == 1


def test_a_stylesheet_outlives_its_last_import() -> None:
    site = Site(app_js='import sheet from "./a.css" with {type: "css"}; import "./b.js"', a_css="a {}", b_js="1")
    page = site.page("/app.js", "/a.css", "/b.js", entries=("/app.js",))
    site.change("app.js", "1")
    assert site.engine.pages.orphans(page) == ("/b.js",)


# Images, fonts and the like


@pytest.fixture
def shown() -> Site:
    """Return a page's stylesheet that imports another one, which shows an image."""
    return Site(top_css='@import "deep.css";', deep_css="a { background: url(a.png) }", a_png="1")


SHEETS = ("/top.css", "/deep.css")


def test_an_image_is_put_in_place_and_its_sheets_stay(shown: Site) -> None:
    page = shown.page(*SHEETS)
    shown.engine.pages.welcome(page, Hello("p", "/", {"/a.png": 0}, (), shown.now), Origin())
    change = shown.change("a.png", "2")
    assert change.urls == ("/a.png",)
    item = UpdateItem("/a.png", "/a.png", shown.now, False, "asset")
    message = shown.engine.pages.message(shown.engine.pages.plan(page, change.urls))
    assert message == UpdateMessage("/a.png", False, (item,), {"/a.png": shown.now})


def test_sheets_name_the_live_image(shown: Site) -> None:
    page = shown.page(*SHEETS)
    shown.engine.pages.welcome(page, Hello("p", "/", {"/a.png": 0}, (), shown.now), Origin())
    shown.change("a.png", "2")
    assert shown.get("/deep.css") == f"a {{ background: url(a.png?t={shown.now}) }}"
    assert shown.get("/top.css") == f'@import "deep.css?t={shown.now}";'


def test_an_image_that_no_page_has_loaded_means_nothing(shown: Site) -> None:
    page = shown.page(*SHEETS)
    assert shown.change("a.png", "2") == Change()
    assert not shown.engine.pages.plan(page, ["/a.png"])


def test_an_image_saved_as_it_was_is_no_change(shown: Site) -> None:
    shown.engine.pages.welcome(Page(), Hello("p", "/", {"/a.png": 0}, (), shown.now), Origin())
    assert shown.change("a.png", "1") == Change()


def test_an_image_is_never_half_written(shown: Site) -> None:
    """Its bytes are no text whose brackets could be counted."""
    shown.engine.pages.welcome(Page(), Hello("p", "/", {"/a.png": 0}, (), shown.now), Origin())
    assert shown.change("a.png", "{ ( [ `").urls == ("/a.png",)


def test_a_large_film_is_not_read(shown: Site) -> None:
    film = shown.path("a.mp4")
    for size in (LARGE + 1, LARGE + 2):
        shown.now += SECOND
        shown.files.states[film] = FileState(shown.now, shown.now, size, 1)
        shown.engine.pages.welcome(Page(), Hello("p", "/", {"/a.mp4": 0}, (), shown.now), Origin())
    assert shown.notify("a.mp4").urls == ("/a.mp4",)
    assert shown.notify("a.mp4") == Change()


def test_an_image_that_a_sheet_shows_no_more_is_not_pruned(shown: Site) -> None:
    page = shown.page(*SHEETS)
    shown.engine.pages.welcome(page, Hello("p", "/", {"/a.png": 0}, (), shown.now), Origin())
    assert shown.change("deep.css", "a { color: red }").dropped == ()
    assert shown.engine.pages.orphans(page) == ()


def test_a_page_learns_of_images_that_changed_while_it_was_away(shown: Site) -> None:
    page = shown.page(*SHEETS)
    hello = Hello("p", "/", {"/top.css": 0, "/deep.css": 0, "/a.png": 0}, (), shown.now)
    shown.save("a.png", "2")
    later = shown.another_process(since=shown.now)
    plan = later.pages.welcome(Page(), hello, Origin())
    assert [update.accepted for update in plan.updates] == ["/a.png"]
    assert not shown.engine.pages.welcome(page, Hello("p", "/", {"/a.png": shown.now}, (), shown.now), Origin())


def test_another_process_serves_what_the_first_one_told_of(shown: Site) -> None:
    page = shown.page(*SHEETS)
    shown.engine.pages.welcome(page, Hello("p", "/", {"/a.png": 0}, (), shown.now), Origin())
    other = shown.another_process()
    shown.change("a.png", "2")
    assert shown.get(f"/top.css?t={shown.now}", other) == f'@import "deep.css?t={shown.now}";'
    assert shown.get(f"/deep.css?t={shown.now}", other) == f"a {{ background: url(a.png?t={shown.now}) }}"


def test_what_views_make_is_not_kept_in_mind(shown: Site) -> None:
    engine = Engine(shown.files, Mounts([Mount("/static/", ROOT)]), since=SINCE, now=lambda: shown.now)
    engine.pages.welcome(Page(), Hello("p", "/", {"/made/1.png": 0, "/static/a.png": 0}, (), shown.now), Origin())
    assert "/made/1.png" not in engine.graph and "/static/a.png" in engine.graph


def test_a_classic_script_is_called_by_its_name() -> None:
    site = Site(old_js="var a = 1")
    page = Page()
    site.get("/old.js", as_module=False)
    site.engine.pages.welcome(page, Hello("p", "/", {"/old.js": 0}, (), site.now), Origin())
    change = site.change("old.js", "var a = 2")
    assert site.engine.pages.plan(page, change.urls).reason == "old.js is a classic script, which cannot be replaced"


def test_an_image_saved_while_it_is_looked_at_has_changed(shown: Site) -> None:
    read = shown.files.read

    def read_and_save(path: Path) -> bytes:
        content = read(path)
        shown.files.read = read  # type: ignore[method-assign]
        shown.save("a.png", "2")
        return content

    page = shown.page(*SHEETS)
    shown.files.read = read_and_save  # type: ignore[method-assign]
    plan = shown.engine.pages.welcome(page, Hello("p", "/", {"/a.png": 0}, (), shown.now), Origin())
    assert [update.accepted for update in plan.updates] == ["/a.png"]


@pytest.mark.parametrize("accepts", [False, True], ids=["nobody-accepts", "accepts-itself"])
def test_what_changed_before_any_page_asked_for_it(accepts: bool) -> None:
    site = Site(app_js='import "./b.js"', other_js='import "./app.js"', b_js="export {}")
    now = site.save("b_js", "export {}; import.meta.hot.accept()" if accepts else "export { }")
    site.notify("b_js")
    expected = 0 if accepts else now  # at first as it is later on, so that nobody imports it at another version
    assert site.version("/app.js") == expected
    site.get("/b.js")
    assert site.version("/app.js") == expected
    assert site.get("/other.js").count(f'"./app.js{f"?t={now}" if expected else ""}"') == int(not expected)


def test_another_process_does_not_take_an_accepted_change_for_one_of_the_importer() -> None:
    site = Site(app_js='import "./b.js"', b_js="import.meta.hot.accept()")
    now = site.change("b_js", "import.meta.hot.accept(); 2") and site.now
    another = site.another_process(since=site.now)
    page = Page()
    another.pages.welcome(page, Hello("p", "/", {"/app.js": 0, "/b.js": now}, ("/app.js",), SINCE), Origin())
    assert (site.version("/app.js", another), site.version("/b.js", another)) == (0, now)


def doubled(site: Site, *urls: str, since: int) -> Plan:
    """Return what a page is told that says that *urls* came at two versions."""
    page = site.page("/app.js", "/mid.js", "/leaf.js", entries=("/app.js",))
    modules = {"/app.js": 0, "/mid.js": site.version("/mid.js"), "/leaf.js": site.version("/leaf.js")}
    return site.engine.pages.welcome(page, Hello("p", "/", modules, ("/app.js",), since, doubled=urls), Origin())


@pytest.mark.parametrize(("earlier", "expected"), [(1, "leaf.js <- mid.js <- app.js: nobody accepts"), (0, "")])
def test_what_came_at_two_versions_while_the_page_was_loaded(earlier: int, expected: str) -> None:
    site = Site(app_js='import "./mid.js"', mid_js='import "./leaf.js"', leaf_js="export {}")
    site.get("/app.js"), site.get("/mid.js"), site.get("/leaf.js")
    site.change("leaf_js", "export { }")
    assert doubled(site, "/leaf.js", since=site.now - earlier).reason == expected


def test_what_is_orphaned_by_the_change_itself_takes_no_part_in_it() -> None:
    site = Site(
        app_js='import("./mid.js"); import.meta.hot.accept()',
        mid_js='import "./side.js"; export {}',
        side_js='import "./mid.js"; import "./deep.js"; import.meta.hot.accept()',
        deep_js="export {}",
    )
    urls = ("/app.js", "/mid.js", "/side.js", "/deep.js")
    page = site.page(*urls, entries=("/app.js",))
    change = site.change("mid_js", "export { }")
    plan = site.engine.pages.plan(page, change.urls)
    assert (plan.boundaries, set(plan.reruns)) == (("/app.js",), {"/app.js", "/mid.js"})
    assert set(change.dropped) == {"/side.js", "/deep.js"}


def test_what_was_orphaned_and_is_loaded_anew_is_no_orphan() -> None:
    site = Site(app_js='import "./a.js"; import.meta.hot.accept()', a_js="export {}")
    page = site.page("/app.js", "/a.js", entries=("/app.js",))
    orphans = site.change("app_js", "const load = (name) => import(name); import.meta.hot.accept()").dropped
    assert orphans == ("/a.js",)
    page.unload(orphans)
    again = Hello("p", "/", {"/a.js": site.version("/a.js")}, ("/app.js",))
    site.engine.pages.welcome(page, again, Origin())
    assert site.engine.pages.orphans(page) == ()


def test_what_a_page_has_pruned_runs_anew_in_another_process() -> None:
    site = Site(app_js="import.meta.hot.accept()", a_js="export {}")
    site.now += SECOND
    another = site.another_process(since=site.now)
    hello = Hello("p", "/", {"/app.js": 0}, ("/app.js",), SINCE, gone={"/a.js": 0})
    another.pages.welcome(Page(), hello, Origin())
    again = site.version("/a.js", another)
    assert again > 0
    another.pages.welcome(Page(), hello, Origin())  # it says so on every connection
    assert site.version("/a.js", another) == again


def test_an_entry_that_failed_is_told_of_its_change(shop: Site) -> None:
    shop.get("/app.js")  # the answer never came
    page = shop.page("/clock.js", entries=("/app.js",))
    change = shop.change("app_js", "export {}")
    assert shop.engine.pages.plan(page, change.urls).reason == "app.js: nobody accepts"


def test_a_module_that_comes_late_and_imports_dynamically_what_changed_has_the_newest() -> None:
    site = Site(app_js='import "./dep.js"; import.meta.hot.accept()', late_js='import("./dep.js")', dep_js="1")
    page = site.page("/app.js", "/dep.js", entries=("/app.js",))
    change = site.change("dep.js", "2")
    site.engine.pages.told(site.engine.pages.plan(page, change.urls), [page])
    assert site.version("/late.js") == 0
    assert not site.engine.pages.welcome(page, Hello("p", "/", {"/late.js": 0}, ("/app.js",), SINCE), Origin())


def test_an_entry_that_was_not_there_is_told_of_when_it_comes() -> None:
    site = Site(other_js="")
    page = Page()
    site.engine.pages.welcome(page, Hello("p", "/", {}, ("/app.js",), site.now), Origin())
    change = site.change("app_js", "export {}")
    assert change.urls == ("/app.js",)
    assert site.engine.pages.plan(page, change.urls, change.appeared).reason == "app.js: nobody accepts"


# What a page could not import


@pytest.fixture
def lazy() -> Site:
    """app.js imports route.js on demand, which imports part.js; that is broken, and accepts itself."""
    return Site(
        app_js="() => import('./route.js')",
        route_js="import './part.js'",
        part_js="import.meta.hot.accept(); const = 1",
    )


def failing(site: Site, *, repeatable: bool, since: int = 0, loaded: str = "/app.js /route.js /part.js") -> Page:
    page, failed = Page(), {"/route.js": 0}
    versions = dict.fromkeys(loaded.split(), 0)
    said = hello(versions, since or site.now, failed=failed, repeatable=tuple(failed) * repeatable)
    site.engine.pages.welcome(page, said, Origin())
    return page


def test_what_a_user_asked_for_in_vain_may_be_asked_for_again(lazy: Site) -> None:
    page = failing(lazy, repeatable=True)
    plan = lazy.engine.pages.plan(page, lazy.change("part.js", "import.meta.hot.accept()").urls)
    assert (plan.updates, plan.reason, plan.fresh) == ((), "", ("/part.js", "/route.js"))
    message = lazy.engine.pages.message(plan)
    assert (
        isinstance(message, UpdateMessage)
        and message.fresh == {url: lazy.version(url) for url in ("/part.js", "/route.js")}
        and all(message.fresh.values())
    )


def test_what_the_page_asked_for_in_vain_is_a_change_of_who_asked(lazy: Site) -> None:
    page = failing(lazy, repeatable=False)
    plan = lazy.engine.pages.plan(page, lazy.change("part.js", "import.meta.hot.accept()").urls)
    assert plan.reason == "route.js <- app.js: nobody accepts"


@pytest.mark.parametrize("repeatable", [True, False])
def test_who_accepts_takes_what_was_asked_for_in_vain(lazy: Site, repeatable: bool) -> None:
    lazy.save("app.js", "() => import('./route.js'); import.meta.hot.accept()")
    page = failing(lazy, repeatable=repeatable)
    plan = lazy.engine.pages.plan(page, lazy.change("part.js", "import.meta.hot.accept()").urls)
    assert [(it.boundary, it.accepted) for it in plan.updates] == [("/app.js", "/app.js")]
    assert set(plan.reruns) == {"/app.js", "/route.js"}


def test_once_it_came_it_accepts_for_itself(lazy: Site) -> None:
    page = failing(lazy, repeatable=True)
    lazy.engine.pages.welcome(page, hello({"/route.js": 0, "/part.js": 0}, lazy.now), Origin())
    plan = lazy.engine.pages.plan(page, lazy.change("part.js", "import.meta.hot.accept()").urls)
    assert [(it.boundary, it.accepted) for it in plan.updates] == [("/part.js", "/part.js")]


@pytest.mark.parametrize(
    "text", ["import.meta.hot.accept(); const = 1", "import.meta.hot.accept()"], ids=["same", "other"]
)
def test_a_file_that_was_asked_for_while_it_was_away_counts_when_it_is_back(lazy: Site, text: str) -> None:
    failing(lazy, repeatable=True)
    lazy.files.remove(lazy.path("part.js"))
    page = failing(lazy, repeatable=True)
    assert lazy.engine.pages.plan(page, lazy.change("part.js", text).urls).fresh == ("/part.js", "/route.js")


def test_a_restarted_process_lets_it_be_asked_for_again(lazy: Site) -> None:
    served = lazy.now
    lazy.engine = lazy.another_process(since=served + SECOND, began=served + SECOND)
    plan = lazy.engine.pages.welcome(
        Page(), hello({"/app.js": 0}, served, failed={"/route.js": 0}, repeatable=("/route.js",)), Origin()
    )
    assert (plan.updates, plan.fresh) == ((), ("/part.js", "/route.js"))


@pytest.mark.parametrize(("text", "told"), [("import './new.js'", True), ("() => import('./new.js')", False)])
def test_a_file_that_is_made_counts_where_it_must_have_been_asked_for(text: str, told: bool) -> None:
    site = Site(app_js=text)
    page = site.page("/app.js", entries=("/app.js",))
    change = site.change("new.js", "1")
    assert bool(site.engine.pages.plan(page, change.urls, change.appeared)) is told


def test_what_was_mended_before_the_server_heard_of_it_may_be_asked_for_once(lazy: Site) -> None:
    known = failing(lazy, repeatable=False)
    time = lazy.now
    lazy.change("part.js", "import.meta.hot.accept()")
    failed = {"failed": {"/route.js": 0}, "repeatable": ("/route.js",)}
    page, said = Page(), hello({"/app.js": 0, "/route.js": 0, "/part.js": 0}, time, **failed)
    plan = lazy.engine.pages.welcome(page, said, Origin())
    assert plan.fresh == ("/part.js", "/route.js") and known
    version = lazy.version("/route.js")
    assert not lazy.engine.pages.welcome(page, said, Origin()).fresh
    offered = {"failed": {"/route.js": version}, "repeatable": ("/route.js",)}
    assert not lazy.engine.pages.welcome(Page(), hello({"/app.js": 0}, time, **offered), Origin()).fresh
    assert lazy.version("/route.js") == version
