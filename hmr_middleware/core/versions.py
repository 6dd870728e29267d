"""Which version of each module is live: the newest change among itself and what re-runs it."""

from collections.abc import Collection, Iterable

from hmr_middleware.core.graph import EVERYTHING, Graph, Module


def raise_versions(graph: Graph, urls: Iterable[str]) -> None:
    """Bring *urls* and whatever they re-run to their newest version. Versions only grow."""
    queue = [
        url for url in urls if _raise(graph.add(url), max(graph.add(url).stamp, *_passed_on(graph, graph.add(url))))
    ]
    while queue:
        module = graph.add(queue.pop())
        for url in module.importers:
            importer = graph.add(url)
            names = importer.links.imports.get(module.url, EVERYTHING)
            if reruns(module, importer, names) and _raise(importer, module.version):
                queue.append(url)


def raise_together(graph: Graph, urls: Collection[str]) -> None:
    """Bring *urls*, the modules that one page runs again, to the newest version among those they import of them."""
    queue, within = list(urls), frozenset(urls)
    while queue:
        module = graph.add(queue.pop())
        imports = ((url, names) for url, names in module.links.imports.items() if url in within)
        below = (dependency for url, names in imports if passes_on(dependency := graph.add(url), module, names))
        if _raise(module, max((dependency.version for dependency in below), default=0)):
            queue += (url for url in module.importers if url in within)


def _raise(module: Module, version: int) -> bool:
    """Bring *module* to *version*; return whether that is news."""
    if version <= module.version:
        return False
    module.version = version
    return True


def _passed_on(graph: Graph, module: Module) -> Iterable[int]:
    """Yield the versions of the dependencies whose change re-runs *module*; 0 stands for none."""
    yield 0
    for url, names in module.links.imports.items():
        dependency = graph.add(url)
        if dependency.version and reruns(dependency, module, names):
            yield dependency.version


def reruns(dependency: Module, importer: Module, names: frozenset[str] = EVERYTHING) -> bool:
    """Return whether a change of *dependency* runs *importer* again on every page.

    Not where it is imported dynamically: a page that has not loaded it keeps the importer's instance. Of what has not
    been read yet nobody knows.
    """
    if not dependency.linked or dependency.url in importer.links.dynamic:
        return False
    return passes_on(dependency, importer, names)


def passes_on(dependency: Module, importer: Module, names: frozenset[str] = EVERYTHING) -> bool:
    """Return whether a change of *dependency* goes on to *importer*: neither of them accepts it."""
    links = dependency.links
    if links.accepts_itself or dependency.url in importer.links.accepted:
        return False
    return links.accepted_exports is None or not names <= links.accepted_exports


def changed_since(mtime: int, ctime: int, since: int) -> int:
    """Return when a file changed after *since*, in microseconds, or 0 where it did not.

    The modification time counts. Only where a change did not move it forward (rsync, cp -p, an undo by rename) is the
    inode's change time taken, so that every process that looks at the file finds the same figure.
    """
    return next((time for time in (mtime, ctime) if time > since), 0)
