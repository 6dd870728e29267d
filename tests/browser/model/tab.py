"""What the model knows of one tab, and what it expects of the next step."""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass, field, replace

from browser.model.oracle import Situation, Texts, closure, reach
from browser.model.sources import Hot, Source

Variants = Mapping[str, list[Source]]


@dataclass(frozen=True)
class Disk:
    """The newest text of every module, and which files there are."""

    texts: Texts
    missing: frozenset[str]

    def whole(self, name: str) -> bool:
        """Return whether the module *name* can be loaded."""
        return name not in self.missing and not self.texts[name].flaw


@dataclass(frozen=True)
class Expectation:
    """*runs* is None where only bounds are known: *may_run*, each module at most *times*."""

    runs: frozenset[str] | None = frozenset()
    reload: bool | None = False  # None: perhaps
    may_run: frozenset[str] = frozenset()
    times: int = 1

    def __str__(self) -> str:
        runs = "at most " + " ".join(sorted(self.may_run)) if self.runs is None else " ".join(sorted(self.runs))
        return f"runs: {runs or 'nothing'} (times {self.times}); reload: {self.reload}"


@dataclass
class Tab:
    """One tab's document, as the model believes it to be."""

    entries: frozenset[str]
    loaded: frozenset[str] = frozenset()
    current: frozenset[str] = frozenset()  # whose newest instance is of the live version
    unsure: frozenset[str] = frozenset()  # of which that is not known
    hidden: frozenset[str] = frozenset()  # imported on demand by what cannot be read
    pending: list[Source] = field(default_factory=list)  # texts of an update that did not link
    refused: bool = False
    listed: frozenset[str] = frozenset()  # what callbacks that may still be in force import anew
    givers: frozenset[str] = frozenset()  # whose callbacks in force may give an update up
    failed: frozenset[str] = frozenset()  # what imports at once have not got
    asked: frozenset[str] = frozenset()  # what imports on demand have not got: those can be made again
    vain: frozenset[str] = frozenset()  # asked for on demand when it did not link: the browser has it, and it never ran
    touched: frozenset[str] = frozenset()  # written again with the same text since it ran: another process cannot tell

    def situation(self, texts: Texts) -> Situation:
        """Return how the tab looks where *texts* are the newest."""
        return Situation(texts, self.loaded, self.entries | self.hidden)

    def is_sound(self) -> bool:
        """Return whether everything the tab should have run has run."""
        return not self.refused and not self.pending and self.entries <= self.current

    # Running modules

    def needed(self, names: Iterable[str], disk: Disk) -> frozenset[str]:
        """Return what would run or at least be fetched if *names* were imported."""
        seen: set[str] = set()
        ahead = [name for name in names if name not in self.current]
        while ahead:
            name = ahead.pop()
            if name not in seen:
                seen.add(name)
                if disk.whole(name):
                    ahead += [it for it in disk.texts[name].static if it not in self.current]
        return frozenset(seen)

    def run(self, names: Iterable[str], disk: Disk) -> frozenset[str] | None:
        """Run *names* and what they need, then what that imports at once; None where it does not link."""
        ran = self.needed(names, disk)
        self.loaded |= ran
        if not all(map(disk.whole, ran)):
            return None
        self.current |= ran
        self.note_givers({name: [disk.texts[name]] for name in ran})
        for name in sorted(ran):
            for eager in sorted(disk.texts[name].eager):
                got = self.run([eager], disk)
                self.failed = self.failed - {eager} if got is not None else self.failed | {eager}
                self.asked -= {eager}
                ran |= got or frozenset()
        return ran

    def fallen(self, texts: Texts) -> frozenset[str]:
        """Return what failed imports lead to, and nothing that runs does."""
        failed = self.failed | self.asked
        below = closure(texts, failed)
        alive = set((self.loaded - below) | self.entries | self.hidden - failed)
        ahead = list(alive)
        while ahead:
            text = texts[ahead.pop()]
            fresh = (text.static | text.readable - failed) & self.loaded - alive
            alive |= fresh
            ahead += fresh
        return below - alive

    def note_givers(self, variants: Variants) -> None:
        """Note whose callbacks give updates up: those that a module registers first stay in force."""
        self.givers |= _givers(variants)

    def forget_lost(self, texts: Texts) -> None:
        """Forget what the page does not lead to any more."""
        self.loaded = reach(texts, self.entries | self.hidden, self.loaded)
        self.current &= self.loaded
        self.failed &= self.loaded
        self.asked &= self.loaded
        self.hidden &= self.loaded

    # Steps

    def load(self, disk: Disk) -> Expectation:
        """Load the document anew."""
        self.loaded = self.current = self.hidden = self.givers = self.touched = self.vain = frozenset()
        self.failed = self.asked = frozenset()
        self.pending, self.refused = [], False
        self.loaded = self.entries
        ran = [self.run([entry], disk) for entry in sorted(self.entries)]
        self.unsure -= self.loaded
        return Expectation(frozenset().union(*(one or frozenset() for one in ran)), reload=True)

    def demand(self, asked: str, target: str, disk: Disk, hidden: bool) -> Expectation:
        """Let the module *asked* import *target*."""
        if hidden:
            self.hidden |= {target}
        if not all(map(disk.whole, closure(disk.texts, [target]))):
            self.vain |= closure(disk.texts, [target]) - self.current
        if not self.is_sound() or asked not in self.current or asked in self.unsure:
            self.unsure |= frozenset(disk.texts)
            self.asked, self.failed = self.asked | {target}, self.failed - {target}
            return Expectation(None, may_run=frozenset(disk.texts), times=2)
        needed = self.needed([target], disk) | closure(disk.texts, [target]) & self.unsure
        ran = self.run([target], disk)
        self.failed -= {target}
        self.asked = self.asked | {target} if ran is None else self.asked - {target}
        if needed & self.unsure:
            self.unsure |= needed
            # Once more, where the server hears of the old spelling of a URL before it hears of the new one.
            return Expectation(None, may_run=needed | (ran or frozenset()), times=2)
        return Expectation(ran or frozenset())

    def edit(self, name: str, before: Texts, disk: Disk) -> Expectation | None:
        """Save one module; None where only bounds can be given."""
        if not self.is_sound() or disk.texts[name].flaw or name in self.vain:
            return None
        if name not in self.loaded:
            self.unsure |= {name}  # whoever imports it has a version from before the server hears of it
            return Expectation()
        if disk.texts[name] == before[name]:
            return None if name in self.unsure else Expectation()
        fallen = self.fallen(disk.texts)
        again = frozenset(it for it in self.failed if name in fallen and name in closure(disk.texts, [it]))
        if not all(map(disk.whole, closure(disk.texts, again))) or name in closure(disk.texts, self.asked):
            return None
        alive = replace(self.situation(disk.texts), loaded=(self.loaded - fallen) | again).without_lost()
        verdict = alive.verdict(again if name in fallen else [name], again)
        if verdict.reload:
            return self.load(disk) if all(map(disk.whole, closure(disk.texts, self.entries))) else None
        if (
            any(Hot.GIVES_UP in (before[at].hot, disk.texts[at].hot) for at in verdict.boundaries)
            or self.givers & verdict.boundaries
        ):
            return None
        after = replace(self, current=self.current - verdict.reached)
        self.listed |= frozenset(disk.texts[name].accepted) | frozenset(before[name].accepted)
        if closure(disk.texts, verdict.reached) & self.unsure or self.listed - self.loaded:
            return None  # an import may be of an older spelling than the next text of its importer has
        ran = after.run(verdict.imported, disk)
        if ran is None:
            return None
        after.forget_lost(disk.texts)
        self.loaded, self.current, self.hidden = after.loaded, after.current, after.hidden
        self.failed, self.asked = after.failed, after.asked
        return Expectation(ran)

    def _fallible(self, variants: Variants) -> frozenset[str]:
        """Return what may never have run when it changes, so that it accepts nothing."""
        doubtful = {name for name, texts in variants.items() if any(it.flaw for it in texts)}
        doubtful |= {name for name in variants if name in self.loaded - self.current}
        every = {name: frozenset().union(*(it.static for it in texts)) for name, texts in variants.items()}
        while more := {name for name, static in every.items() if static & doubtful} - doubtful:
            doubtful |= more
        return frozenset(doubtful)

    def bounds(self, variants: Variants, changed: Collection[str], writes: int) -> Expectation:
        """Return what several edits, in whatever batches they are noticed, may come to."""
        if not self.entries <= self.current:
            return Expectation(None, None, frozenset(variants), writes + 2)
        climbed, ends = climb(variants, self.entries | self.hidden, changed, self.givers | self._fallible(variants))
        loose = _spread(variants, _loose(variants))
        new = frozenset(variants) - self.current
        self.listed = self.listed.union(*(text.accepted for texts in variants.values() for text in texts))
        may_run = climbed | (_spread(variants, climbed | self.listed) & (loose | new | self.unsure))
        givers = len(self.givers | _givers(variants))
        return Expectation(None, None if ends else False, may_run, writes + 2 * givers + 1)


def climb(
    variants: Variants, roots: Collection[str], changed: Iterable[str], givers: Collection[str]
) -> tuple[frozenset[str], bool]:
    """Return what a change may arrive at if every module has any of its *variants*, and whether it may get stuck."""
    seen: set[str] = set()
    ends = False
    ahead = list(changed)
    while ahead:
        name = ahead.pop()
        if name in seen:
            ends = True  # perhaps a circle
            continue
        seen.add(name)
        if name not in givers and all(it.accepts_itself and it.hot is not Hot.GIVES_UP for it in variants[name]):
            continue
        ends |= name in roots or any(it.hot is Hot.DECLINES for it in variants[name])
        for other, texts in variants.items():
            if any(name in it.readable and not it.accepts(name) for it in texts):
                ahead.append(other)
    return frozenset(seen), ends


def _givers(variants: Variants) -> frozenset[str]:
    return frozenset(name for name, texts in variants.items() if any(it.hot is Hot.GIVES_UP for it in texts))


def _loose(variants: Variants) -> frozenset[str]:
    """Return the modules that some importer may have let go."""
    every = [set().union(*(it.readable for it in texts)) for texts in variants.values()]
    kept = [set.intersection(*(set(it.readable) for it in texts)) for texts in variants.values()]
    return frozenset().union(*(one - two for one, two in zip(every, kept, strict=True)))


def _spread(variants: Variants, names: Iterable[str]) -> frozenset[str]:
    """Return *names* and all that they may import while they run."""
    seen, ahead = set(names), list(names)
    while ahead:
        for it in variants[ahead.pop()]:
            for name in (it.static | it.eager) - seen:
                seen.add(name)
                ahead.append(name)
    return frozenset(seen)
