"""What never ran in a page: what a failed `import()` leads to, and nothing that runs does.

A browser keeps a module that could not be fetched, linked or run under its URL for as long as the page lives (HTML
Standard, "module map"): only new URLs, up to what was imported, make another attempt possible.
"""

from collections.abc import Collection, Iterable, Iterator

from hmr_middleware.core.assets import is_shown
from hmr_middleware.core.graph import Graph, reach


def never_ran(
    graph: Graph, loaded: Collection[str], entries: Collection[str], failed: Collection[str]
) -> frozenset[str]:
    """Return what never ran in a page that has *loaded* these modules, and could not import the *failed* ones.

    Its *entries* did: where they did not, nothing of the page runs. So did what they import statically: of that a newer
    version has failed. What a page may show by itself does not wait.
    """
    if not failed:
        return frozenset()

    def static(url: str) -> Iterator[str]:
        links = graph.add(url).links
        return (it for it in links.imports if it not in links.dynamic)

    def onwards(url: str) -> Iterator[str]:
        links = graph.add(url).links
        return (it for it in links.imports if it in loaded and not (it in failed and it in links.dynamic))

    below = reach(failed, static)
    alive = reach((url for url in loaded if url not in below or url in entries), onwards)
    return frozenset(url for url in below if url not in alive and not is_shown(url))


def static_importers(graph: Graph, urls: Iterable[str], within: Collection[str]) -> frozenset[str]:
    """Return *urls*, and what imports them statically at any depth, as far as it is *within*."""

    def above(url: str) -> Iterator[str]:
        return (it for it in graph.add(url).importers if it in within and url not in graph.add(it).links.dynamic)

    return frozenset(reach(urls, above))
