"""What the scan reads in a module's text, case by case, and that no text can hurt it."""

import pytest
from hypothesis import given, settings
from hypothesis import strategies as st

from hmr_middleware.core.scan_js import HotCall, Import, ImportKind, ModuleScan, scan_module

OK = ["ok"]

# id, source, specifiers of static imports and re-exports in order
STATIC = [
    ("side effect", "import './a.js'", ["./a.js"]),
    (
        "every static form",
        "import d,* as n from 'a';import {x as y,} from \"b\";import e,{q} from 'c';import {} from 'd'",
        [*"abcd"],
    ),
    (
        "minified",
        "import{a as b}from'x';import*as c from'y';import d,{e}from'z';export{b as f}from'w';export*from'v'",
        [*"xyzwv"],
    ),
    (
        "re-exports",
        "export * from 'a';export * as n from 'b';export {x, y as z} from 'c';export * as 's t' from 'd'",
        [*"abcd"],
    ),
    (
        "local exports name no module",
        "const a=1;export {a};export default a;export const b='from';export function from(){}",
        [],
    ),
    ("text in strings", r"""const s="import 'x'", t='import("y")', u="\"import 'z'";import 'ok'""", OK),
    ("text in comments", "// import 'a'\n/* import 'b'\n export*from 'c' */ import /* 'x' */ 'ok' // import 'd'", OK),
    ("comments inside a clause", "import {a /* } from 'no' */, b // from 'no2'\n} from /* 'no3' */ 'ok'", OK),
    ("comment that ends in stars", "/***/import 'ok'/**\n * import 'no'\n **/", OK),
    ("text in a template", "const t=`import 'a'; ${1} export * from 'b'`;import 'ok'", OK),
    ("braces in nested templates", "const t=`${{a:{b:`}`}}.a} ${(()=>{return `${'}'}`})()}`;import 'ok'", OK),
    ("escaped backtick and substitution", r"const t=`\` \${ $ $$ `;import 'ok'", OK),
    ("quotes in a regex", "const r=/['\"`]/;import 'ok';const q=/[/'\"]/g", OK),
    ("division", "const a=b/c/d;const s='x'/2;let e=f[1]/g/h;let z=(a+b)/2/'x'.length;import 'ok'", OK),
    ("regex after the head of if and while", "if(x)/'/.test(y);import 'ok';while(x)/\"/.test(y)", OK),
    ("regex after the head of for await", "for await(const x of y)/'/.test(x);import 'ok'", OK),
    ("division after await (x)", "const a=await (x)/1;const b='/';import 'ok'", OK),
    ("division after a parenthesis", "const q=(a)/b;import 'ok';const w=(c)/'x/'.length", OK),
    ("regex after a block", "{ let a }\n/'import'/.test(x);import 'ok'", OK),
    ("division after an object", "const a={b:1}/2;const s='/';import 'ok'", OK),
    ("division after a function expression", "const a=function(){}/1;const b='/';import 'ok'", OK),
    ("division after a named async function expression", "f(async function g(){}/1);const b='/';import 'ok'", OK),
    ("division after a returned function", "const f=()=>{return function*(){}/1};const b='/';import 'ok'", OK),
    (
        "division after an annotated function expression",
        "const a=/* @__PURE__ */function(){}/1;const b='/';import 'ok'",
        OK,
    ),
    ("regex after a function declaration", "function f(){}\n/'/.test(a);import 'ok'", OK),
    ("regex after an exported default function", "export default function(){}\n/'/.test(a);import 'ok'", OK),
    ("regex after return, typeof, =>", "function f(){return/'/.test(x)} const g=()=>/\"/;typeof/`/;import 'ok'", OK),
    ("regex after a spread await", "f(...await/'/.exec(x));import 'ok'", OK),
    ("regex after else and do", "if(a){}else/'/.exec(b);do/\"/.exec(c);while(0);import 'ok'", OK),
    ("regex after a label's block", "foo: { } /'/.test(a);import 'ok'", OK),
    ("regex after an import declaration", "import 'ok'\n/'/.test(a)", OK),
    ("division after ++", "let i=1;const a=i++/2;const b='/';import 'ok'", OK),
    ("division after a regex", "const a=/x/g/2,b=/x//2;const c='/';import 'ok'", OK),
    ("regex with nested classes", r"const r=/[[a-z]--[aeiou\/]]/v;import 'ok'", OK),
    ("regex with groups", r"const r=/(?<y>\d{4})(?<!'\/)/u;import 'ok'", OK),
    ("regex that looks like a comment", r"const r=/\/*'/, s=/[/*]/;import 'ok' /* ' */", OK),
    ("regex that looks like a template", "const r=/`${/;import 'ok';const t=`${1}`", OK),
    ("regex in a substitution", "html`<a ?x=${/[`}'\"]/.test(a)} .y=${b/c}>${b}/import 'no'</a>`;import 'ok'", OK),
    ("property named like a keyword, divided", "const x=a.return/2;const q='/';import 'ok';const y=b.of/c/1", OK),
    ("variable named of, divided", "const of=4;const q=of/2/1;import 'ok';const s=\"/\"", OK),
    ("regex after the of of a loop", "for(const m of/'/[Symbol.matchAll](s));import 'ok'", OK),
    ("numbers before a division", "const n=1_000n/2n,h=0xFFn,f=.5/.25,g=1./2;const s='/';import 'ok'", OK),
    (
        "attributes",
        "import s from './a.css' with {type:'css'};export * from 'c' with {type:'x'};import 'ok'",
        ["./a.css", "c", "ok"],
    ),
    ("deferred namespace", "import defer * as n from './a.js'", ["./a.js"]),
    ("source phase", "import source m from './a.wasm'", ["./a.wasm"]),
    (
        "phases as names",
        "import defer from 'a';import source from 'b';import {source as d} from 'c';import from from 'd'",
        [*"abcd"],
    ),
    ("source of a binding named from", "import source from from 'a'", ["a"]),
    ("hashbang", "#!/usr/bin/env node 'import\nimport 'ok'", OK),
    ("byte order mark", "\ufeffimport 'ok'", OK),
    ("text outside ASCII", "const é='😀漢字';const ñ=/ü/u;import './ok-é.js'", ["./ok-é.js"]),
    ("no-break space as white space", "import\xa0a\xa0from\xa0'ok'\xa0;a\xa0/1;'/'", OK),
    ("escapes in identifiers", r"const \u0061bc=1,\u{62}=2;import {\u0061 as z} from 'ok'", OK),
    ("escaped keyword is none", r"const x={\u0069mport:1};import 'ok'", OK),
    (
        "escapes in a specifier",
        "import './\\u0061\\x62\\u{63}.js';import './x\\\ny.js';import '\\'\\n\\ud83d\\ude00'",
        ["./abc.js", "./xy.js", "'\n😀"],
    ),
    (
        "every line break",
        "import a\r\nfrom 'a';\r\n// import 'no'\r\nimport 'b'\r// import 'no2'\rimport 'd'\r\n",
        [*"abd"],
    ),
    ("U+2028 ends a comment", "// x\u2028import 'ok'", OK),
    ("names of properties", "a.import('x');a?.import('y');({import:1,export:2});a.\nexport;x.import\n'no'", []),
    ("names of members", "class A{import(){} static export(){} #import(){} x(){this.#import('q')} import='a'}", []),
    ("names that contain import", "const importX=1,$import=2,import_='x',éimport=3;importX('a');$import('b')", []),
    ("after top-level await", "const m=await f('./a.js');for await(const x of y){} import 'ok'", OK),
    (
        "class fields",
        "class A{#p=1;static s='import';static{f('x')} a=/'/;'import'=1;[`k`]=2;get import(){return 1}};import 'ok'",
        OK,
    ),
    ("decorators", "@dec('import') @a.b class A{@f x=1;@(g('import \"q\"')) m(){} accessor y=2} import 'ok'", OK),
    ("optional chaining", "a?.b?.[0]?.('import');a??='x';a||=1;a**=2;x?.5:1;import 'ok'", OK),
    ("line break instead of a semicolon", "const a = 1\nimport 'ok'\nexport const b = a;\n/re'/.test(b)", OK),
    ("regex after an arrow function's body", "const a=()=>{}\n/'/.test(b);import 'ok'", OK),
    ("string over two lines", "const s='a\\\nimport \"x\"\\\r\n';import 'ok'", OK),
    (
        "quoted names",
        "import {'default' as d,\"} from 'no'\" as q} from 'c';export {a as 'x from \"no\"'} from 'b'",
        [*"cb"],
    ),
    ("using declarations", "using x = y();await using z = f('q');import 'ok'", OK),
    ("looks like an HTML comment", "let a=1;if(a<!--b){};import 'ok'", OK),
    ("half a function later", "import a from './a.js';function f( { ", ["./a.js"]),
    ("half a string between", "import a from './a.js';const x = 'oops\nimport b from './b.js'", ["./a.js", "./b.js"]),
    ("half a regex between", "const x = /oops\nimport 'ok'", OK),
    ("half a clause", "import {a, \nimport 'ok'", []),
    ("half a keyword", "import 'ok'\nimpor", OK),
    ("nothing to import yet", "import 'ok'\nimport ", OK),
    ("JSX", "import React from 'react';const a=<div title=\"it's\">{b}</div>;import 'ok'", ["react", "ok"]),
]

# id, source, (specifier or None, text of the span) of each dynamic import
DYNAMIC = [
    ("string", "import('a')", [("a", "'a'")]),
    ("template", "import( `a` )", [("a", "`a`")]),
    ("escapes", r"import('\x61')", [("a", r"'\x61'")]),
    ("comments around", "import(/* webpackChunkName: 'n' */ 'i' /* j */)", [("i", "'i'")]),
    ("variable", "import(x)", [(None, "x")]),
    ("sum", "import('b' + c)", [(None, "'b' + c")]),
    ("substitution", "import(`e${f}`)", [(None, "`e${f}`")]),
    ("choice", "import(a ? 'g' : 'h')", [(None, "a ? 'g' : 'h'")]),
    ("call with commas", "import(f(a, b), {with: {}})", [(None, "f(a, b)")]),
    ("list with commas", "import([a, b][0])", [(None, "[a, b][0]")]),
    ("options", "import('a', {with: {type: 'json'}})", [("a", "'a'")]),
    ("trailing comma", "import('a',)", [("a", "'a'")]),
    ("line breaks", "import(\n  'a'\n)", [("a", "'a'")]),
    ("phases", "import.defer('a');import . source ('b')", [("a", "'a'"), ("b", "'b'")]),
    ("nested", "import(import('a').then(x => x))", [(None, "import('a').then(x => x)"), ("a", "'a'")]),
    ("in a substitution", "`${import('b')} import('c') ${`${import('d')}`}`", [("b", "'b'"), ("d", "'d'")]),
    ("spread", "f(...import('a'))", [("a", "'a'")]),
    ("in a block before a block", "if (a) { await import('a'); {} }", [("a", "'a'")]),
    ("at top level before a block", "import('a')\n{}", [("a", "'a'")]),
    ("among declarations", "export const a = import('a'), b = 1", [("a", "'a'")]),
    ("method of an object", "({import(x){}, b: 1})", []),
    ("method of a class", "class A{import(x, y){} get import(){}}", []),
    ("method of another object", "a.import('x');a?.import('x');a.b . import('x')", []),
    ("no argument yet", "import()", []),
    ("not closed", "import('a'", []),
    ("closed by the wrong bracket", "(import('a'}", []),
]

# id, source, names of the first import, type attribute
NAMES = [
    ("side effect", "import 'a'", set(), None),
    ("default", "import a from 'a'", {"default"}, None),
    ("named", "import {a, b as c, default as d, 'e f' as g} from 'a'", {"a", "b", "default", "e f"}, None),
    ("default and named", "import d, {a} from 'a'", {"default", "a"}, None),
    ("namespace", "import * as n from 'a'", {"*"}, None),
    ("default and namespace", "import d, * as n from 'a'", {"default", "*"}, None),
    ("names that are keywords", "import {as, from, as as as, from as x} from 'a'", {"as", "from"}, None),
    ("comments between names", "import {a /* , x */, // y\n b} from 'a'", {"a", "b"}, None),
    ("escaped name", r"import {\u0061 as z} from 'a'", {"a"}, None),
    ("deferred", "import defer * as n from 'a'", {"*"}, None),
    ("source phase", "import source n from 'a'", {"*"}, None),
    ("defer as a name", "import defer from 'a'", {"default"}, None),
    ("re-exported", "export {a as b, c} from 'a'", {"a", "c"}, None),
    ("re-exported star", "export * from 'a'", {"*"}, None),
    ("re-exported namespace", "export * as a from 'a'", {"*"}, None),
    ("dynamic", "import('a')", {"*"}, None),
    ("with", "import a from 'a' with {type: 'css'}", {"default"}, "css"),
    ("assert", "import a from 'a' assert {type: \"json\"}", {"default"}, "json"),
    ("quoted key", "import 'a' with {'x': 'y', \"type\": 'css'}", set(), "css"),
    ("another key", "import 'a' with {mytype: 'css'}", set(), None),
    ("re-export with", "export * from 'a' with {type: 'css'}", {"*"}, "css"),
    ("dynamic with", "import('a', {with: {type: 'css'}})", {"*"}, "css"),
]

# id, source, exports
EXPORTS = [
    ("none", "const a = 1", set()),
    ("default expression", "export default 1", {"default"}),
    ("default function", "export default function f() {}", {"default"}),
    ("const", "export const a = 1, b = [2, 3], c = f(4, 5)", {"a", "b", "c"}),
    ("let without a value", "export let a, b\nc, d", {"a", "b"}),
    ("var", "export var $a = x ? y : z, _b", {"$a", "_b"}),
    ("values over lines", "export const a =\n  1 +\n  2,\n  b = 3\nfoo(x), y", {"a", "b"}),
    ("ends at a semicolon", "export const a = 1; x, y", {"a"}),
    ("ends at a statement", "export const a = b\nlet c = 1, d = 2", {"a"}),
    ("goes on after a line break", "export const a = 'b'\n  in c, d = x\n  .y, e = z", {"a", "d", "e"}),
    (
        "goes on after a word that awaits an operand",
        "export const a = new\n  B, c = typeof\n  d, e = 1",
        {"a", "c", "e"},
    ),
    (
        "goes on before an operator word",
        "export const a = b\n  instanceof c, d = class\n  extends e {}, f = 1",
        {*"adf"},
    ),
    ("ends at the next export", "export const a = 1\nexport {b, c}", {"a", "b", "c"}),
    ("arrow functions", "export const a = (x, y) => { x, y }, b = z => z, c = 1", {"a", "b", "c"}),
    ("templates and regexes", "export const a = `, b`, c = /, d/, e = ', f'", {"a", "c", "e"}),
    ("object pattern", "export const {a, b: c, 'd': e, f = 1, [g]: h, ...i} = x", {"a", "c", "e", "f", "h", "i"}),
    ("array pattern", "export const [a, , b = [1, 2], ...c] = x, d = 1", {"a", "b", "c", "d"}),
    ("nested pattern", "export const {a: {b: [c, {d = f({e: 1})}]}, g} = x", {"c", "d", "g"}),
    ("pattern after a declarator", "export const a = 1, {b} = x", {"a", "b"}),
    ("comments in a pattern", "export const {a /* , x */, // y\n b} = z", {"a", "b"}),
    ("pattern that is not readable", "export const {a = `b`} = x", {"*"}),
    ("pattern that is too long", "export const {" + "a," * 500 + "} = x", {"*"}),
    (
        "functions",
        "export function a(){} export async function b(){} export function*c(){} export async function * d(){}",
        {*"abcd"},
    ),
    ("class", "export class A extends B {}", {"A"}),
    ("decorated class", "export @d class A {}", {"*"}),
    ("list", "export {a, b as c, d as default, e as 'f g'}", {"a", "c", "default", "f g"}),
    ("list from", "export {a as b, default} from 'x'", {"b", "default"}),
    ("star", "export * from 'x';export const a = 1", {"*", "a"}),
    ("namespace", "export * as a from 'x';export * as 'b c' from 'x'", {"a", "b c"}),
    ("name outside ASCII", "export const é = 1, \\u0061 = 2", {"é", "a"}),
    ("only at top level", "{ export const a = 1 } x.export; ({export: 1})", set()),
    ("half written", "export", set()),
    ("half a list", "export {a,", set()),
]

ACCEPT = HotCall("accept", (), is_list=False, called=True)
IN_LIST = HotCall("accept", ("./a", "./b"), is_list=True, called=True)
ONE = HotCall("accept", ("./a",), is_list=False, called=True)
EMPTY_LIST = HotCall("accept", (), is_list=True, called=True)
OPAQUE = HotCall("accept", (), is_list=False, called=True, opaque=True)

# id, source, calls
HOT = [
    ("none", "import.meta.url", []),
    ("mere mention", "if (import.meta.hot) {}", []),
    ("self", "import.meta.hot.accept()", [ACCEPT]),
    ("callback", "import.meta.hot.accept(m => f(m, './no'))", [ACCEPT]),
    ("variable", "import.meta.hot.accept(deps, cb)", [ACCEPT]),
    ("optional hot", "import.meta.hot?.accept()", [ACCEPT]),
    ("optional everything", "import.meta?.hot?.accept?.()", [ACCEPT]),
    ("by string", "import.meta['hot']?.[\"accept\"]()", [ACCEPT]),
    ("dependency", "import.meta.hot.accept('./a', cb)", [ONE]),
    ("dependency as a template", "import.meta.hot.accept(`./a`)", [ONE]),
    ("dependency with escapes", r"import.meta.hot.accept('./\x61')", [ONE]),
    ("dependencies", "import.meta.hot.accept(['./a', \"./b\",], cb)", [IN_LIST]),
    (
        "comments and line breaks",
        "import.meta // x\n .hot\n .accept( /* './no' */ [ './a', // './no'\n './b' ])",
        [IN_LIST],
    ),
    ("empty list", "import.meta.hot.accept([], cb)", [EMPTY_LIST]),
    ("list that begins with a variable", "import.meta.hot.accept([a, './b'])", [EMPTY_LIST]),
    ("list over another call", "import.meta.hot.accept([import.meta.hot.accept()])", [EMPTY_LIST, ACCEPT]),
    ("sum of strings", "import.meta.hot.accept('./a' + b)", [OPAQUE]),
    ("substitution", "import.meta.hot.accept(`./${a}`)", [OPAQUE]),
    ("in text", "// import.meta.hot.accept()\n'import.meta.hot.accept()';`import.meta.hot.accept()`", []),
    ("in a substitution", "`${import.meta.hot.accept()}`", [ACCEPT]),
    ("data", "import.meta.hot.data.x = 1", [HotCall("data", (), is_list=False, called=False)]),
    ("passed on", "f(import.meta.hot.accept)", [HotCall("accept", (), is_list=False, called=False)]),
    ("invalidate", "import.meta.hot.invalidate('why')", [HotCall("invalidate", ("why",), is_list=False, called=True)]),
    ("other member that is called hot", "import.meta.env.hot.accept();a.import.meta.hot.accept()", []),
    ("longer name", "import.meta.hots.accept();import.metas.hot.accept()", []),
    ("half written", "import.meta.hot.accept(", [ACCEPT]),
]

# id, source, whether hot is used
USES_HOT = [
    ("member", "import.meta.hot", True),
    ("optional member", "import.meta?.hot", True),
    ("by string", "import.meta['hot']", True),
    ("by expression", "import.meta[name]", True),
    ("destructured", "const {hot} = import.meta", True),
    ("passed on", "f(import.meta)", True),
    ("in parentheses", "(import.meta).url", True),
    ("other member", "import.meta.url; import.meta.env.hot; import.meta['url']", False),
    ("in a string", "'import.meta.hot'", False),
    ("property", "a.import.meta.hot", False),
]

IS_MODULE = [
    ("empty", "", False),
    ("script", "const a = 1", False),
    ("dynamic import", "import('a')", False),
    ("static import", "import 'a'", True),
    ("export", "export const a = 1", True),
    ("empty export", "export {}", True),
    ("meta", "f(import.meta.url)", True),
    ("in a string", "'export {}'", False),
]

COMPLETE = [
    ("empty", "", True),
    ("nested", "f({a: [1, (2)]}, `${{}}`)", True),
    ("brackets in text", "'(' + \"[\" + `{` + /[({]/.source // (\n/* { */", True),
    ("open brace", "function f() {", False),
    ("open bracket", "const a = [1,", False),
    ("open parenthesis", "f(", False),
    ("open dynamic import", "import('a'", False),
    ("surplus brace", "f() }", False),
    ("surplus brace after a declaration", "export const a = 1 }", False),
    ("crossed brackets", "f([)]", False),
    ("open string", "const a = 'b", False),
    ("open string before a line", 'const a = "b\nc', False),
    ("open template", "const a = `b", False),
    ("open template with a last backslash", "const a = `b\\", False),
    ("open substitution", "const a = `${b", False),
    ("open comment", "f() /* x", False),
    ("line comment", "f() // x", True),
]

PREAMBLE = [
    ("plain", b"import 'a'", 0),
    ("byte order mark", b"\xef\xbb\xbfimport 'a'", 3),
    ("hashbang", b"#!/bin/x\nimport 'a'", 9),
    ("hashbang, CRLF", b"#!/bin/x\r\nimport 'a'", 10),
    ("hashbang, U+2028", b"#!/bin/x\xe2\x80\xa8import 'a'", 11),
    ("both", b"\xef\xbb\xbf#!/bin/x\nimport 'a'", 12),
    ("hashbang alone", b"#!/bin/x", 8),
    ("no hashbang on the second line", b"\n#!/bin/x\n", 0),
]

# id, source, the derived facts that are not as in an empty scan
DERIVED = [
    ("nothing", "import.meta.hot", {}),
    ("self", "import.meta.hot.accept()", {"self_accepting": True}),
    ("callback", "import.meta.hot?.accept(cb)", {"self_accepting": True}),
    ("not called", "f(import.meta.hot.accept)", {}),
    ("dependency", "import.meta.hot.accept('./a')", {"accepted": {"./a"}}),
    ("dependencies", "import.meta.hot.accept(['./a', './b'])", {"accepted": {"./a", "./b"}}),
    ("empty list", "import.meta.hot.accept([])", {}),
    ("unknown dependency", "import.meta.hot.accept('./' + a)", {}),
    (
        "self and dependency",
        "import.meta.hot.accept();import.meta.hot.accept('./a')",
        {"self_accepting": True, "accepted": {"./a"}},
    ),
    ("decline", "import.meta.hot.decline()", {"declines_self": True}),
    (
        "decline a dependency",
        "import.meta.hot.decline('./a');import.meta.hot.decline(['./b'])",
        {"declined": {"./a", "./b"}},
    ),
    (
        "exports",
        "import.meta.hot.acceptExports(['a']);import.meta.hot.acceptExports('b')",
        {"accepted_exports": {"a", "b"}},
    ),
    ("no exports", "import.meta.hot.acceptExports([])", {"accepted_exports": set()}),
]
UNDERIVED = {
    "self_accepting": False,
    "accepted": set(),
    "declines_self": False,
    "declined": set(),
    "accepted_exports": None,
}


def table(names: str, cases: list[tuple]) -> pytest.MarkDecorator:
    return pytest.mark.parametrize(names, [case[1:] for case in cases], ids=[case[0] for case in cases])


def scan(source: str) -> ModuleScan:
    return scan_module(source.encode())


def span(source: str, found: Import) -> str:
    return source.encode()[found.start : found.end].decode()


@table("source, specifiers", STATIC)
def test_static_imports(source: str, specifiers: list[str]) -> None:
    assert [found.specifier for found in scan(source).imports] == specifiers


@table("source, specifiers", [case for case in STATIC if case[0] != "escapes in a specifier"])
def test_static_spans_hold_the_specifier(source: str, specifiers: list[str]) -> None:
    assert [span(source, found) for found in scan(source).imports] == specifiers


@table("source, expected", DYNAMIC)
def test_dynamic_imports(source: str, expected: list[tuple[str | None, str]]) -> None:
    found = [found for found in scan(source).imports if found.kind is ImportKind.DYNAMIC]
    assert [(each.specifier, span(source, each)) for each in found] == expected


@table("source, names, type_", NAMES)
def test_names_and_type(source: str, names: set[str], type_: str | None) -> None:
    (found,) = scan(source).imports
    assert (found.names, found.type) == (names, type_)


def test_kinds() -> None:
    kinds = [found.kind for found in scan("import 'a';export * from 'b';import('c');export {} from 'd'").imports]
    assert kinds == ["static", "reexport", "dynamic", "reexport"]


@table("source, exports", EXPORTS)
def test_exports(source: str, exports: set[str]) -> None:
    assert scan(source).exports == exports


@table("source, calls", HOT)
def test_hot_calls(source: str, calls: list[HotCall]) -> None:
    assert list(scan(source).hot) == calls


@table("source, expected", USES_HOT)
def test_uses_hot(source: str, expected: bool) -> None:
    assert scan(source).uses_hot is expected


@pytest.mark.parametrize(
    ("source", "expected"),
    [
        pytest.param("import.meta.env.MODE", True, id="member"),
        pytest.param("import.meta /* */ .\nenv", True, id="gaps"),
        pytest.param("import.meta?.env", True, id="optional"),
        pytest.param("show(import.meta)", True, id="handed-on"),
        pytest.param("import.meta.environment", False, id="another-name"),
        pytest.param("import.meta.hot", False, id="hot"),
        pytest.param("'import.meta.env'", False, id="string"),
        pytest.param("// import.meta.env", False, id="comment"),
    ],
)
def test_uses_env(source: str, expected: bool) -> None:
    assert scan(source).uses_env is expected


@table("source, expected", IS_MODULE)
def test_is_module(source: str, expected: bool) -> None:
    assert scan(source).is_module is expected


@table("source, expected", COMPLETE)
def test_complete(source: str, expected: bool) -> None:
    assert scan(source).complete is expected


@table("source, _specifiers", [case for case in STATIC if not case[0].startswith(("half", "JSX"))])
def test_every_whole_module_is_complete(source: str, _specifiers: list[str]) -> None:
    assert scan(source).complete


@table("source, offset", PREAMBLE)
def test_preamble(source: bytes, offset: int) -> None:
    assert scan_module(source).preamble_at == offset


@table("source, facts", DERIVED)
def test_derived(source: str, facts: dict[str, object]) -> None:
    found = scan(source)
    assert {name: getattr(found, name) for name in UNDERIVED} == UNDERIVED | facts


def test_empty_scan() -> None:
    empty = ModuleScan(
        (), frozenset(), (), uses_hot=False, uses_env=False, is_module=False, complete=True, preamble_at=0
    )
    assert empty == scan_module(b"")


LARGE = 250_000  # bytes
HOSTILE = [
    b"x", b"/", b"a/b;", b"=/[", b"=/[\n", b"}/", b")/", b"function(){}/1;", b"x of/1;", b"{", b"([", b"${",
    b"`${", b"`${a}b", b"'a\n", b'"', b"\\", b"\\u{", b"\\u{1", b"/* ", b"*/", b"// a\n", b"\xff", b"\xe2",
    b"\xc2\xa0", b" ", b"\n", b",a", b"@", b"import", b"import ", b"import(", b"import('a',", b"import{",
    b"import{//", b"import{a,", b"import/*", b"import\n", b"import'\\\n", b'import{"', b"import * as a ",
    b"import 'a' with {", b"import a from ", b"export{", b"export{a,", b"export const {", b"export const {};",
    b"export const a=\n", b"export const a=1\n", b"export*from", b"export default ", b"import.meta",
    b"import.meta[", b"import.meta['", b"import.meta.hot.accept([", b"import.meta.hot.accept(['a',",
    b"import.meta.hot.accept(`",
]  # fmt: skip
BEGINNINGS = [b"", b"export const y=import("]


@pytest.mark.timeout(10)
@pytest.mark.parametrize("beginning", BEGINNINGS)
@pytest.mark.parametrize("unit", HOSTILE, ids=repr)
def test_repetition_is_no_danger(unit: bytes, beginning: bytes) -> None:
    scan_module(beginning + unit * (LARGE // len(unit)))


@pytest.mark.timeout(10)
@pytest.mark.parametrize(
    "source",
    [
        b"([{" * 100_000 + b"}])" * 100_000,
        b"`${" * 100_000 + b"}`" * 100_000,
        b"import(" * 100_000 + b")" * 100_000,
        (b"export const " + b"{a:" * 80 + b"b" + b"}" * 80 + b"=x;") * 300,
        b"\\u{" + b"0" * LARGE,
        b"import" + b" " * LARGE + b"x",
    ],
    ids=["brackets", "templates", "dynamic imports", "patterns", "escape", "gap"],
)
def test_depth_is_no_danger(source: bytes) -> None:
    assert scan_module(source).preamble_at == 0


SNIPPETS = [case[1].encode() for cases in (STATIC, DYNAMIC, EXPORTS, HOT) for case in cases] + HOSTILE
splices = st.lists(st.sampled_from(SNIPPETS), max_size=6).map(b"\n".join)


@st.composite
def torn(draw: st.DrawFn) -> bytes:
    """A splice with one stretch cut out."""
    source = draw(splices)
    start, end = sorted((draw(st.integers(0, len(source))), draw(st.integers(0, len(source)))))
    return source[:start] + source[end:]


def check(source: bytes) -> None:
    found = scan_module(source)
    starts = [each.start for each in found.imports]
    assert starts == sorted(starts)
    assert all(0 <= each.start <= each.end <= len(source) for each in found.imports)
    assert 0 <= found.preamble_at <= len(source)


@settings(max_examples=300, deadline=None, derandomize=True)
@given(
    st.one_of(st.binary(max_size=200), st.text(alphabet="imporexfta {}()[]`$/'\"\\,;*.\n", max_size=80).map(str.encode))
)
def test_any_bytes_give_spans_in_order(source: bytes) -> None:
    check(source)


@settings(max_examples=500, deadline=None, derandomize=True)
@given(torn())
def test_torn_modules_give_spans_in_order(source: bytes) -> None:
    check(source)
