"""A page is brought up to a new document: what the server changed comes in, everything else stays as it is."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from browser.patching import html, open_patched
from browser.tabs import loads, page_errors

LIST = "<ul id=list>{}</ul>"


def items(*ids: str) -> str:
    """Return a list of items with these ids."""
    return LIST.format("".join(f"<li id={name}>{name}</li>" for name in ids))


@dataclass(frozen=True)
class Case:
    """From *base*, changed by *script*, to *new*: the body is *expected* then, or what a fresh load makes of *new*."""

    base: str
    new: str
    script: str = ""
    expected: str = ""


def check(page: Page, case: Case) -> None:
    """Patch and compare."""
    patched = open_patched(page, html(case.base), script=case.script)
    result = patched.apply(html(case.new))
    assert result["reload"] == ""
    if case.expected:
        assert patched.body() == case.expected
    else:
        assert patched.unlike(html(case.new)) == ""
    again = patched.apply(html(case.new))
    assert not again["changed"], "the new document is the base now"
    assert not page_errors(page)


CONTENT = {
    "a text": Case("<p>one</p>", "<p>two</p>"),
    "an attribute set, changed and removed": Case(
        '<p title="a" lang="de">x</p><i></i>', '<p title="b">x</p><i hidden></i>'
    ),
    "attributes that only a parser can write": Case(
        '<p @click="a()" :key="1">x</p>', '<p @click="b()" :key="1" v-on:x.y="1" #z>x</p>'
    ),
    "an element comes": Case("<p>a</p><p>c</p>", "<p>a</p><p>b</p><p>c</p>"),
    "an element goes": Case("<p>a</p><p>b</p><p>c</p>", "<p>a</p><p>c</p>"),
    "everything comes and goes": Case("<p>a</p>", "<div><b>other</b></div>"),
    "text around elements": Case("a<b>b</b>c", "x<b>b</b>y<i>z</i>"),
    "comments": Case("<!-- a --><p>x</p>", "<!-- b --><p>x</p><!-- c -->"),
    "white space": Case("<p>a</p>\n<p>b</p>", "\n\n  <p>a</p><p>b</p>\n"),
    "white space that counts": Case("<pre>a\n b</pre>", "<pre>\n\na\n   b </pre>"),
    "Windows line ends": Case("<pre>a\r\nb</pre>\r\n<p>x</p>", "<pre>a\r\nb\r\nc</pre>\r\n<p>x</p>"),
    "a table without its parts": Case(
        "<table><tr><td>1</table>", "<table><caption>c</caption><tr><td>0<tr><td>1<tfoot><tr><td>s</table>"
    ),
    "what a table throws out": Case("<table><tr><td>1</table>", "<table><div>out</div>text<tr><td>2</table>"),
    "options and their groups": Case(
        "<select><option>a<option>b</select>", "<select><optgroup label=g><option>a</optgroup><option>c</select>"
    ),
    "SVG": Case(
        '<svg viewBox="0 0 1 1"><use xlink:href="#a"/></svg>',
        '<svg viewBox="0 0 2 2"><use xlink:href="#b"/><foreignObject><p>x</p></foreignObject></svg>',
    ),
    "MathML": Case("<math><mi>x</mi></math>", "<math><mrow><mi>x</mi><mo>+</mo></mrow></math>"),
    "a custom element that nobody defines": Case("<x-y a=1>t</x-y>", "<x-y a=2>t<b>u</b></x-y>"),
    "a template's content": Case(
        "<template><p>a</p></template>", "<template><p>b</p><template><i>c</i></template></template>"
    ),
    "duplicate ids": Case(
        "<p id=a>1</p><p id=a>2</p><p id=a>3</p>", "<p id=a>1</p><p id=a>3</p><b id=a>4</b><p id=a>5</p>"
    ),
    "unclosed and stray tags": Case("<p>a<p>b<b>c</p>d</i>", "<p>a<div>b<b>c</p></div>d</section><p"),
    "a plain fragment": Case("just text", "just <b>text"),
    "noscript": Case("<noscript><p>no</p></noscript>", "<noscript><p>none</p> & such</noscript>"),
    "an element with another name": Case("<div><p>a</p></div>", "<section><p>a</p></section>"),
    "wrapped": Case("<main><form><input></form></main>", "<main><div><form><input></form></div></main>"),
    "unwrapped": Case("<main><div><form><input></form></div></main>", "<main><form><input></form></main>"),
    "inside out": Case("<div id=a><div id=b>x</div></div>", "<div id=b><div id=a></div>x</div>"),
    "a form whose fields hide its properties": Case(
        "<form><input name=children><input name=id><input name=attributes><input name=parentNode></form>",
        "<form class=a><input name=id><input name=nextSibling><input name=children value=1></form>",
    ),
    "data blocks": Case(
        "<script type=application/json id=d>[1]</script>", "<script type=application/json id=d>[2]</script>"
    ),
    "nothing left": Case("<p>a</p>", ""),
    "from nothing": Case("", "<p>a</p>text"),
}


@pytest.mark.parametrize("case", CONTENT.values(), ids=CONTENT)
def test_an_untouched_page_becomes_the_new_document(page: Page, case: Case) -> None:
    check(page, case)


HEADS = {
    "title": ("<title>a</title>", "<title>b</title>"),
    "no title before": ("", "<title>b</title>"),
    "meta": (
        "<meta name=viewport content=a><meta name=description content=x>",
        "<meta name=description content=y><meta property=og:title content=t>",
    ),
    "a style": ("<style>p { color: red }</style>", "<style>p { color: blue }</style>"),
    "an icon": ('<link rel=icon href="data:,a">', '<link rel=icon href="data:,b">'),
    "noscript with what may not stand there": (
        "<noscript><img src=a></noscript><title>a</title>",
        "<noscript><img src=b></noscript><title>b</title><meta name=x content=y>",
    ),
}


@pytest.mark.parametrize(("base", "new"), HEADS.values(), ids=HEADS)
def test_the_head_follows(page: Page, base: str, new: str) -> None:
    patched = open_patched(page, html("<p>x</p>", base))
    patched.apply(html("<p>x</p>", new))
    assert patched.unlike(html("<p>x</p>", new)) == ""


def test_the_attributes_of_html_and_body_follow(page: Page) -> None:
    patched = open_patched(
        page, '<!doctype html><html lang=en class="a"><body class=x onclick="1"><p>x</p></body></html>'
    )
    patched.run("document.documentElement.classList.add('js')")
    patched.apply('<!doctype html><html lang=de class="b"><body class="x y"><p>x</p></body></html>')
    assert patched.run("[document.documentElement.lang, document.documentElement.className]") == ["de", "js b"]
    assert patched.run("[document.body.className, document.body.hasAttribute('onclick')]") == ["x y", False]


MEDDLED = {
    "a text that a script wrote": Case(
        "<p id=n>0</p><p>a</p>", "<p id=n>zero</p><p>b</p>", "get('n').firstChild.data = '5'", '<p id="n">5</p><p>b</p>'
    ),
    "a text in pieces": Case(
        "<p id=n>one two</p>",
        "<p id=n>one two three</p>",
        "get('n').firstChild.splitText(3)",
        '<p id="n">one two three</p>',
    ),
    "a text that was rendered again alike": Case(
        "<p id=n>one</p>", "<p id=n>two</p>", "later(() => get('n').innerHTML = 'one')", '<p id="n">two</p>'
    ),
    "what a script appended": Case(
        items("a", "b"),
        items("a", "b", "c"),
        "get('list').append(document.createElement('hr'))",
        '<ul id="list"><li id="a">a</li><li id="b">b</li><li id="c">c</li><hr></ul>',
    ),
    "what a script put first": Case(
        items("a"),
        items("b", "a"),
        "get('list').prepend(document.createElement('hr'))",
        '<ul id="list"><hr><li id="b">b</li><li id="a">a</li></ul>',
    ),
    "an item in the place of another, between nodes of a script": Case(
        items("a"),
        items("b"),
        "get('a').before('<'); get('a').after('>')",
        '<ul id="list">&lt;<li id="b">b</li>&gt;</ul>',
    ),
    "what a script removed": Case(
        items("a", "b", "c"),
        items("a", "b", "c", "d"),
        "get('b').remove()",
        '<ul id="list"><li id="a">a</li><li id="c">c</li><li id="d">d</li></ul>',
    ),
    "what a script sorted": Case(
        items("a", "b", "c"),
        items("a", "b", "c", "d"),
        "get('list').prepend(get('c'))",
        '<ul id="list"><li id="c">c</li><li id="d">d</li><li id="a">a</li><li id="b">b</li></ul>',
    ),
    "what a script carried elsewhere": Case(
        "<p id=a>a</p><div id=home></div>",
        "<p id=a title=t>b</p><div id=home></div>",
        "get('home').append(get('a'))",
        '<div id="home"><p id="a" title="t">b</p></div>',
    ),
    "what a script carried elsewhere and the server removes": Case(
        "<section><p id=a>a</p></section><div id=home></div>",
        "<div id=home></div>",
        "get('home').append(get('a'))",
        '<div id="home"></div>',
    ),
    "a component in an element that the server sent empty": Case(
        "<div id=app></div>",
        "<div id=app class=wide></div><p>x</p>",
        "get('app').innerHTML = '<b>mounted</b>'",
        '<div id="app" class="wide"><b>mounted</b></div><p>x</p>',
    ),
    "words on a blank place": Case(
        "<div id=app>\n</div>",
        "<div id=app></div>",
        "get('app').textContent = 'mounted'",
        '<div id="app">mounted</div>',
    ),
    "classes": Case(
        '<p id=a class="one two">x</p>',
        '<p id=a class="two three">x</p>',
        "get('a').classList.add('mine')",
        '<p id="a" class="two mine three">x</p>',
    ),
    "a class that both add": Case(
        "<p id=a>x</p>", '<p id=a class="on">x</p>', "get('a').classList.add('on')", '<p id="a" class="on">x</p>'
    ),
    "properties of a style": Case(
        '<p id=a style="color: red; margin: 1px">x</p>',
        '<p id=a style="color: blue; --x: 1">x</p>',
        "get('a').style.display = 'flex'",
        '<p id="a" style="color: blue; display: flex; --x: 1;">x</p>',
    ),
    "an attribute that a script set": Case(
        "<p id=a>x</p>",
        "<p id=a title=t>x</p>",
        "get('a').setAttribute('data-x', '1')",
        '<p id="a" data-x="1" title="t">x</p>',
    ),
    "a list that a script rendered": Case(
        items("a", "b"),
        items("a", "b", "c"),
        "get('list').innerHTML = '<li>own</li>'",
        '<ul id="list"><li id="c">c</li><li>own</li></ul>',
    ),
    "an element that a script put around": Case(
        "<p id=a>x</p>",
        "<p id=a>y</p>",
        "const box = document.createElement('div'); get('a').replaceWith(box); box.append(get('a') ?? '')",
        "<div></div>",
    ),
}


@pytest.mark.parametrize("case", MEDDLED.values(), ids=MEDDLED)
def test_what_scripts_made_of_the_page_stays(page: Page, case: Case) -> None:
    after = case.script.removeprefix("later(() => ").removesuffix(")") if case.script.startswith("later") else ""
    patched = open_patched(page, html(case.base), script="" if after else case.script)
    if after:
        patched.run(after)
    patched.apply(html(case.new))
    assert patched.body() == case.expected
    assert not page_errors(page)


@pytest.mark.parametrize("case", MEDDLED.values(), ids=MEDDLED)
def test_it_is_the_same_when_the_script_runs_later(page: Page, case: Case) -> None:
    patched = open_patched(page, html(case.base))
    patched.run(f"(() => {{ const later = (run) => run(); {case.script} }})()")
    patched.apply(html(case.new))
    assert patched.body() == case.expected


def test_lists_gain_lose_and_reorder(page: Page) -> None:
    ids = "abcdefgh"
    patched = open_patched(page, html(items(*ids)))
    patched.run("globalThis.nodes = Object.fromEntries([...get('list').children].map((item) => [item.id, item]))")
    for order in ("hgfedcba", "ahbc", "xabcyh", "hx", "abcdefgh"):
        patched.apply(html(items(*order)))
        assert patched.run("[...get('list').children].map((item) => item.id).join('')") == order
    assert patched.run("nodes.a === get('a')") is False, "it was gone in between"
    assert patched.run("nodes.h === get('h')") is True


@pytest.mark.parametrize("attribute", ["id", "data-key", "data-id", "key"])
def test_items_are_known_by_their_key(page: Page, attribute: str) -> None:
    def form(*keys: str) -> str:
        return html("".join(f"<div {attribute}={key}><input></div>" for key in keys))

    patched = open_patched(page, form("a", "b", "c"))
    patched.run("document.querySelectorAll('input').forEach((input, at) => (input.value = at))")
    patched.apply(form("c", "new", "a"))
    assert patched.run("[...document.querySelectorAll('input')].map((input) => input.value)") == ["2", "", "0"]


def test_items_without_a_key_are_known_by_what_they_say(page: Page) -> None:
    def rows(*words: str) -> str:
        return html("".join(f"<div><b>{word}</b><input></div>" for word in words))

    patched = open_patched(page, rows("apple", "pear", "plum tree"))
    patched.run("document.querySelectorAll('input').forEach((input, at) => (input.value = at))")
    patched.apply(rows("quince", "pear", "the plum tree"))
    assert patched.run("[...document.querySelectorAll('input')].map((input) => input.value)[1]") == "1"
    patched.apply(rows("pear", "cherry", "the old plum tree"))
    assert patched.run("[...document.querySelectorAll('input')].map((input) => input.value)[0]") == "1"
    assert patched.run("[...document.querySelectorAll('input')].map((input) => input.value)[2]") == "2"


def test_nothing_is_written_where_nothing_changed(page: Page) -> None:
    document = html(items(*"abc") + "<template><p>x</p></template><p class='a'>x</p>", "<title>t</title>")
    patched = open_patched(page, document)
    patched.run(
        "globalThis.seen = [], new MutationObserver((records) => seen.push(...records))"
        ".observe(document, { subtree: true, childList: true, attributes: true, characterData: true })"
    )
    assert patched.apply(document) == {"changed": False, "reload": "", "patched": [], "added": [], "removed": []}
    assert patched.run("seen.length") == 0
    patched.apply(document.replace("<li id=c>c", "<li id=c>C"))
    assert patched.run("seen.map(({ type, target }) => `${type} ${target.data}`)") == ["characterData C"]


def test_one_line_tells_of_a_patch(page: Page) -> None:
    patched = open_patched(page, html("<main><ul id=todo><li>a</ul></main>", "<title>a</title>"))
    patched.apply(html("<main><ul id=todo><li>b</ul><p>c</main>", "<title>b</title>"))
    assert patched.told() == ["patched 2 elements: title, main > ul#todo > li; added 1 element: main > p"]


@pytest.mark.parametrize("size", [512, 10_000])
def test_a_deep_page(page: Page, size: int) -> None:
    def deep(word: str) -> str:
        return html("<div>" * size + word)

    patched = open_patched(page, deep("one"))
    patched.apply(deep("two"))
    assert patched.unlike(deep("two")) == ""


def test_a_flat_list_of_20_000(page: Page) -> None:
    def flat(numbers: range) -> str:
        return html(LIST.format("".join(f"<li>{number}" for number in numbers)))

    patched = open_patched(page, flat(range(20_000)))
    patched.apply(flat(range(10, 20_020)))
    assert patched.unlike(flat(range(10, 20_020))) == ""
    assert loads(page) == 1


def test_pages_that_differ_each_time(page: Page) -> None:
    def served(token: str) -> str:
        head = f"<script nonce={token}>globalThis.runs = (globalThis.runs ?? 0) + 1</script>"
        return html(f"<form><input type=hidden name=csrf value={token}><input name=a></form><time>{token}</time>", head)

    patched = open_patched(page, served("one"))
    patched.run("document.querySelector('[name=a]').value = 'typed'")
    for token in ("two", "three"):
        assert patched.apply(served(token))["reload"] == ""
        assert (
            patched.run("[document.querySelector('[name=csrf]').value, document.querySelector('time').textContent]")
            == [token] * 2
        )
    assert patched.run("[document.querySelector('[name=a]').value, runs]") == ["typed", 1]


def test_a_nonce_alone_is_no_difference(page: Page) -> None:
    served = html("<p>x</p>", "<style nonce={}>p { color: red }</style>")
    patched = open_patched(page, served.replace("{}", "one"))
    assert patched.apply(served.replace("{}", "two"))["changed"] is False


def test_our_own_tag_and_versions_are_no_difference(page: Page) -> None:
    served = html(
        "<p>x</p>",
        '<script src="/__hmr/no.js" data-hmr="{0}.token"></script><link rel=stylesheet href="/a.css?t={0}">'
        '<script type=module src="/a.js?t={0}"></script>',
    )
    files = {"/a.css": "p { color: red }", "/a.js": ""}
    patched = open_patched(page, served.format("1234567890123456"), files=files)
    result = patched.apply(served.format("2234567890123456"))
    assert (result["changed"], result["reload"]) == (False, "")
