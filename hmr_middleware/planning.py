"""What one change means for one page, as the message that the page is sent."""

from dataclasses import dataclass, field, replace

from hmr_middleware.core.changes import Change
from hmr_middleware.core.messages import Reload, ServerMessage, UpdateMessage, encode, encode_for_stock_client
from hmr_middleware.core.propagation import Plan
from hmr_middleware.engine import Engine
from hmr_middleware.pages import Page


@dataclass(frozen=True, slots=True, eq=False)
class Saying:
    """What a page is told: the Plan and the message that carries it, or None where there is nothing to say.

    Where the page is to try again what it has refused, *news* is the part that is about the change itself.
    """

    plan: Plan
    message: ServerMessage | None
    news: "Saying | None" = None
    _words: dict[str | None, tuple[str, ...]] = field(default_factory=dict, repr=False)

    def words(self, stock_root: str | None) -> tuple[str, ...]:
        """Return the message as texts for the wire, put into words once for however many clients are told.

        *stock_root* is None for a client of ours, and the app's root for one that knows only ESM-HMR.
        """
        if stock_root not in self._words:
            self._words[stock_root] = _words(self.message, stock_root)
        return self._words[stock_root]


def _words(message: ServerMessage | None, stock_root: str | None) -> tuple[str, ...]:
    if message is None:
        return ()
    return (encode(message),) if stock_root is None else encode_for_stock_client(message, stock_root)


def plan_for(engine: Engine, page: Page | None, change: Change, refused: frozenset[str] = frozenset()) -> Saying:
    """Return what *page* is told of *change*, and of what it has *refused*; None is a client without a hello.

    What cannot be linked still must not keep an update from the page that has nothing to do with it: that goes along
    apart. A reload does not, for it would load what cannot be linked.
    """
    if not refused:
        return _saying(engine, page, change)
    whole = _saying(engine, page, replace(change, urls=tuple(dict.fromkeys([*change.urls, *sorted(refused)]))))
    news = _saying(engine, page, change)  # afterwards, with the versions that the whole has given
    message = whole.message
    if isinstance(message, Reload) and not isinstance(news.message, Reload):
        message = replace(message, again=True)
    if isinstance(message, UpdateMessage | Reload) and isinstance(news.message, UpdateMessage):
        message = replace(message, alone=news.message)
    return Saying(whole.plan, message, news)


def _saying(engine: Engine, page: Page | None, change: Change) -> Saying:
    if page is None:
        plan = engine.pages.plan_for_all(change.urls)
        return Saying(plan, engine.pages.message(plan))
    plan = engine.pages.plan(page, change.urls, change.appeared)
    pruned = [url for url in change.dropped if url in page.modules and url not in page.entries]
    return Saying(plan, engine.pages.message(plan, pruned))
