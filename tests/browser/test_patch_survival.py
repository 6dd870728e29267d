"""What a person has typed, chosen, opened or started survives a patch beside it and, where it can, of it."""

from dataclasses import dataclass

import pytest
from playwright.sync_api import Page

from browser.patching import html, open_patched
from browser.tabs import page_errors

AROUND = "<h1>one</h1><main>{}</main><p>end</p>"
# Beside the element, before it, around it, and in another order: whatever happens to it, it is the same element.
EDITS = {
    "beside": ("one", "two"),
    "before": ("<main>", "<main><p>new</p><p>new</p>"),
    "around": ("<main>{}</main>", "<main><div class=card>{}</div></main>"),
    "elsewhere": ("<main>{}</main><p>end</p>", "<p>end</p><footer><main>{}</main></footer>"),
}
CHECK = "globalThis.it = document.querySelector('#it')"


@dataclass(frozen=True)
class Life:
    """An element with the id "it", what is *done* to it, and what is to be *seen* of it before and after."""

    markup: str
    done: str
    seen: str


LIVES = {
    "typed text": Life("<form action=/x><input id=it name=a value=b></form>", "it.value = 'typed'", "it.value"),
    "text in an area": Life("<form><textarea id=it>a</textarea></form>", "it.value = 'typed'", "it.value"),
    "a checked box": Life("<label>x<input id=it type=checkbox></label>", "it.click()", "it.checked"),
    "a picked button": Life(
        "<form><input type=radio name=r checked><input id=it type=radio name=r></form>", "it.click()", "it.checked"
    ),
    "a chosen option": Life(
        "<select id=it><option>a<option>b<option>c</select>", "it.selectedIndex = 2", "it.selectedIndex"
    ),
    "focus and caret": Life(
        "<input id=it value='some text'>",
        "it.focus(); it.setSelectionRange(2, 6, 'backward')",
        "[document.activeElement === it, it.selectionStart, it.selectionEnd, it.selectionDirection]",
    ),
    "a caret in editable text": Life(
        "<div id=it contenteditable>some <b>text</b></div>",
        "it.focus(); getSelection().setBaseAndExtent(it.firstChild, 1, it.lastChild.firstChild, 2)",
        "[document.activeElement === it, getSelection().anchorOffset, String(getSelection())]",
    ),
    "scroll": Life(
        "<div id=it style='height: 50px; overflow: auto'><div style='height: 500px; width: 5000px'></div></div>",
        "it.scrollTo(70, 120)",
        "[it.scrollLeft, it.scrollTop]",
    ),
    "open details": Life("<details id=it><summary>s</summary>x</details>", "it.open = true", "it.open"),
    "an open dialog": Life("<dialog id=it>x<input></dialog>", "it.showModal()", "[it.open, it.matches(':modal')]"),
    "an open popover": Life("<div id=it popover>x</div>", "it.showPopover()", "it.matches(':popover-open')"),
    "a drawing": Life(
        "<canvas id=it width=9 height=9></canvas>",
        "it.getContext('2d').fillRect(0, 0, 9, 9)",
        "[...it.getContext('2d').getImageData(4, 4, 1, 1).data]",
    ),
    "a listener": Life(
        "<button id=it>x</button>", "it.clicks = 0; it.onclick = () => it.clicks++", "(it.click(), it.onclick !== null)"
    ),
    "a frame": Life("<iframe id=it srcdoc='<p>x</p>'></iframe>", "it.contentWindow.mark = 7", "it.contentWindow.mark"),
    "an animation": Life(
        "<i id=it style='display: block'>x</i>",
        "globalThis.running = it.animate({ opacity: [0, 1] }, { duration: 1e6 }); running.currentTime = 5e5",
        "[running === it.getAnimations()[0], running.playState, running.currentTime >= 5e5]",
    ),
    "a CSS animation": Life(
        "<i id=it style='display: block; animation: fade 1000s'>x</i>",
        "globalThis.running = it.getAnimations()[0]; running.currentTime = 5e5",
        "[running === it.getAnimations()[0], running.currentTime >= 5e5]",
    ),
    "a shadow root": Life(
        "<div id=it>x</div>",
        "it.attachShadow({ mode: 'open' }).innerHTML = '<input>'; it.shadowRoot.firstChild.value = 'typed'",
        "it.shadowRoot.firstChild.value",
    ),
    "a component": Life(
        "<x-counter id=it>x</x-counter>",
        "customElements.define('x-counter', class extends HTMLElement { count = 41 }); it.count++",
        "it.count",
    ),
    "what was mounted into it": Life(
        "<div id=it></div>", "it.innerHTML = '<b>mounted</b>'; it.firstChild.state = 7", "it.firstChild.state"
    ),
}
STYLE = "<style>@keyframes fade { from { opacity: 0 } }</style>"


@pytest.mark.parametrize("edit", EDITS)
@pytest.mark.parametrize("life", LIVES.values(), ids=LIVES)
def test_it_lives_on(page: Page, life: Life, edit: str) -> None:
    old, new = EDITS[edit]
    base = html(AROUND.format(life.markup), STYLE)
    patched = open_patched(page, base)
    patched.run(f"(() => {{ {CHECK}; {life.done} }})()")
    before = patched.run(life.seen)
    edited = AROUND.replace(old, new)
    assert edited != AROUND
    patched.apply(html(edited.format(life.markup), STYLE))
    assert patched.run("it === document.querySelector('#it') && it.isConnected")
    assert patched.run(life.seen) == before
    assert not page_errors(page)


MEDIA = """new Promise((resolve) => {
  const [rate, seconds] = [8000, 60]
  const bytes = new DataView(new ArrayBuffer(44 + rate * seconds))
  const text = (at, word) => [...word].forEach((letter, index) => bytes.setUint8(at + index, letter.charCodeAt(0)))
  text(0, "RIFF"), text(8, "WAVEfmt "), text(36, "data")
  bytes.setUint32(4, 36 + rate * seconds, true), bytes.setUint32(16, 16, true), bytes.setUint16(20, 1, true)
  bytes.setUint16(22, 1, true), bytes.setUint32(24, rate, true), bytes.setUint32(28, rate, true)
  bytes.setUint16(32, 1, true), bytes.setUint16(34, 8, true), bytes.setUint32(40, rate * seconds, true)
  globalThis.it = document.querySelector("audio")
  it.muted = true
  it.src = URL.createObjectURL(new Blob([bytes], { type: "audio/wav" }))
  it.currentTime = 20
  it.onseeked = () => it.play().then(() => resolve(true))
})"""


@pytest.mark.parametrize("edit", EDITS)
def test_media_plays_on(page: Page, edit: str) -> None:
    old, new = EDITS[edit]
    patched = open_patched(page, html(AROUND.format("<audio></audio>")))
    patched.run(MEDIA)
    patched.apply(html(AROUND.replace(old, new).format("<audio></audio>")))
    assert patched.run("it === document.querySelector('audio') && !it.paused && it.currentTime >= 20")


def test_the_window_stays_where_it_is_scrolled_to(page: Page) -> None:
    tall = html("<p>{}</p><div style='height: 9000px'></div>")
    patched = open_patched(page, tall.replace("{}", "one"))
    patched.run("scrollTo(0, 3000)")
    patched.apply(tall.replace("{}", "two"))
    assert patched.run("scrollY") == 3000


@dataclass(frozen=True)
class Field:
    """A form's field before and after; what a person has done to it, and what it is to be then."""

    base: str
    new: str
    done: str
    seen: str
    expected: object


RADIOS = "<input type=radio name=r value=a{}><input type=radio name=r value=b{}><input type=radio name=r value=c{}>"
PICKED = "document.querySelector(':checked')?.value"
SELECT = "<select id=it>{}</select>"
FIELDS = {
    "a default follows": Field("<input id=it value=a>", "<input id=it value=b>", "", "it.value", "b"),
    "a typed value stays": Field(
        "<input id=it value=a>",
        "<input id=it value=b>",
        "it.value = 'typed'",
        "[it.value, it.defaultValue]",
        ["typed", "b"],
    ),
    "what was typed and taken back follows": Field(
        "<input id=it value=a>", "<input id=it value=b>", "it.value = 'x'; it.value = 'a'", "it.value", "b"
    ),
    "a hidden field follows": Field(
        "<input id=it type=hidden value=a>", "<input id=it type=hidden value=b>", "", "it.value", "b"
    ),
    "a hidden field that a script has set stays": Field(
        "<input id=it type=hidden value=a>",
        "<input id=it type=hidden value=b>",
        "it.value = 'mine'",
        "it.value",
        "mine",
    ),
    "another attribute of a typed field": Field(
        "<input id=it>",
        "<input id=it required type=email>",
        "it.value = 'a@b'",
        "[it.value, it.required]",
        ["a@b", True],
    ),
    "an area follows": Field("<textarea id=it>a</textarea>", "<textarea id=it>b</textarea>", "", "it.value", "b"),
    "an area that was empty follows": Field(
        "<textarea id=it></textarea>", "<textarea id=it>b</textarea>", "", "it.value", "b"
    ),
    "a typed area stays": Field(
        "<textarea id=it>a</textarea>", "<textarea id=it>b</textarea>", "it.value = 'typed'", "it.value", "typed"
    ),
    "an area that was taken back follows": Field(
        "<textarea id=it>a</textarea>",
        "<textarea id=it>b</textarea>",
        "it.value = 'x'; it.value = 'a'",
        "it.value",
        "b",
    ),
    "a box follows": Field(
        "<input id=it type=checkbox>", "<input id=it type=checkbox checked>", "", "it.checked", True
    ),
    "a box that was clicked stays": Field(
        "<input id=it type=checkbox checked>",
        "<input id=it type=checkbox>",
        "it.click(); it.click(); it.click()",
        "it.checked",
        False,
    ),
    "a box that was clicked twice follows": Field(
        "<input id=it type=checkbox>",
        "<input id=it type=checkbox checked>",
        "it.click(); it.click()",
        "it.checked",
        True,
    ),
    "buttons follow": Field(RADIOS.format(" checked", "", ""), RADIOS.format("", "", " checked"), "", PICKED, "c"),
    "a picked button stays": Field(
        RADIOS.format(" checked", "", ""),
        RADIOS.format("", "", " checked"),
        "document.querySelector('[value=b]').click()",
        PICKED,
        "b",
    ),
    "a picked button stays where a checked one comes": Field(
        RADIOS.format(" checked", "", ""),
        "<input type=radio name=r value=z checked>" + RADIOS.format("", "", ""),
        "document.querySelector('[value=b]').click()",
        PICKED,
        "b",
    ),
    "options follow": Field(
        SELECT.format("<option>a<option selected>b"),
        SELECT.format("<option>a<option>b<option selected>c"),
        "",
        "it.value",
        "c",
    ),
    "a chosen option stays": Field(
        SELECT.format("<option>a<option selected>b<option>c"),
        SELECT.format("<option>new<option selected>a<option>b<option>c"),
        "it.value = 'c'",
        "it.value",
        "c",
    ),
    "chosen options stay": Field(
        "<select id=it multiple><option selected>a<option>b<option>c</select>",
        "<select id=it multiple><option>a<option selected>b<option>c<option>d</select>",
        "it.options[0].selected = false; it.options[2].selected = true",
        "[...it.selectedOptions].map((option) => option.text)",
        ["c"],
    ),
    "a chosen option goes": Field(
        SELECT.format("<option>a<option>b"),
        SELECT.format("<option>a<option selected>c"),
        "it.value = 'b'",
        "it.value",
        "c",
    ),
    "a chosen option of a script": Field(
        SELECT.format("<option>a<option>b"),
        SELECT.format("<option>b<option selected>c"),
        "it.add(new Option('own')); it.value = 'own'",
        "it.value",
        "own",
    ),
    "details follow": Field("<details id=it><p>x</details>", "<details id=it open><p>x</details>", "", "it.open", True),
    "details that were opened stay": Field(
        "<details id=it><p>x</details>", "<details id=it class=a><p>y</details>", "it.open = true", "it.open", True
    ),
    "details that were closed stay": Field(
        "<details id=it open><p>x</details>", "<details id=it><p>x</details>", "it.open = false", "it.open", False
    ),
    "a dialog is closed": Field("<dialog id=it open>x</dialog>", "<dialog id=it>x</dialog>", "", "it.open", False),
    "a modal dialog stays": Field(
        "<dialog id=it>x</dialog>", "<dialog id=it class=a>y</dialog>", "it.showModal()", "it.matches(':modal')", True
    ),
}


@pytest.mark.parametrize("field", FIELDS.values(), ids=FIELDS)
def test_a_field_follows_unless_somebody_has_used_it(page: Page, field: Field) -> None:
    patched = open_patched(page, html(f"<form>{field.base}</form>"))
    patched.run(f"(() => {{ {CHECK}; {field.done} }})()")
    patched.apply(html(f"<form>{field.new}</form>"))
    assert patched.run(field.seen) == field.expected


def test_really_typed_text_stays_with_its_caret(page: Page) -> None:
    base = html(
        "<p>one</p><form><input id=it value=a><textarea id=area>b</textarea><div id=free contenteditable>c</div></form>"
    )
    patched = open_patched(page, base)
    for name in ("area", "free", "it"):
        page.locator(f"#{name}").click()
        page.keyboard.press("End")
        page.keyboard.type("typed")
    page.keyboard.press("ArrowLeft")
    patched.apply(base.replace("one", "two").replace("value=a", "value=z").replace(">b<", ">y<").replace(">c<", ">x<"))
    page.keyboard.type("!")
    assert patched.run("[get('it').value, get('area').value, get('free').textContent]") == [
        "atype!d",
        "btyped",
        "ctyped",
    ]


def test_a_caret_stays_in_a_text_that_changes(page: Page) -> None:
    patched = open_patched(page, html("<div id=it contenteditable>one two three</div>"))
    patched.run("get('it').focus(); getSelection().collapse(get('it').firstChild, 13)")
    patched.apply(html("<div id=it contenteditable>one 2 three</div>"))
    page.keyboard.type("!")
    assert patched.run("get('it').textContent") == "one 2 three!"


def test_focus_survives_a_move_without_move_before(page: Page) -> None:
    document = html("<p>a</p><main><input id=it value=abc></main><div id=scrolled></div>")
    patched = open_patched(
        page, document, script="delete Element.prototype.moveBefore; delete Document.prototype.moveBefore"
    )
    patched.run("get('it').focus(); get('it').setSelectionRange(1, 2)")
    patched.apply(html("<p>a</p><main><div><input id=it value=abc></div></main><div id=scrolled></div>"))
    assert patched.run("document.activeElement.id + document.activeElement.selectionStart") == "it1"


SHADOW = (
    "<x-card id=it><template shadowrootmode=open><style>p {{ color: red }}</style><p>{}</p><slot></slot></template>"
    "{}</x-card>"
)


def test_declared_shadow_roots_follow(page: Page) -> None:
    patched = open_patched(page, html(SHADOW.format("one", "in")))
    patched.run("globalThis.root = get('it').shadowRoot; root.querySelector('p').mark = 1")
    patched.apply(html(SHADOW.format("two", "on")))
    assert patched.run("root === get('it').shadowRoot && root.querySelector('p').mark") == 1
    assert patched.run("[root.querySelector('p').textContent, get('it').textContent]") == ["two", "on"]
    assert patched.unlike(html(SHADOW.format("two", "on"))) == ""


def test_a_declared_shadow_root_comes(page: Page) -> None:
    new = html("<section>" + SHADOW.format("one", "in") + "</section>")
    patched = open_patched(page, html("<p>x</p>"))
    patched.apply(new)
    assert patched.unlike(new) == ""
    # Its constructor finds the root that was declared, as after a fresh load, and may ask for it.
    patched.run(
        "customElements.define('x-card', class extends HTMLElement { root = this.attachShadow({ mode: 'open' }) })"
    )
    assert patched.run("get('it').root === get('it').shadowRoot")
    patched.apply(new.replace("one", "two"))
    assert not page_errors(page)
