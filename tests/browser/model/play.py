"""Plays steps on a real site in real tabs, and compares what comes of it with the model."""

import json
import time
from collections.abc import Sequence
from dataclasses import dataclass, field
from pathlib import Path
from typing import Any

from playwright.sync_api import Error, Page

from browser.model.oracle import closure
from browser.model.sources import Edge, Source
from browser.model.steps import Author, Step, Write
from browser.model.tab import Disk, Expectation, Tab
from browser.projects import document
from browser.sites import Site

RECORDER = (Path(__file__).parent / "recorder.js").read_text(encoding="utf-8")
SECONDS = 8.0
HALF_WRITTEN = 0.12  # seconds: such a file is waited for, and what follows it overtakes
Snapshot = dict[str, Any]


class ModelError(AssertionError):
    """What the page came to is not what the contract says."""


def front_page(entries: Sequence[str]) -> dict[str, str]:
    """Return a page that loads *entries* and the module that tells when a step has come through."""
    tags = "".join(f'<script type="module" src="/static/{name}.js"></script>' for name in (*entries, "barrier"))
    return {"/": document(tags, head="<script>model.listen()</script>")}


def barrier_text(number: int) -> str:
    """Return the text of the module that tells."""
    return f"model.barrier = {number}; import.meta.hot.accept()"


@dataclass
class Seen:
    """One tab: the real page, the model's idea of it, and what it was like after the last step."""

    page: Page
    tab: Tab
    last: Snapshot = field(default_factory=dict)
    reached: frozenset[str] = frozenset()


@dataclass
class Game:
    """A project that is being edited, with the tabs that show it."""

    site: Site
    tabs: list[Seen]
    texts: dict[str, Source]
    missing: set[str] = field(default_factory=set)
    barrier: int = 0
    stamp: int = 0

    def disk(self) -> Disk:
        """Return what is on disk now."""
        return Disk(dict(self.texts), frozenset(self.missing))

    def begin(self) -> None:
        """Open the tabs."""
        for seen in self.tabs:
            seen.page.add_init_script(RECORDER)
            seen.page.goto(self.site.url)
            expected = seen.tab.load(self.disk())
            self._compare(seen, expected, {})

    def play(self, step: Step) -> None:
        """Take *step*; raise ModelError where what comes of it is not as the model says."""
        if step.kind == "demand":
            self._demand(*step.demanded)
        elif step.kind == "reload":
            self._reload(self.tabs[0])
        else:
            self._edit(step)
        for seen in self.tabs:  # what one tab may import again has new URLs for every importer that runs anew
            others = (other.tab for other in self.tabs if other is not seen)
            seen.tab.unsure |= frozenset().union(*(tab.fallen(self.texts) for tab in others))

    def _reload(self, seen: Seen) -> None:
        expected = seen.tab.load(self.disk())
        seen.page.reload()
        self._compare(seen, expected, {name: [text] for name, text in self.texts.items()})

    def _demand(self, asked: str, target: str) -> None:
        variants = {name: [text] for name, text in self.texts.items()}
        for seen in self.tabs:
            reached = asked in seen.reached
            if reached and seen.page.evaluate("([asked, target]) => model.demand(asked, target)", [asked, target]):
                hidden = (target, Edge.HIDDEN) in self.texts[asked].edges
                expected = seen.tab.demand(asked, target, self.disk(), hidden)
            else:
                expected = Expectation()
            self._compare(seen, expected, variants)

    def _edit(self, step: Step) -> None:
        before = dict(self.texts)
        variants = {name: [text] for name, text in before.items()}
        for write in step.writes:
            if write.source is not None:
                variants[write.name].append(write.source)
        self._write_all(step)
        for seen in self.tabs:
            for text in seen.tab.pending:
                variants[text.name].append(text)
            self._compare(seen, self._expect(seen.tab, step, before, variants), variants)

    def _expect(
        self, tab: Tab, step: Step, before: dict[str, Source], variants: dict[str, list[Source]]
    ) -> Expectation:
        written = [write.source for write in step.writes if write.source is not None]
        again = {text.name for last, text in zip(_before_each(written, before), written, strict=True) if text == last}
        touched = tab.touched if step.kind == "restart" else frozenset()
        tab.touched |= again
        if step.kind == "restart":
            tab.unsure |= self.missing  # the new process has never seen them: to it they come anew
        if not written and not touched and not tab.pending and tab.is_sound():
            return Expectation()
        exact = len(step.writes) == 1 and step.kind == "edit" and tab.edit(step.writes[0].name, before, self.disk())
        if exact:
            return exact
        changed = {text.name for text in [*written, *tab.pending]} | touched
        tab.pending += written
        return tab.bounds(variants, changed, len(tab.pending))

    def _write_all(self, step: Step) -> None:
        if step.kind == "restart":
            self.site.server.stop()
        for write in step.writes:
            self._write(write)
        if step.kind == "restart":
            self.site.server.start()
        if any(write.source and write.source.flaw == "open" for write in step.writes):
            time.sleep(HALF_WRITTEN)
        self._raise_barrier()

    def _raise_barrier(self) -> None:
        self.barrier += 1
        path = self.site.project.write_static("barrier.js", barrier_text(self.barrier))
        self.stamp = path.stat().st_mtime_ns // 1000

    def _write(self, write: Write) -> None:
        if write.source is None:
            (self.site.project.static / f"{write.name}.js").unlink(missing_ok=True)
            self.missing.add(write.name)
        else:
            self.site.project.write_static(f"{write.name}.js", write.source.text())
            self.texts[write.name] = write.source
            self.missing.discard(write.name)
        if write.pause:
            time.sleep(write.pause / 1000)

    def _settle(self, seen: Seen) -> Snapshot:
        deadline = time.monotonic() + SECONDS
        while True:
            try:
                seen.page.wait_for_function("globalThis.model?.listening", timeout=SECONDS * 1000)
                found: Snapshot | None = seen.page.evaluate(
                    "([barrier, stamp, milliseconds]) => model.settle(barrier, stamp, milliseconds)",
                    [self.barrier, self.stamp, SECONDS * 1000],
                )
            except Error as error:
                if time.monotonic() > deadline or "in vain" in str(error):
                    wanted = f"barrier {self.barrier} at {self.stamp}"
                    raise ModelError(f"the page did not come to rest: {wanted}: {error}") from None
                continue
            if found:
                return found
            if time.monotonic() > deadline:
                raise ModelError("the page did not come to rest: it swallows every barrier")
            self._raise_barrier()

    def _compare(self, seen: Seen, expected: Expectation, variants: dict[str, list[Source]]) -> None:
        snapshot = self._settle(seen)
        comparison = Comparison(self.disk(), seen.tab, seen.last, snapshot, expected, variants)
        faults = comparison.faults()
        if faults:
            told = json.dumps(snapshot)
            raise ModelError("\n".join([*faults, f"expected: {expected}", f"model: {seen.tab}", f"page: {told}"]))
        comparison.adopt()
        seen.last, seen.reached = snapshot, comparison.reached


@dataclass
class Comparison:
    """What a page was, what it is, and what it should be."""

    disk: Disk
    tab: Tab
    before: Snapshot
    after: Snapshot
    expected: Expectation
    variants: dict[str, list[Source]]

    def __post_init__(self) -> None:
        self.now: dict[str, Snapshot] = self.after["modules"]
        self.reloaded = self.before.get("document") != self.after["document"]
        self.old: dict[str, Snapshot] = {} if self.reloaded else self.before["modules"]
        self.ran = {name: it["run"] - self.old.get(name, {"run": 0})["run"] for name, it in self.now.items()}
        self.ran = {name: count for name, count in self.ran.items() if count}
        self.reached = self._reached()

    def _reached(self) -> frozenset[str]:
        seen = {name for name in self.tab.entries if name in self.now}
        ahead = list(seen)
        while ahead:
            for name in self.now[ahead.pop()]["seen"]:
                if name in self.now and name not in seen:
                    seen.add(name)
                    ahead.append(name)
        return frozenset(seen)

    def faults(self) -> list[str]:
        """Return what is wrong, each in a sentence."""
        checks = (self._reload, self._refused, self._runs, self._stale, self._twice, self._disposals, self._whole)
        return [fault for check in checks for fault in check()]

    def _reload(self) -> list[str]:
        if self.expected.reload is None or self.expected.reload == self.reloaded:
            return []
        return ["the page reloaded" if self.reloaded else "the page did not reload"]

    def _refused(self) -> list[str]:
        flawed = [name for name in self.disk.texts if not self.disk.whole(name)]
        return [f"refused: {self._held() or 'the page'}"] if self._is_refused() and not flawed else []

    def _is_refused(self) -> bool:
        return self.after["broken"] or bool(self._held())

    def _held(self) -> list[str]:
        """Return the modules whose update waits for some file to be mended."""
        names: list[str] = self.after["refused"]
        return [name for name in names if name in self.disk.texts]

    def _runs(self) -> list[str]:
        if self.expected.runs is not None:
            wanted = dict.fromkeys(self.expected.runs, 1)
            return [] if self.ran == wanted else [f"ran: {self.ran}, expected {wanted}"]
        if self.reloaded:
            return []
        too_often = {name: n for name, n in self.ran.items() if n > self.expected.times}
        needless = self.ran.keys() - self.expected.may_run
        return [f"ran too often: {too_often}"] * bool(too_often) + [f"ran needlessly: {needless}"] * bool(needless)

    def _stale(self) -> list[str]:
        if self.after["broken"]:
            return []
        texts = self.disk.texts
        current = (it for it in self.reached if self.disk.whole(it) and it not in self._held())
        stale = [it for it in current if self.now[it]["serial"] != texts[it].serial]
        return [f"stale: {name} runs #{self.now[name]['serial']}, not #{texts[name].serial}" for name in sorted(stale)]

    def _twice(self) -> list[str]:
        found = []
        for name in sorted(self.ran.keys() & self.reached):
            for dep, run in self.now[name]["seen"].items():
                if run not in (None, self.now.get(dep, {}).get("run")) and not self._may_differ(name, dep):
                    found.append(f"{name} holds {dep} run {run}, but run {self.now.get(dep, {}).get('run')} is live")
        return found

    def _may_differ(self, name: str, dep: str) -> bool:
        if self.expected.runs is not None:
            return False
        accepts = any(text.accepts(dep) for text in self.variants[name])
        return accepts or any(text.accepts_itself for text in self.variants[dep])

    def _disposals(self) -> list[str]:
        told = [tuple(item) for item in self.after["disposals"]]
        again = {item for item in told if told.count(item) > 1}
        alive = {(name, self.now[name]["run"]) for name in self.reached} & set(told)
        gone = {(name, it["run"]) for name, it in self.old.items() if name in self.ran and it["disposes"]} - set(told)
        named = (("disposed twice", again), ("disposed alive", alive), ("not disposed", gone))
        return [f"{what}: {sorted(which)}" for what, which in named if which]

    def _whole(self) -> list[str]:
        if self._is_refused():
            return []
        fresh = Tab(self.tab.entries)
        fresh.load(self.disk)
        dead = (fresh.current & self.tab.entries) - self.now.keys()
        return [f"never ran: {name}" for name in sorted(dead)]

    def adopt(self) -> None:
        """Let the model go on from what the page came to, where the model did not know."""
        if self.expected.runs is not None:
            return
        tab = self.tab
        tab.refused = self._is_refused()
        tab.failed = frozenset(name for name, repeatable in self.after["failed"] if not repeatable)
        tab.asked = frozenset(name for name, repeatable in self.after["failed"] if repeatable)
        if self.reloaded:
            tab.load(self.disk)
        elif not tab.refused:
            tab.pending = []
            tab.unsure |= self.expected.may_run
        tab.unsure -= {name for name in self.ran if not (closure(self.disk.texts, [name]) - {name}) & tab.unsure}
        tab.unsure |= self.disk.missing  # what was asked for in vain may run when it is back
        tab.note_givers({name: self.variants[name] for name in self.ran})
        tab.loaded |= self.ran.keys() | {name for name in self.tab.loaded if name in self.now}
        tab.current |= frozenset(self.ran)
        tab.forget_lost(self.disk.texts)


def _before_each(written: Sequence[Source], before: dict[str, Source]) -> list[Source]:
    """Return what each of the texts *written* took the place of."""
    last = dict(before)
    replaced = []
    for text in written:
        replaced.append(last[text.name])
        last[text.name] = text
    return replaced


def new_game(author: Author, site: Site, pages: Sequence[Page]) -> Game:
    """Return the game on *author*'s project as it is on disk."""
    tabs = [Seen(page, Tab(frozenset(author.entries))) for page in pages]
    return Game(site, tabs, {name: author.last(name) for name in author.names})
