"""What is followed from an orchestrator to a hazard, and what is known to be none."""

from __future__ import annotations

import pytest

from tests.projects import analyzed

HEAD = 'const df = require("durable-functions");\n'


def found(body: str, before: str = "", **files: str) -> list[tuple[str, str]]:
    """The rules that the body of an orchestrator breaks, with the code at fault."""
    flow = f'{HEAD}{before}\ndf.app.orchestration("flow", function* (context) {{ {body} }});\n'
    sources = {"package.json": "{}", "flow.js": flow, **{name.replace("_", "."): text for name, text in files.items()}}
    return [
        (each.rule, sources[each.path.removeprefix("/project/")].split("\n")[each.span.line - 1].strip())
        for each in analyzed(sources).findings
    ]


FOLLOWED = {
    "function": ("now();", "function now() {\nreturn performance.now(); }"),
    "arrow function": ("now();", "const now = () =>\nperformance.now();"),
    "default parameter": ("now();", "function now(at =\nperformance.now()\n) {}"),
    "method": ("new A().now();", "class A { now() {\nreturn performance.now(); } }"),
    "static method": ("A.now();", "class A { static now() {\nreturn performance.now(); } }"),
    "inherited": ("new B().now();", "class A { now() {\nreturn performance.now(); } }\nclass B extends A {}"),
    "constructor": ("new A();", "class A { constructor() {\nthis.at = performance.now(); } }"),
    "field initialiser": ("new A();", "class A {\nat = performance.now();\n}"),
    "getter": ("new A().now;", "class A { get now() {\nreturn performance.now(); } }"),
    "object of functions": ("clock.now();", "const clock = { now: () =>\nperformance.now()\n};"),
    "method of an object": ("clock.now();", "const clock = { now() {\nreturn performance.now(); } };"),
    "helper generator": ("yield* now();", "function* now() {\nreturn performance.now(); }"),
    "closure": ("const now = () =>\nperformance.now();\nnow();", ""),
    "curried": ("now(1)();", "const now = (n) => () =>\nperformance.now();"),
    "call": ("now.call(null);", "function now() {\nreturn performance.now(); }"),
    "bind": ("now.bind(null)();", "function now() {\nreturn performance.now(); }"),
    "map": ("[1].map(() =>\nperformance.now());", ""),
    "flatMap": ("[1].flatMap(() =>\n[performance.now()]);", ""),
    "reduce": ("[1].reduce((sum) =>\nsum + performance.now(), 0);", ""),
    "sort": ("[1].sort(() =>\nperformance.now());", ""),
    "filter, then forEach": ("[1].filter(Boolean).forEach(() =>\nperformance.now());", ""),
    "one of an array": ("clocks.find(Boolean)();", "const clocks = [() =>\nperformance.now()];"),
    "one of a table": ('clocks["a"]();', "const clocks = { a: () =>\nperformance.now()\n};"),
    "values of a table": ("Object.values(clocks)[0]();", "const clocks = { a: () =>\nperformance.now()\n};"),
    "pushed": ("const all = []; all.push(() =>\nperformance.now()); all[0]();", ""),
    "concatenated": ("[].concat([() =>\nperformance.now()])[0]();", ""),
    "destructured": ("now();", "const { now } = { now: () =>\nperformance.now()\n};"),
    "optional call": ("now?.();", "const now = () =>\nperformance.now();"),
    "template": ("`${\nperformance.now()}`;", ""),
    "conditional": ("context.df.getInput() ?\nperformance.now() : 1;", ""),
    "switch": ("switch (1) { case 1:\nperformance.now(); }", ""),
}


@pytest.mark.parametrize("name", FOLLOWED)
def test_followed(name: str) -> None:
    ((rule, line),) = found(*FOLLOWED[name])
    assert (rule, "performance.now()" in line) == ("wall-clock", True)


NOW = "const now = () => performance.now();\n"
EXPORTED = {
    "exports.name": ("exports.now = () => performance.now();", 'require("./clock").now();'),
    "module.exports.name": ("module.exports.now = () => performance.now();", 'require("./clock").now();'),
    "module.exports of an object": (f"{NOW}module.exports = {{ now }};", 'require("./clock").now();'),
    "module.exports of a function": (f"{NOW}module.exports = now;", 'require("./clock")();'),
    "module.exports of a class": (
        "module.exports = class { static now() { return performance.now(); } };",
        'require("./clock").now();',
    ),
    "export const": ("export const now = () => performance.now();", 'require("./clock").now();'),
    "export list": (f"{NOW}export {{ now as later }};", 'require("./clock").later();'),
    "export default": ("export default () => performance.now();", 'require("./clock").default();'),
    "destructured require": (f"{NOW}module.exports = {{ now }};", 'const { now } = require("./clock"); now();'),
}


@pytest.mark.parametrize("name", EXPORTED)
def test_what_a_file_exports(name: str) -> None:
    clock, body = EXPORTED[name]
    assert [rule for rule, _ in found(body, clock_js=clock)] == ["wall-clock"]


IMPORTED = {
    "named": ('import { now } from "./clock";', "now();"),
    "renamed": ('import { now as later } from "./clock";', "later();"),
    "namespace": ('import * as clock from "./clock";', "clock.now();"),
    "of an index that passes it on": ('import { now } from "./lib";', "now();"),
}


@pytest.mark.parametrize("name", IMPORTED)
def test_what_a_file_imports(name: str) -> None:
    line, body = IMPORTED[name]
    files = {
        "package.json": "{}",
        "clock.ts": "export const now = (): number => performance.now();\n",
        "lib/index.ts": 'export * from "../clock";\n',
        "flow.ts": f'import * as df from "durable-functions";\n{line}\n'
        f'df.app.orchestration("flow", function* (context) {{ {body} }});\n',
    }
    assert [(each.rule, each.path) for each in analyzed(files).findings] == [("wall-clock", "/project/clock.ts")]


TYPED = {
    "a class": ("clock: Clock", "clock.now();"),
    "a class or null": ("clock: Clock | null", "clock!.now();"),
    "an array of a class": ("clocks: Array<Clock>", "clocks[0].now();"),
    "a read-only array of a class": ("clocks: ReadonlyArray<Clock>", "for (const clock of clocks) clock.now();"),
}


@pytest.mark.parametrize("name", TYPED)
def test_what_a_type_says(name: str) -> None:
    parameter, use = TYPED[name]
    files = {
        "package.json": "{}",
        "flow.ts": 'import * as df from "durable-functions";\n'
        "class Clock { now() { return performance.now(); } }\n"
        f"function helper({parameter}) {{ {use} }}\n"
        'df.app.orchestration("flow", function* (context) { helper(context.df.getInput()); });\n',
    }
    assert [each.rule for each in analyzed(files).findings] == ["wall-clock"]


SILENT = {
    "unknown": "elsewhere.now(); unknown().now();",
    "a name of its own": "const performance = { now: () => 1 }; performance.now();",
    "the durable clock": "context.df.currentUtcDateTime.getTime();",
    "a date of a known time": "new Date(context.df.currentUtcDateTime); new Date(0);",
    "a map keeps its order": "for (const [name] of new Map([['a', 1]])) yield context.df.callActivity(name);",
    "an object keeps its order": "for (const name of Object.keys({ b: 1, a: 2 })) yield context.df.callActivity(name);",
    "a bounded loop": "while (true) { if (yield context.df.callActivity('ask')) break; }",
    "a guard": "if (!context.df.isReplaying) console.log(1);",
    "a function that is not called": "const now = () => performance.now();",
    "an array that lost its function": "const all = [() => performance.now()]; all.length = 0;",
}


@pytest.mark.parametrize("name", SILENT)
def test_silent(name: str) -> None:
    assert found(SILENT[name]) == []
