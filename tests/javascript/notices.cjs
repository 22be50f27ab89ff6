// The changes of skills_src/notices.py: the code whose history is recorded, and the code that replays it.

/** @typedef {[key: "a" | "b" | "c", kind: "activity" | "timer" | "child", name: string | number, input?: unknown]} Step */
/** @typedef {{steps: Step[], event: string, name: string}} Program */

const A = /** @type {Step} */ (["a", "activity", "A", "x"]);
const B = /** @type {Step} */ (["b", "activity", "B", "y"]);
const C = /** @type {Step} */ (["c", "activity", "C", "z"]);

/** @param {Step[]} steps @returns {Program} */
const program = (...steps) => ({ steps, event: "Go", name: "order" });

const base = program(A, B);
const timer = (ms) => program(["a", "timer", ms], B);
const child = (name) => program(["a", "child", name], B);

/** @type {Record<string, [before: Program, after: Program]>} */
const VARIANTS = {
  "renamed-activity": [base, program(["a", "activity", "C", "x"], B)],
  "swapped-steps": [base, program(B, A)],
  "added-step": [base, program(C, A, B)],
  "removed-step": [base, program(B)],
  "other-kind": [base, program(["a", "timer", 1], B)],
  "other-payload": [base, program(["a", "activity", "A", "another"], B)],
  "other-timer": [timer(1), timer(2)],
  "renamed-child": [child("K"), child("L")],
  "renamed-event": [base, { ...base, event: "Went" }],
  "renamed-orchestrator": [base, { ...base, name: "orders" }],
};

const ACTIVITIES = Object.fromEntries(["A", "B", "C"].map((name) => [name, (input) => `${name} ${input}`]));
const CHILDREN = ["K", "L"];

/**
 * What a runtime has done about a change.
 * @param {{status: string, output?: any, failure?: string}} end @param {any} recorded the output without the change
 */
function outcome({ status, output, failure }, recorded) {
  if (status === "HANGS" || status === "RUNNING") return "hangs";
  if (status === "FAILED") {
    if (/non-?determinis/i.test(`${failure}`)) return "fails";
    if (/not exist|doesn't exist|not registered/.test(`${failure}`)) return "unregistered";
    return `fails otherwise: ${failure}`;
  }
  return JSON.stringify([output.a, output.b]) === JSON.stringify([recorded.a, recorded.b]) ? "recorded" : "wrong";
}

module.exports = { VARIANTS, ACTIVITIES, CHILDREN, outcome };
