"""Modules that stand for files that no browser imports by itself: `a.css.proxy.js` for `a.css`, as in Snowpack.

Nothing of a file's content is in them: running, they let the browser ask the app for it.
"""

import json
from collections.abc import Callable

from hmr_middleware.core.assets import ENDINGS

SUFFIX = ".proxy.js"

_ADDRESSES = (*ENDINGS, ".pdf", ".txt", ".webmanifest")

# A change of the sheet swaps the link, whoever put it there; the module itself has nothing to do again.
_STYLES = """\
import {{ addLink, removeLink }} from {helpers};
export default await addLink(import.meta);
import.meta.hot?.accept();
import.meta.hot?.prune(() => removeLink(import.meta));
"""
_CLASSES = """\
import {{ adoptClasses, dropClasses }} from {helpers};
export default await adoptClasses(import.meta);
import.meta.hot?.prune(() => dropClasses(import.meta));
"""
_DATA = "export {{ default }} from {file} with {{ type: 'json' }};\n"
_ADDRESS = """\
import {{ addressOf }} from {helpers};
export default addressOf(import.meta);
"""
_TEXTS = ((".module.css", _CLASSES), (".css", _STYLES), (".json", _DATA), (_ADDRESSES, _ADDRESS))


def proxy_for(url: str) -> str | None:
    """Return the URL of the module that stands for the file at *url*, or None where there is none for its kind."""
    path, mark, query = url.partition("?")
    return f"{path}{SUFFIX}{mark}{query}" if _text_for(path) else None


def proxied(url: str) -> str | None:
    """Return the URL of the file that the module at *url* stands for, or None where it is no proxy."""
    path, mark, query = url.partition("?")
    file = path.removesuffix(SUFFIX)
    return f"{file}{mark}{query}" if file != path and _text_for(file) else None


def proxy_text(url: str, root: str) -> bytes:
    """Return the text of the proxy at *url*, a URL that `proxied` knows; the app is mounted at *root*."""
    file = (proxied(url) or "").partition("?")[0]
    helpers, name = json.dumps(f"{root}/__hmr/proxies.js"), json.dumps(f"./{file.rpartition('/')[2]}")
    return _text_for(file).format(helpers=helpers, file=name).encode()


def proxies_for(urls: dict[str, str], is_file: Callable[[str], bool]) -> dict[str, str]:
    """Return those specifiers among *urls* that lead to files, with the URLs of the proxies in their place."""
    found = {specifier: (url, proxy_for(url)) for specifier, url in urls.items()}
    return {specifier: proxy for specifier, (url, proxy) in found.items() if proxy and is_file(url)}


def _text_for(path: str) -> str:
    return next((text for ending, text in _TEXTS if path.endswith(ending)), "")
