"""The status as a page and as JSON: what a developer looks at when something does not happen."""

import json
from collections.abc import Callable, Iterable
from datetime import UTC, datetime

from hmr_middleware.core.markup import Content, Markup, element, markup
from hmr_middleware.endpoints import answer, client_folder
from hmr_middleware.http import OWN, Headers, Request, Response, set_header
from hmr_middleware.reporting import plural
from hmr_middleware.status import Facts, Known, OpenPage, Update, WhyNot

OPEN = 40  # modules that are listed without a click
FIRST = 10  # pages and updates that are
NAMES = 3

# Nothing of the page is inline, and nobody may show it in a frame.
_HEADERS: Headers = [
    *set_header(OWN, "Cache-Control", "no-store"),
    ("Content-Security-Policy", "default-src 'self'; base-uri 'none'; form-action 'none'; frame-ancestors 'none'"),
    ("Vary", "Accept"),
    ("X-Frame-Options", "DENY"),
]
_TOPICS = {"setup": "set-up", "page": "page", "text": "code", "file": "file", "socket": "socket"}
_SAVES = {
    "update": "a save updates ",
    "reload": "a save reloads the page; ",
    "swap": "a save is swapped in place",
    "nothing": "a save means nothing: no page uses it any more",
}


def respond(request: Request, facts: Callable[[], Facts]) -> Response:
    """Return the status as *request* wants it."""
    if wants_json(request):
        return answer(request, "application/json", json.dumps(facts().as_json(), indent=2).encode(), _HEADERS)
    return answer(request, "text/html; charset=utf-8", page(facts(), client_folder()).encode(), _HEADERS)


def wants_json(request: Request) -> bool:
    """Return whether *request* is for the JSON: by its path, or by what it accepts."""
    accept = request.headers.get("accept", "")
    return request.path.endswith(".json") or ("application/json" in accept and "text/html" not in accept)


def page(facts: Facts, folder: str) -> str:
    """Return the page; its own files are in *folder*."""
    title = f"({len(facts.why_not)}) Status" if facts.why_not else "Status"
    head = element(
        "head",
        element("meta", charset="utf-8"),
        element("title", f"{title} · hmr_middleware"),
        element("meta", name="viewport", content="width=device-width, initial-scale=1"),
        element("meta", name="color-scheme", content="light dark"),
        element("link", rel="icon", href=f"{folder}/status.svg", type="image/svg+xml"),
        element("link", rel="stylesheet", href=f"{folder}/status.css"),
        element("script", type="module", src=f"{folder}/status.js"),
    )
    parts = _header(facts), element("main", *_sections(facts)), _footer(facts)
    body = element("body", *parts, data_process=str(facts.pid))
    return "<!doctype html>\n" + element("html", head, body, lang="en")


def _header(facts: Facts) -> Markup:
    left_out = f"{plural(len(facts.why_not), 'thing')} left out" if facts.why_not else None
    sums = [plural(len(facts.pages), "open page"), plural(facts.modules_in_all, "known file"), left_out]
    live = element("p.live", role="status", data_hmr_ignore=True)  # for the script
    return element("header", element("h1", "Hot modules"), element("p.sums", " · ".join(filter(None, sums))), live)


def _sections(facts: Facts) -> Iterable[Content]:
    if facts.why_not:
        yield _section("why-not", "Why not?", element("ul", *map(_why_not, facts.why_not)))
    pages = "No page is connected to this process. Open one of the app's: its console says “[hmr] connected”."
    yield _section("pages", "Open pages", *_folded(map(_open_page, facts.pages), pages))
    updates = "Nothing has been saved yet that a page uses."
    yield _section("updates", "Last updates", *_folded(map(_update, facts.updates), updates))
    yield _section("files", "Files", *_files(facts))
    yield _section("modules", "Modules and boundaries", *_modules(facts))


def _section(name: str, title: str, *content: Content) -> Markup:
    return element("section", element("h2", title, id=name), *content, aria_labelledby=name)


def _rows(rows: Iterable[Markup], empty: str = "") -> Markup:
    found = list(rows)
    return element("ul", *found) if found else element("p.empty", empty)


def _folded(rows: Iterable[Markup], empty: str) -> Iterable[Content]:
    """Yield a list of *rows*, of which only the first are seen at once."""
    found = list(rows)
    yield _rows(found[:FIRST], empty)
    if rest := found[FIRST:]:
        yield element("details", element("summary", f"{len(rest)} more"), _rows(rest))


def _row(kind: str, label: str, title: Content, *details: Content, aside: Content = None) -> Markup:
    """Return one line of a list, with a *label* whose colour is that of its *kind*."""
    lines = [element("p.detail", detail) for detail in details if detail]
    text = element("div.text", element("p.title", title), *lines)
    return element("li", element(f"span.label.{kind}", label), text, aside and element("span.aside", aside))


def _joined(*parts: Content) -> Content:
    """Return those *parts* that say something, on one line."""
    found = [part for part in parts if part]
    return [[" · " if at else None, part] for at, part in enumerate(found)]


def _why_not(it: WhyNot) -> Markup:
    remedy = element("strong", _with_code(_sentence(it.remedy), it.setting)) if it.remedy else None
    times = f"{it.count} times, last " if it.count > 1 else None
    return _row("alarm", _TOPICS[it.topic], _code(it.subject), _sentence(it.why), remedy, aside=[times, _time(it.at)])


def _sentence(text: str) -> str:
    return f"{text[:1].upper()}{text[1:]}."


def _with_code(text: str, name: str) -> Content:
    """Return *text* with the setting *name* in it as code."""
    before, found, after = text.partition(name) if name else (text, "", "")
    return [before, found and _code(found), after]


def _update(it: Update) -> Markup:
    boundaries = _listed(it.boundaries, len(it.boundaries))
    said = {
        "update": ["→ ", boundaries] if it.changed else None,
        "reload": it.reason,
        "refresh": "compared with what the server says now",
        "unused": it.reason or "no open page uses it",
    }
    pages = plural(it.pages, "page") if it.pages else None
    took = f"{it.milliseconds:g} ms" if it.milliseconds is not None else None
    title = _listed(it.changed, it.count) if it.changed else boundaries
    return _row(it.kind, it.kind, title, _joined(said[it.kind], it.occasion, pages, took), aside=_time(it.at))


def _open_page(it: OpenPage) -> Markup:
    if it.is_stock:
        return _row("update", "open", "A stock ESM-HMR client", "it is told of every change")
    state = ("update", "visible") if it.is_visible else ("unused", "hidden")
    refused = ["could not link ", _listed(it.refused, len(it.refused)), ": tried again with the next save"]
    facts = _joined(f"by {it.transport}", f"{plural(it.modules, 'file')} loaded")
    return _row(*state, _code(it.url), facts, refused if it.refused else None)


def _files(facts: Facts) -> Iterable[Content]:
    static = (_row("plain", "static", [_code(it.prefix), " from ", _code(it.folder)]) for it in facts.static)
    templates = (_row("plain", "templates", _code(folder)) for folder in facts.templates)
    watched = (_row("plain", "watched", _code(folder)) for folder in facts.watched)
    yield _rows([*static, *templates, *watched], "No folder is known.")
    hint = [_code("static="), ", ", _code("templates="), " or ", _code("watch=")]
    yield element("p.hint", f"Watched by {facts.watched_by}. A save elsewhere is not heard: name it in ", hint, ".")


def _modules(facts: Facts) -> Iterable[Content]:
    if not facts.modules:
        yield element("p.empty", "No page has loaded a module or a stylesheet yet.")
        return
    rest = facts.modules_in_all - len(facts.modules)
    summary = element("summary", f"{plural(len(facts.modules), 'file')}, and what a save of each would bring")
    more = element("p.hint", f"And {rest} more.") if rest else None
    yield element("details", summary, _rows(map(_module, facts.modules)), more, open=len(facts.modules) <= OPEN)


def _module(it: Known) -> Markup:
    above = ["imported by ", _listed(it.importers, len(it.importers))] if it.importers else None
    reach = _listed(it.reach, len(it.reach)) if it.save == "update" else it.reach
    save = [_SAVES[it.save], reach] if it.save else None
    changed = ["changed ", _time(it.version)] if it.version else None
    return _row(it.save or "plain", it.save or "known", _code(it.url), save, _joined(it.boundary, above), aside=changed)


def _footer(facts: Facts) -> Markup:
    here = f"This is the process {facts.pid}, in a session since "
    others = ". There may be others, and each shows only what it knows itself. "
    same = element("a", "The same as JSON", href="status.json")
    return element("footer", element("p", here, _time(facts.since), others, same, "."))


def _listed(names: tuple[str, ...], count: int) -> Content:
    """Return the first of *count* names."""
    shown = [[", " if at else "", _code(name)] for at, name in enumerate(names[:NAMES])]
    return [shown, f" and {count - NAMES} more" if count > NAMES else ""]


def _code(text: str) -> Markup:
    """Return *text* as code that may be broken behind a slash."""
    parts = [[element("wbr") if at else "", part] for at, part in enumerate(text.replace("/", "/\0").split("\0"))]
    return element("code", markup(parts))


def _time(at: int) -> Markup:
    """Return a time in microseconds since the epoch; the page's script shows it in the reader's own zone."""
    moment = datetime.fromtimestamp(at / 1e6, UTC)
    exact = moment.isoformat(timespec="milliseconds").replace("+00:00", "Z")
    return element("time", moment.strftime("%H:%M:%S UTC"), datetime=exact)
