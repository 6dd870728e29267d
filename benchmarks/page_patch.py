"""A page brought up to a new document: what that takes in the page, from the text to the patched tree."""

from collections.abc import Sequence
from statistics import median

from browser.patching import html, open_patched
from browser.tabs import watch
from playwright.sync_api import Browser

from benchmarks.pages import browser
from benchmarks.table import Table, short, verdict

ROUNDS = 24
LIMIT = 30  # milliseconds for one change among 5,000 elements
# Sections of seven elements, and how often each says its word.
PAGES = {"50 KB": (290, 10), "5,000 elements": (715, 1), "2 MB": (8_400, 22)}
STEPS = ("begin", "parse", "compare", "patch")
SECTION = (
    '<section class="card c{kind}"><h3>Item {number}</h3><p>{text}</p>'
    '<ul><li><a href="/items/{number}">more</a></li><li class="x">less</li></ul></section>\n'
)
MEASURE = """async ([texts, rounds]) => {
  const { createPatcher, parseDocument } = await import("/__hmr/patch.js")
  const times = { begin: [], parse: [], compare: [], patch: [], same: [] }
  const timed = (name, work) => {
    const began = performance.now()
    const result = work()
    times[name].push(performance.now() - began)
    return result
  }
  const begin = () => timed("begin", () => createPatcher({ live: document, base: parseDocument(texts[1]) }))
  for (let round = 0; round < 5; round++) begin()
  const patcher = begin()
  for (let round = 0; round < rounds; round++) {
    const next = timed("parse", () => parseDocument(texts[round % 2]))
    const plan = timed("compare", () => patcher.plan(next))
    timed("patch", () => plan.apply())
    const again = parseDocument(texts[round % 2])
    timed("same", () => patcher.plan(again))
  }
  return times
}"""


def run() -> list[Table]:
    """Patch each page to and fro."""
    with browser() as running:
        rows = [_row(running, name, *size) for name, size in PAGES.items()]
    note = (
        f"Milliseconds in the page, medians of {ROUNDS} patches of one text in the middle, not painted. The "
        "beginning is paid once a load; a page that did not change is read and compared only."
    )
    header = (
        "page",
        "elements",
        "beginning",
        "read",
        "compare",
        "patch",
        "in all",
        f"target: {LIMIT}",
        "compare the same",
    )
    return [Table("A patch of a page", header, rows, note)]


def _document(sections: int, words: int, said: str) -> str:
    middle = sections // 2
    parts = [
        SECTION.format(kind=at % 7, number=at, text=said if at == middle else "words " * words)
        for at in range(sections)
    ]
    return html(f"<main><h1>Items</h1><div>{''.join(parts)}</div></main>")


def _row(running: Browser, name: str, sections: int, words: int) -> Sequence[str]:
    texts = [_document(sections, words, said) for said in ("one", "two")]
    with running.new_context() as context:
        page = watch(context.new_page())
        open_patched(page, texts[1])
        elements = page.evaluate("document.querySelectorAll('*').length")
        times = page.evaluate(MEASURE, [texts, ROUNDS])
    found = {step: median(taken) for step, taken in times.items()}
    total = sum(found[step] for step in STEPS[1:])
    target = verdict(total, LIMIT) if name != "2 MB" else ""
    return [name, f"{elements:,}", *(short(found[step]) for step in STEPS), short(total), target, short(found["same"])]
