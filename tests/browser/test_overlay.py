"""The overlay itself: what it shows, how one leaves it, and that the page below neither suffers nor interferes."""

from collections.abc import Callable, Iterator, Mapping
from typing import Any

import pytest
from playwright.sync_api import Locator, Page, expect

from browser.projects import document
from browser.sites import Site, start_site
from browser.tabs import console_lines, page_errors, wait_until
from browser.test_pages import ready

STRICT = "default-src 'none'; img-src data:; script-src 'self'; connect-src 'self'; require-trusted-types-for 'script'"
HOSTILE = """<style>
  html { font-size: 5px } * { display: block !important; color: lime !important; font: 40px serif !important }
  hmr-error-overlay, html > :not(body):not(head) { display: none !important; opacity: 0 !important; --ink: lime }
  :not(:defined) { visibility: hidden !important }
</style>"""
BODY = """
<button id="below" style="position: fixed; inset: 0; width: 100vw; height: 100vh">below</button>
<input id="typed" style="position: fixed; top: 8px; left: 8px">
<dialog id="dialog">a dialog <button id="inside">inside</button></dialog>
<div id="menu" popover>a menu</div>
"""
PAGES = {
    "/": document(BODY),
    "/hostile": document(BODY, HOSTILE),
    "/strict": document("", f'<meta http-equiv="Content-Security-Policy" content="{STRICT}">'),
    "/no-types": document("", f'<meta http-equiv="Content-Security-Policy" content="{STRICT}; trusted-types none">'),
}
SCRIPTS = {
    "throws.js": "\n\n  export const run = () => undefined.price\n",
    "broken.js": "let a = 1\nlet b = = 2\n",
}
STACK = """TypeError: no
    at draw (http://localhost/static/a.js:3:7)
    at apply (http://localhost/__hmr/apply.js:1:1)
    at run (http://localhost/__hmr/apply.js:2:2)
    at main (http://localhost/static/main.js:9:1)"""
FAULT: Mapping[str, str | int] = {
    "id": "/static/a.js",
    "title": "SyntaxError",
    "message": "\x1b[31mUnexpected token '='\x1b[0m",
    "file": "/static/a.js",
    "line": 2,
    "column": 9,
    "frame": "  1 | let a = 1\n> 2 | let b = = 2\n    |         ^\n  3 |",
    "stack": STACK,
    "kind": "build",
}
CARD, NOTICE = ".card", ".notice"
TEXTS = {"title": "h2", "message": ".message", "place": ".place"}

START = """async () => {
  const { createOverlay } = await import("/__hmr/overlay.js")
  globalThis.overlay = createOverlay({ document })
}"""
LISTEN = """() => {
  globalThis.heard = []
  for (const type of ["click", "pointerdown", "mousedown", "keydown", "focusin", "wheel"]) {
    for (const target of [window, document]) target.addEventListener(type, () => heard.push(type))
    document.addEventListener(type, () => heard.push(`capture ${type}`), true)
  }
}"""
# WCAG 2.2, 1.4.3: every text in the overlay against the nearest background below it; a list of [ratio, text].
CONTRASTS = """() => {
  const channel = (value) => value <= 0.04045 ? value / 12.92 : ((value + 0.055) / 1.055) ** 2.4
  const numbers = (colour) => colour.match(/[\\d.]+/g).map(Number)
  const weights = [0.2126, 0.7152, 0.0722]
  const light = (rgb) => weights.reduce((sum, weight, at) => sum + weight * channel(rgb[at] / 255), 0)
  const ground = (element) => {
    const colour = numbers(getComputedStyle(element).backgroundColor)
    return colour[3] === 0 ? ground(element.parentElement) : colour
  }
  const hasText = (element) => [...element.childNodes].some((node) => node.nodeType === 3 && node.data.trim())
  const all = document.querySelector("hmr-error-overlay").shadowRoot.querySelectorAll("*")
  return [...all].filter((element) => element.checkVisibility() && hasText(element)).map((element) => {
    const [high, low] = [light(numbers(getComputedStyle(element).color)), light(ground(element))].sort((a, b) => b - a)
    return [(high + 0.05) / (low + 0.05), element.textContent]
  })
}"""


@pytest.fixture(scope="module")
def site(tmp_path_factory: pytest.TempPathFactory) -> Iterator[Site]:
    """Return a running site; no test here changes it."""
    running = start_site(tmp_path_factory.mktemp("overlay"), "flask", "werkzeug", pages=PAGES, static=SCRIPTS)
    yield running
    running.server.stop()


@pytest.fixture
def overlay(site: Site, page: Page) -> Callable[..., "Overlay"]:
    """Return a function that opens the page at a path, with an overlay that shows nothing yet."""

    def open_at(path: str = "/") -> Overlay:
        page.goto(site.server.url + path)
        page.evaluate(START)
        return Overlay(page)

    return open_at


class Overlay:
    """The overlay of a page, driven through its interface."""

    def __init__(self, page: Page) -> None:
        self.page = page
        self.card, self.notice = page.locator(CARD), page.locator(NOTICE)

    def show(self, **parts: Any) -> None:
        """Show FAULT with these *parts* instead of its own."""
        self.page.evaluate("(fault) => overlay.show(fault)", {**FAULT, **parts})

    def tell(self, **parts: Any) -> None:
        """Tell of FAULT, with these *parts* instead of its own, in the notice."""
        self.page.evaluate("(fault) => overlay.notice(fault)", {**FAULT, "kind": "runtime", **parts})

    def run(self, script: str) -> Any:
        """Return what an expression in the page gives."""
        return self.page.evaluate(script)

    @property
    def is_open(self) -> bool:
        """Whether the overlay says that it is open."""
        return bool(self.run("overlay.isOpen"))

    def is_focused(self) -> bool:
        """Return whether the focus is in the overlay."""
        return bool(self.run("document.activeElement?.localName === 'hmr-error-overlay'"))

    def on_top_at(self, locator: Locator) -> bool:
        """Return whether a click on the middle of *locator* arrives in the overlay."""
        box = locator.bounding_box()
        assert box is not None
        point = [box["x"] + box["width"] / 2, box["y"] + box["height"] / 2]
        return bool(self.page.evaluate("(at) => document.elementFromPoint(...at).localName.startsWith('hmr-')", point))


def test_nothing_is_added_before_there_is_something_to_show(overlay: Callable[..., Overlay]) -> None:
    opened = overlay()
    before = opened.run("document.documentElement.outerHTML")
    opened.run("overlay.clear(['/static/a.js']), overlay.clearAll()")
    assert (opened.run("document.documentElement.outerHTML"), opened.is_open) == (before, False)


def test_a_fault_is_shown_whole(overlay: Callable[..., Overlay]) -> None:
    opened = overlay()
    opened.show()
    assert opened.is_open
    shown = {name: opened.card.locator(selector).inner_text() for name, selector in TEXTS.items()}
    assert shown == {"title": "SyntaxError", "message": "Unexpected token '='", "place": "/static/a.js:2:9"}
    assert opened.card.locator("pre").text_content() == f"{FAULT['frame']}\n"
    assert opened.card.locator("pre .marked").inner_text().strip() == "> 2 | let b = = 2"


def test_frames_of_the_client_are_folded(overlay: Callable[..., Overlay]) -> None:
    opened = overlay()
    opened.show()
    stack = opened.card.locator(".stack")
    assert stack.inner_text().splitlines()[1].strip() == "2 frames of the hot client"
    expect(stack.get_by_text("apply.js").first).to_be_hidden()
    stack.locator("summary").click()
    expect(stack.get_by_text("apply.js").first).to_be_visible()


def test_a_traceback_is_shown_as_it_is(overlay: Callable[..., Overlay]) -> None:
    opened = overlay()
    traceback = 'Traceback (most recent call last):\n  File "views.py", line 1, in view\nKeyError: 1'
    opened.show(stack=traceback, frame=None, kind="server")
    assert opened.card.locator("pre").text_content() == f"{traceback}\n"


@pytest.mark.parametrize("part", ["title", "message", "file", "frame", "stack"])
def test_markup_stays_text(overlay: Callable[..., Overlay], part: str) -> None:
    opened = overlay()
    opened.show(**{part: "<img src=x onerror='document.title = 1'><b>bold</b>"})
    expect(opened.card).to_contain_text("<img src=x onerror='document.title = 1'><b>bold</b>")
    assert opened.card.locator("img, b").count() == 0


def test_the_page_of_a_framework_runs_no_script(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    opened.show(html="<h1>KeyError at /</h1><script>top.document.title = 'ran'</script>", kind="server")
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("KeyError at /")
    assert (opened.card.locator("iframe").get_attribute("sandbox"), page.title()) == ("", "")


VIOLATIONS = """
globalThis.violations = []
addEventListener("securitypolicyviolation", (event) => violations.push(event.violatedDirective))
"""


# Where a page trusts nobody, the one that reads its document asks in vain, once.
@pytest.mark.parametrize(("path", "before"), [("/strict", []), ("/no-types", ["trusted-types"])])
def test_a_strict_policy_changes_nothing(
    overlay: Callable[..., Overlay], page: Page, path: str, before: list[str]
) -> None:
    page.add_init_script(VIOLATIONS)
    opened = overlay(path)
    ready(page)
    wait_until(page, lambda: opened.run("violations") == before, f"{before}")
    opened.show()
    opened.tell(id="other")
    assert opened.card.evaluate("(card) => getComputedStyle(card).borderRadius") == "10px"
    assert (opened.run("violations"), page_errors(page)) == (before, [])


def test_where_trusted_types_are_enforced_the_framework_page_shows(overlay: Callable[..., Overlay], page: Page) -> None:
    overlay("/strict").show(html="<h1>KeyError at /</h1>")
    expect(page.frame_locator("iframe").locator("h1")).to_have_text("KeyError at /")


def test_where_no_type_is_trusted_the_rest_shows(overlay: Callable[..., Overlay]) -> None:
    opened = overlay("/no-types")
    opened.show(html="<h1>KeyError at /</h1>")
    expect(opened.card).to_contain_text("policy on Trusted Types")
    expect(opened.card.locator(".message")).to_have_text("Unexpected token '='")


@pytest.mark.parametrize("selector", [CARD, f"{CARD} h2", f"{CARD} pre", f"{CARD} .close", f"{CARD} .marked"])
def test_the_styles_of_the_page_do_not_reach_in(overlay: Callable[..., Overlay], page: Page, selector: str) -> None:
    looks = []
    for path in ("/", "/hostile"):
        overlay(path).show()
        expect(page.locator(selector)).to_be_visible()
        style = "(e) => { const s = getComputedStyle(e); return [s.font, s.color, s.display, s.width, s.visibility] }"
        looks.append(page.locator(selector).evaluate(style))
    assert looks[0] == looks[1]


def escape(opened: Overlay) -> None:
    """Press Escape."""
    opened.page.keyboard.press("Escape")


def press_close(opened: Overlay) -> None:
    """Click on the close button."""
    opened.card.get_by_role("button", name="Close").click()


def click_outside(opened: Overlay) -> None:
    """Click beside the card."""
    opened.page.mouse.click(5, 5)


@pytest.mark.parametrize("leave", [escape, press_close, click_outside])
def test_it_is_left_by(overlay: Callable[..., Overlay], leave: Callable[[Overlay], None]) -> None:
    opened = overlay()
    opened.show()
    leave(opened)
    expect(opened.card).to_be_hidden()
    assert not opened.is_open


def test_a_click_inside_does_not_leave(overlay: Callable[..., Overlay]) -> None:
    opened = overlay()
    opened.show()
    opened.card.locator(".message").click()
    assert opened.is_open


def test_a_selection_dragged_out_does_not_leave(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    opened.show()
    opened.card.locator(".message").hover()
    page.mouse.down()
    page.mouse.move(5, 5)
    page.mouse.up()
    assert opened.is_open


def test_a_dismissed_fault_stays_in_the_corner_until_it_is_fixed(overlay: Callable[..., Overlay]) -> None:
    opened = overlay()
    opened.show()
    escape(opened)
    expect(opened.notice).to_contain_text("SyntaxError")
    opened.run("overlay.clear(['/static/a.js'])")
    assert opened.run("document.querySelector('hmr-error-overlay')") is None


def test_several_faults_are_paged(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    for name in ("one", "two", "three"):
        opened.show(id=name, title=name)
    opened.show(id="one", title="one")
    seen = []
    for key in ("ArrowRight", "ArrowRight", "ArrowRight", "ArrowLeft"):
        seen.append(f"{opened.card.locator('h2').inner_text()}, {opened.card.locator('.pager').inner_text()}")
        page.keyboard.press(key)
    assert seen == ["one, 1 of 3", "two, 2 of 3", "three, 3 of 3", "one, 1 of 3"]
    opened.card.get_by_role("button", name="Previous").click()
    expect(opened.card.locator("h2")).to_have_text("two")


def test_what_is_fixed_goes_and_the_last_fix_closes(overlay: Callable[..., Overlay]) -> None:
    opened = overlay()
    opened.show(id="one", title="one")
    opened.show(id="two", title="two")
    opened.run("overlay.clear(['one'])")
    expect(opened.card.locator("h2")).to_have_text("two")
    expect(opened.card.locator(".pager")).to_be_hidden()
    opened.run("overlay.clear(['two'])")
    assert (opened.is_open, opened.run("document.querySelector('hmr-error-overlay')")) == (False, None)


def test_a_notice_blocks_nothing(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    opened.run("document.querySelector('#below').onclick = () => { globalThis.clicked = true }")
    page.focus("#typed")
    opened.tell()
    expect(opened.notice).to_be_visible()
    page.keyboard.type("still typing")
    page.mouse.click(300, 300)
    assert (page.input_value("#typed"), opened.run("clicked"), opened.is_open) == ("still typing", True, False)


def test_a_notice_counts(overlay: Callable[..., Overlay]) -> None:
    opened = overlay()
    for _ in range(3):
        opened.tell()
    expect(opened.notice).to_contain_text("3 times")
    opened.tell(message="another")
    expect(opened.notice).to_contain_text("1 of 2 problems")


def test_a_notice_opens_the_details_and_comes_back(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    page.focus("#typed")
    opened.tell()
    opened.notice.locator(".details").click()
    expect(opened.card.locator(".place")).to_have_text("/static/a.js:2:9")
    expect(opened.notice).to_be_hidden()
    escape(opened)
    expect(opened.notice).to_be_visible()
    wait_until(opened.page, lambda: opened.run("document.activeElement.id") == "typed", "the focus to be back")


def test_a_notice_is_closed_for_good(overlay: Callable[..., Overlay]) -> None:
    opened = overlay()
    opened.tell()
    opened.notice.get_by_role("button", name="Dismiss").click()
    assert opened.run("document.querySelector('hmr-error-overlay')") is None


def test_it_is_an_alert_dialog_with_a_name(overlay: Callable[..., Overlay], page: Page) -> None:
    overlay().show()
    dialog = page.get_by_role("alertdialog", name="SyntaxError")
    expect(dialog).to_be_visible()
    expect(dialog).to_have_accessible_description("Unexpected token '='")
    assert dialog.get_attribute("aria-modal") == "true"


def test_the_focus_comes_and_goes_back(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    page.focus("#typed")
    opened.show()
    wait_until(opened.page, opened.is_focused, "the focus in the overlay")
    escape(opened)
    wait_until(opened.page, lambda: opened.run("document.activeElement.id") == "typed", "the focus to be back")


def test_the_focus_is_not_taken_back_from_where_the_page_put_it(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    page.focus("#typed")
    opened.show()
    page.focus("#below")
    opened.run("overlay.clearAll()")
    wait_until(opened.page, lambda: opened.run("document.activeElement.id") == "below", "the focus to be back")


@pytest.mark.parametrize("html", [None, "<a href='/'>link</a>"], ids=["without a page", "with a page"])
@pytest.mark.parametrize("key", ["Tab", "Shift+Tab"])
def test_tab_stays_inside(overlay: Callable[..., Overlay], page: Page, key: str, html: str | None) -> None:
    opened = overlay()
    opened.show(html=html)
    for _ in range(14):
        page.keyboard.press(key)
        wait_until(page, opened.is_focused, "the focus in the overlay")  # it leaves a frame by an event


def test_tab_comes_back_from_the_page(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    opened.show()
    page.focus("#typed")
    page.keyboard.press("Tab")
    wait_until(opened.page, opened.is_focused, "the focus in the overlay")


@pytest.mark.parametrize(
    "replace",
    [
        "document.body.innerHTML = ''",
        "document.body.replaceWith(document.createElement('body'))",
        "document.documentElement.innerHTML = ''",
    ],
    ids=["content", "body", "document"],
)
def test_it_survives_what_replaces_the_page(overlay: Callable[..., Overlay], replace: str) -> None:
    opened = overlay()
    opened.show()
    opened.run(replace)
    expect(opened.card).to_be_visible()
    assert opened.on_top_at(opened.card)
    escape(opened)
    expect(opened.card).to_be_hidden()


def test_a_page_that_will_not_have_it_wins(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    opened.run(
        """() => new MutationObserver(() => document.querySelector("hmr-error-overlay")?.remove())
          .observe(document.documentElement, { childList: true })"""
    )
    opened.show()
    wait_until(page, lambda: opened.run("!document.querySelector('hmr-error-overlay')"), "an end of it")


def test_it_is_above_a_modal_dialog_which_stays_open(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    opened.run("document.querySelector('#dialog').showModal()")
    page.focus("#inside")
    opened.show()
    wait_until(page, lambda: opened.on_top_at(opened.card) and opened.is_focused(), "the overlay to be in front")
    press_close(opened)
    wait_until(page, lambda: opened.run("document.activeElement.id") == "inside", "the focus to be back")
    opened.show()
    escape(opened)
    expect(opened.card).to_be_hidden()
    assert opened.run("document.querySelector('#dialog').matches(':modal')")


def test_a_menu_of_the_page_stays_open(overlay: Callable[..., Overlay]) -> None:
    opened = overlay()
    opened.run("document.querySelector('#menu').showPopover()")
    opened.show()
    assert opened.on_top_at(opened.card)
    escape(opened)
    assert opened.run("document.querySelector('#menu').matches(':popover-open')")


def test_the_page_hears_nothing_of_it(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    opened.run(LISTEN)
    opened.show()
    page.keyboard.press("Tab")
    opened.card.locator(".message").click()
    page.mouse.wheel(0, 10)
    escape(opened)
    expect(opened.card).to_be_hidden()
    assert opened.run("heard") == []
    page.mouse.click(300, 300)
    assert "click" in opened.run("heard"), "what happens in the page still arrives there"


def test_a_focus_trap_of_the_page_does_not_pull_it_back(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    opened.run(
        """() => {
        document.addEventListener("focusin", ({ target }) => target.id === "typed" || typed.focus(), true)
        document.addEventListener("click", (event) => event.stopImmediatePropagation(), true)
      }"""
    )
    page.focus("#typed")
    opened.show()
    wait_until(opened.page, opened.is_focused, "the focus in the overlay")
    press_close(opened)
    expect(opened.card).to_be_hidden()


def test_two_clients_get_along(overlay: Callable[..., Overlay]) -> None:
    opened = overlay()
    opened.run("globalThis.first = overlay")
    opened.run(START.replace("overlay.js", "overlay.js?again"))
    opened.run(
        "(first.show({ id: 'a', title: 'first', message: '' }),"
        " overlay.show({ id: 'b', title: 'second', message: '' }))"
    )
    for title in ("second", "first"):
        expect(opened.page.get_by_role("alertdialog", name=title)).to_be_visible()
    opened.run("(first.clearAll(), overlay.clearAll())")
    assert (opened.run("document.querySelectorAll('hmr-error-overlay').length"), page_errors(opened.page)) == (0, [])


@pytest.mark.parametrize(
    "call",
    [
        "show()",
        "show(null)",
        "show({})",
        "show({ id: 1, title: {}, message: Symbol('x'), stack: [], frame: 5 })",
        "notice()",
        "clear(5)",
    ],
)
def test_nothing_throws_into_the_page(overlay: Callable[..., Overlay], call: str) -> None:
    opened = overlay()
    opened.run(f"void overlay.{call}")
    opened.run("overlay.clearAll()")
    opened.show()
    expect(opened.card.locator("h2")).to_have_text("SyntaxError")
    assert page_errors(opened.page) == []


@pytest.mark.parametrize("kind", ["build", "runtime", "server"])
@pytest.mark.parametrize("scheme", ["light", "dark"])
def test_every_text_can_be_read(overlay: Callable[..., Overlay], page: Page, scheme: Any, kind: str) -> None:
    page.emulate_media(color_scheme=scheme, reduced_motion="reduce")
    opened = overlay()
    opened.show(kind=kind)
    opened.show(id="another")
    contrasts = opened.run(CONTRASTS)
    escape(opened)
    contrasts += opened.run(CONTRASTS)
    assert len(contrasts) > 12
    assert [text for ratio, text in contrasts if ratio < 4.5] == []


def test_light_and_dark_differ(overlay: Callable[..., Overlay], page: Page) -> None:
    opened = overlay()
    opened.show()
    grounds = set()
    for scheme in ("light", "dark"):
        page.emulate_media(color_scheme=scheme)
        grounds.add(opened.card.evaluate("(card) => getComputedStyle(card).backgroundColor"))
    assert len(grounds) == 2


@pytest.mark.parametrize(("wish", "animation"), [("no-preference", "appear"), ("reduce", "none")])
def test_motion_is_as_wished(overlay: Callable[..., Overlay], page: Page, wish: Any, animation: str) -> None:
    page.emulate_media(reduced_motion=wish)
    opened = overlay()
    opened.show()
    assert opened.card.evaluate("(card) => getComputedStyle(card).animationName") == animation


def test_it_fits_a_narrow_window(overlay: Callable[..., Overlay], page: Page) -> None:
    page.set_viewport_size({"width": 320, "height": 480})
    opened = overlay()
    opened.show(title="TemplateSyntaxErrorWithAVeryLongNameThatNeverEnds" * 2, message="long" * 100, stack=STACK * 20)
    opened.show(id="another")
    box = opened.card.bounding_box()
    assert box is not None and box["x"] >= 0 and box["x"] + box["width"] <= 320 and box["y"] + box["height"] <= 480
    assert opened.card.locator(".body").evaluate("(body) => body.scrollWidth <= body.clientWidth")
    expect(opened.card.get_by_role("button", name="Close")).to_be_in_viewport(ratio=1)


FAULT_OF = """async (script) => {
  const { faultOf } = await import("/__hmr/stacks.js")
  const event = new Promise((resolve) => addEventListener("error", resolve, { once: true }))
  if (script === "throws") import("/static/throws.js").then(({ run }) => setTimeout(run))
  const element = Object.assign(document.createElement("script"), { type: "module", src: `/static/${script}.js` })
  if (script !== "throws") document.head.append(element)
  return faultOf(await event)
}"""
PLACES = {"throws": ("TypeError", "/static/throws.js", 3, 38), "broken": ("SyntaxError", "/static/broken.js", 2, 9)}


@pytest.mark.parametrize("script", PLACES)
def test_the_place_of_a_real_error_is_found(
    overlay: Callable[..., Overlay], site: Site, page: Page, script: str
) -> None:
    overlay()
    fault = page.evaluate(FAULT_OF, script)
    title, file, line, column = PLACES[script]
    assert (fault["title"], fault["file"], fault["line"], fault["column"]) == (
        title,
        site.server.url + file,
        line,
        column,
    )


def test_a_failure_of_the_overlay_is_told(overlay: Callable[..., Overlay], page: Page) -> None:
    overlay().run("overlay.show({ get id() { throw new Error('no') } })")
    assert any("[hmr] the overlay failed" in line for line in console_lines(page))
