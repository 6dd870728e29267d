"""Scripts in a patch: new ones run once, in order; what only a reload can follow touches nothing."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from browser.patching import ORIGIN, html, open_patched
from browser.tabs import console_lines, page_errors

TELL = "(globalThis.story ??= []).push({!r});"


def script(word: str, attributes: str = "") -> str:
    """Return a script that tells *word*."""
    return f"<script {attributes}>{TELL.format(word)}</script>"


FILES = {f"/{name}.js": TELL.format(name) for name in ("one", "two", "three", "four")}


def test_new_scripts_run_once_and_in_order(page: Page) -> None:
    base = script("base") + "<p>a</p>"
    new = (
        base
        + script("deferred", "type=module")
        + "<script src=/one.js></script>"
        + script("after one")
        + "<div><script src=/two.js defer></script><script src=/three.js></script></div>"
        + script("last")
        + "<script type=application/json>{}</script>"
    )
    patched = open_patched(page, html(base), files=FILES)
    patched.apply(html(new))
    patched.wait("story.length === 7")
    assert patched.run("story") == ["base", "one", "after one", "three", "last", "deferred", "two"]
    assert patched.unlike(html(new)) == ""
    patched.apply(html(new.replace("<p>a", "<p>b")))
    assert patched.run("story.length") == 7


def test_a_new_script_finds_the_page_as_it_is_to_be(page: Page) -> None:
    patched = open_patched(page, html("<p>a</p>"))
    inline = "<script>globalThis.found = [document.querySelector('b').textContent, document.currentScript.id]</script>"
    patched.apply(html(inline.replace("<script", "<script id=it") + "<p>a</p><b>late</b>"))
    assert patched.run("found") == ["late", "it"]


def test_a_new_script_that_throws_stops_nothing(page: Page) -> None:
    patched = open_patched(page, html("<p>a</p>"))
    patched.apply(
        html("<p>b</p><script>throw new Error('mine')</script><script src=/missing.js></script>" + script("next"))
    )
    patched.wait("globalThis.story?.length === 1")
    assert page_errors(page) == ["mine"]


def test_new_scripts_and_styles_carry_the_nonce(page: Page) -> None:
    policy = {"Content-Security-Policy": "script-src 'self' 'nonce-good' 'unsafe-eval'; style-src 'nonce-good'"}
    patched = open_patched(page, html("<p>a</p>"), options="{ nonce: 'good' }", headers=policy)
    patched.apply(html("<p>a</p>" + script("ran"), "<style nonce=other>p { color: rgb(1, 2, 3) }</style>"))
    assert patched.run("story") == ["ran"]
    assert patched.run("getComputedStyle(document.querySelector('p')).color") == "rgb(1, 2, 3)"


def test_pages_with_trusted_types(page: Page) -> None:
    policy = {"Content-Security-Policy": "require-trusted-types-for 'script'"}
    patched = open_patched(page, html("<p id=a>a</p>"), headers=policy, files=FILES)
    patched.apply(html("<p id=a onclick='story.push(3)'>b</p>" + script("ran") + "<script src=/one.js></script>"))
    patched.wait("story.length === 2")
    patched.run("get('a').click()")
    assert patched.run("story") == ["ran", "one", 3]


RELOADS = {
    "an inline script changes": (script("a"), script("b"), "an inline script changed: <script>"),
    "an inline script goes": (script("a"), "", "an inline script was removed: <script>"),
    "an inline script with an id changes": (script("a", "id=x"), script("b", "id=x"), "an inline script changed"),
    "an inline script deep inside goes": (f"<div><p>x</p>{script('a')}</div>", "", "an inline script was removed"),
    "a classic script leads elsewhere": (
        "<script src=/one.js></script>",
        "<script src=/two.js></script>",
        'a classic script changed: <script src="/one.js">',
    ),
    "a classic script goes": ("<script src=/one.js></script>", "", "a classic script was removed"),
    "a module script goes": ("<script type=module src=/one.js></script>", "", "a module script was removed"),
    "a script becomes a module": (script("a"), script("a", "type=module"), "an inline script"),
    "the import map changes": (
        '<script type=importmap>{"imports": {}}</script>',
        '<script type=importmap>{"imports": {"a": "/a.js"}}</script>',
        "the import map changed",
    ),
    "an import map comes": ("", "<script type=importmap>{}</script>", "the import map changed"),
    "a new script writes into the document": ("", "<script>document.write('x')</script>", "writes into the document"),
    "a new script waits for the document": (
        "",
        "<script>document.addEventListener('DOMContentLoaded', start)</script>",
        "waits for the document",
    ),
    "it is asked for": ("<div data-hmr-reload><p>a</p></div>", "<div data-hmr-reload><p>b</p></div>", "<div> asks"),
    "it is asked for by what comes": ("<p>a</p>", "<p>a</p><i data-hmr-reload></i>", "<i> came or went"),
    "it is asked for by an attribute's element": (
        "<p data-hmr-reload class=a>x</p>",
        "<p data-hmr-reload class=b>x</p>",
        "<p> asks",
    ),
}
HEADS = {
    "the base changes": ("<base href=/a/>", "<base href=/b/>", "<base> changed"),
    "a base comes": ("", "<base href=/a/>", "<base> came or went"),
    "a policy changes": (
        '<meta http-equiv="Content-Security-Policy" content="img-src *">',
        '<meta http-equiv="content-security-policy" content="img-src \'none\'">',
        "meta",
    ),
}


@pytest.mark.parametrize(("base", "new", "reason"), [*RELOADS.values(), *HEADS.values()], ids=[*RELOADS, *HEADS])
def test_only_a_reload_follows(page: Page, base: str, new: str, reason: str) -> None:
    is_head = (base, new, reason) in HEADS.values()
    old = html("<p>one</p>", base) if is_head else html(base + "<p>one</p>")
    fresh = html("<p>two</p>", new) if is_head else html(new + "<p>two</p>")
    patched = open_patched(page, old, files=FILES)
    result = patched.apply(fresh)
    assert reason in result["reload"] and result["changed"]
    assert patched.run("[...document.querySelectorAll('p')].at(-1).textContent") == "one", "nothing is touched"
    assert patched.apply(old)["changed"] is False, "and the base is as before"


def test_another_doctype_needs_a_reload(page: Page) -> None:
    patched = open_patched(page, html("<p>x</p>"))
    assert patched.apply(html("<p>x</p>").replace("<!DOCTYPE html>", ""))["reload"] == "the doctype changed"


NO_RELOADS = {
    "a script with another attribute": (script("a"), script("a", "data-x=1")),
    "a script with another nonce": (script("a", "nonce=a"), script("a", "nonce=b")),
    "scripts in another order": (script("a") + script("b"), script("b") + script("a")),
    "a script that is carried elsewhere": (f"<div>{script('a')}</div><p></p>", f"<div></div><p></p>{script('a')}"),
    "a script that is wrapped": (script("a"), f"<div>{script('a')}</div>"),
    "a data block": ("<script type=text/x>a</script>", "<script type=text/x>b</script>"),
    "speculation rules": ("<script type=speculationrules>{}</script>", ""),
    "a script in a template": (f"<template>{script('a')}</template>", f"<template>{script('b')}</template>"),
    "what asks for a reload and is the same": ("<i data-hmr-reload>x</i><p>a</p>", "<i data-hmr-reload>x</i><p>b</p>"),
}


@pytest.mark.parametrize(("base", "new"), NO_RELOADS.values(), ids=NO_RELOADS)
def test_no_reload_is_needed(page: Page, base: str, new: str) -> None:
    patched = open_patched(page, html(base))
    before = patched.run("globalThis.story?.length")
    assert patched.apply(html(new))["reload"] == ""
    assert patched.run("globalThis.story?.length") == before, "nothing runs again"
    assert patched.unlike(html(new)) == ""


def test_a_script_in_a_new_template_runs_where_it_is_used(page: Page) -> None:
    patched = open_patched(page, html("<p>x</p>"))
    patched.apply(html(f"<p>x</p><template>{script('used')}</template>"))
    assert patched.run("globalThis.story ?? null") is None
    patched.run("document.body.append(document.querySelector('template').content.cloneNode(true))")
    assert patched.run("story") == ["used"]


@dataclass(frozen=True)
class Ignored:
    """A subtree that is left alone, marked by the server or by a *script*."""

    base: str
    new: str
    script: str = ""


IGNORED = {
    "in both": Ignored("<div id=a data-hmr-ignore class=x><p>a</p></div>", "<div id=a data-hmr-ignore><b>z</b></div>"),
    "only new": Ignored("<div id=a><p>a</p></div>", "<div id=a data-hmr-ignore class=y><p>b</p></div>"),
    "only before": Ignored("<div id=a data-hmr-ignore><p>a</p></div>", "<div id=a class=y><p>b</p></div>"),
    "by a script": Ignored(
        "<div id=a><p>a</p></div>", "<div id=a class=y><p>b</p></div>", "get('a').dataset.hmrIgnore = ''"
    ),
    "by a script, around it": Ignored(
        "<div id=a><p>a</p></div>",
        "<div id=a class=y><p>b</p></div>",
        "const box = document.createElement('div'); box.dataset.hmrIgnore = '';"
        "get('a').before(box); box.append(get('a'))",
    ),
    "with scripts in it": Ignored(
        f"<div id=a data-hmr-ignore>{script('a')}</div>", f"<div id=a data-hmr-ignore>{script('b')}</div>"
    ),
}


@pytest.mark.parametrize("case", IGNORED.values(), ids=IGNORED)
def test_what_is_to_be_ignored_is_left_alone(page: Page, case: Ignored) -> None:
    patched = open_patched(page, html(case.base))
    patched.run(f"(() => {{ {case.script} }})()")
    before = patched.run("get('a').outerHTML")
    assert patched.apply(html(case.new)) == {"changed": False, "reload": "", "patched": [], "added": [], "removed": []}
    patched.apply(html(case.new + "<p id=b>beside</p>"))
    assert patched.run("get('a').outerHTML") == before
    assert patched.run("get('b').textContent") == "beside"


LISTEN = """
globalThis.heard = []
addEventListener("hmr:before-patch", (event) => {
  heard.push(`before ${document.querySelector("p").textContent} ${event.detail.next.querySelector("p").textContent}`)
  if (globalThis.refuse) event.preventDefault()
})
document.addEventListener("hmr:patched", ({ detail }) => {
  const names = (elements) => elements.map((element) => element.localName).join()
  heard.push([detail.patched, detail.added, detail.removed].map(names).join(";"))
})
"""


def test_events_tell_of_a_patch(page: Page) -> None:
    patched = open_patched(page, html("<p>a</p><i>x</i>"), script=LISTEN)
    patched.apply(html("<p>b</p><b>new</b>"))
    assert patched.run("heard") == ["before a b", "p;b;i"]


def test_a_patch_can_be_refused(page: Page) -> None:
    patched = open_patched(page, html("<p>a</p>"), script=LISTEN + "globalThis.refuse = true")
    patched.apply(html("<p>b</p>"))
    assert patched.body() == "<p>a</p>"
    patched.run("globalThis.refuse = false")
    patched.apply(html("<p>b</p>"))
    assert patched.body() == "<p>b</p>", "what was refused is still to come"
    assert patched.run("heard") == ["before a b", "before a b", "p;;"]


def test_a_listener_that_throws_stops_nothing(page: Page) -> None:
    throwing = (
        "for (const when of ['before-patch', 'patched']) addEventListener(`hmr:${when}`, () => { throw new Error() })"
    )
    patched = open_patched(page, html("<p>a</p>"), script=throwing)
    patched.apply(html("<p>b</p>"))
    assert patched.body() == "<p>b</p>"


# The contract of htmx 2 and of Alpine 3, whose observer initialises what comes unless it came within mutateDom().
STAND_INS = """
globalThis.calls = []
globalThis.htmx = { process: (element) => calls.push(`htmx ${element.id}`) }
const observed = (records) => {
  for (const { addedNodes, removedNodes } of records) {
    for (const node of removedNodes) if (node.nodeType === 1) Alpine.destroyTree(node)
    for (const node of addedNodes) if (node.nodeType === 1) Alpine.initTree(node)
  }
}
const observer = new MutationObserver(observed)
const observe = () => observer.observe(document, { subtree: true, childList: true })
globalThis.Alpine = {
  initTree: (element) => calls.push(`init ${element.id}`),
  destroyTree: (element) => calls.push(`destroy ${element.id}`),
  mutateDom(callback) {
    observed(observer.takeRecords())
    observer.disconnect()
    callback()
    observe()
  },
}
observe()
"""


def test_htmx_and_alpine_initialise_what_comes_once(page: Page) -> None:
    patched = open_patched(page, html("<p id=a></p><p id=b hx-get=/a>x</p><p id=c>x</p>"), script=STAND_INS)
    patched.apply(html("<p id=b hx-get=/b>x</p><p id=c title=t>x</p><div id=d><i id=e></i></div>"))
    assert patched.run("new Promise((resolve) => setTimeout(() => resolve(calls)))") == [
        "destroy a",
        "init d",
        "htmx d",
        "htmx b",
    ]


def test_alpine_renders_a_changed_template_anew(page: Page) -> None:
    patched = open_patched(page, html("<template id=t x-for=x><p>a</p></template>"), script=STAND_INS)
    patched.apply(html("<template id=t x-for=x><p>b</p></template>"))
    assert patched.run("calls.filter((call) => !call.startsWith('htmx'))") == ["destroy t", "init t"]


@pytest.mark.parametrize(
    "broken", ["htmx = { process() { throw new Error() } }", "Alpine = { mutateDom: 1, initTree: 1 }"]
)
def test_a_library_that_fails_stops_nothing(page: Page, broken: str) -> None:
    patched = open_patched(page, html("<p>a</p>"), script=f"globalThis.{broken}")
    patched.page.evaluate("html => patchTo(html)", html("<p>b</p><i>new</i>"))
    assert patched.body() == "<p>b</p><i>new</i>"
    assert not page_errors(page)


SHEETS = {"/a.css": "p { color: rgb(1, 0, 0) }", "/b.css": "p { color: rgb(2, 0, 0) }"}
LINK = "<link rel=stylesheet href={}>"
WATCH = """
globalThis.seen = []
const look = () => {
  const { color } = getComputedStyle(document.querySelector("p"))
  if (seen.at(-1) !== color) seen.push(color)
  requestAnimationFrame(look)
}
look()
"""


def test_a_linked_sheet_is_swapped_without_a_flash(page: Page) -> None:
    patched = open_patched(page, html("<p>x</p>", LINK.format("/a.css")), files=SHEETS, script=WATCH)
    patched.apply(html("<p>x</p>", LINK.format("/b.css")))
    patched.wait("seen.at(-1) === 'rgb(2, 0, 0)' && document.querySelectorAll('link').length === 1")
    assert patched.run("seen") == ["rgb(1, 0, 0)", "rgb(2, 0, 0)"]
    patched.apply(html("<p>x</p>", LINK.format("/a.css")))
    patched.wait("seen.at(-1) === 'rgb(1, 0, 0)' && document.querySelectorAll('link').length === 1")


def test_a_sheet_that_a_script_has_switched_off_stays_off(page: Page) -> None:
    patched = open_patched(page, html("<p>x</p>", LINK.format("/a.css")), files=SHEETS)
    patched.run("document.querySelector('link').sheet.disabled = true")
    patched.apply(html("<p>x</p>", LINK.format("/b.css")))
    patched.wait("document.querySelector('link').href.endsWith('/b.css')")
    assert patched.run("getComputedStyle(document.querySelector('p')).color") == "rgb(0, 0, 0)"


def test_whoever_asks_swaps_sheets(page: Page) -> None:
    options = (
        "{ swapSheet: (old, fresh) => { globalThis.swapped = [old.isConnected, fresh.href]; old.replaceWith(fresh) } }"
    )
    patched = open_patched(page, html("<p>x</p>", LINK.format("/a.css")), files=SHEETS, options=options)
    patched.apply(html("<p>x</p>", LINK.format("/b.css media=print")))
    assert patched.run("swapped") == [True, f"{ORIGIN}/b.css"]
    assert patched.unlike(html("<p>x</p>", LINK.format("/b.css media=print"))) == ""


def test_a_sheet_that_our_client_has_renewed_is_still_the_link(page: Page) -> None:
    patched = open_patched(page, html("<p>x</p>", LINK.format("/a.css")), files=SHEETS)
    patched.run(
        "(() => { const old = document.querySelector('link'); const fresh = old.cloneNode();"
        "fresh.href = '/a.css?t=1234567890123456'; old.replaceWith(fresh) })()"
    )
    patched.apply(html("<p>y</p>", LINK.format("/a.css") + "<title>t</title>"))
    assert patched.run("document.querySelector('link').getAttribute('href')") == "/a.css?t=1234567890123456"
    patched.apply(html("<p>y</p>", LINK.format("/b.css") + "<title>t</title>"))
    patched.wait("getComputedStyle(document.querySelector('p')).color === 'rgb(2, 0, 0)'")
    patched.wait("document.querySelectorAll('link').length === 1")


def test_nothing_is_printed_but_what_is_logged(page: Page) -> None:
    patched = open_patched(page, html("<p>a</p><select><option>a</select>"))
    patched.apply(html("<p>b</p><select><option>b</select>"))
    assert not console_lines(page)
