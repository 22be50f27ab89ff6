"""What the printed Java programs are given and what must come of it; the same for both SDKs.

`SCENARIOS` for the programs of the patterns, `RULES` for the wrong and correct code of the rules, `HABITS` for what the
pages say of the SDK in a sentence, and `CHANGES` for what its worker notices of changed code.
"""

from __future__ import annotations

import json
import re
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any

HANGS = "HANGS"
ANY = object()
"""Any output."""


@dataclass(frozen=True, slots=True)
class Scenario:
    """One run of an orchestrator and what must come of it."""

    page: str
    """A pattern's name; empty for what is kept elsewhere."""
    name: str
    orchestrator: str
    input: Any
    output: Any
    status: str = "COMPLETED"
    custom_status: Any = None
    failure: str = ""
    """Stands in the failure's message."""
    events: tuple[dict[str, Any], ...] = ()
    more: Mapping[str, Any] = field(default_factory=dict)
    needs: str = ""
    """The first SDK version that has what the program uses."""

    def plan(self) -> dict[str, Any]:
        """The scenario as Runner.java reads it."""
        plan = {"name": self.name, "orchestrator": self.orchestrator, "input": self.input, "events": self.events}
        return {**plan, "timeout": 3 if self.status == HANGS else 120, **self.more}


def event(name: str, data: Any = None, after_ms: int = 0) -> dict[str, Any]:
    """An event that is raised so long after the one before it."""
    return {"name": name, "data": data, "after_ms": after_ms}


def change(number: int, item: str, delta: int) -> dict[str, Any]:
    """A change of the stock, for the eternal orchestration."""
    return event("stock_changed", {"changeId": f"c-{number}", "item": item, "delta": delta})


PAID = re.compile(r"pay-[0-9a-f-]{36}")
EXPENSE = {"expenseId": "e-1", "amount": 480, "timeoutS": 1}
UNUSABLE = [None, True, False, "yes", 1, [True], {}, {"approved": "yes"}, {"approved": False, "unknown": 1}]
YES, NO = {"approved": True, "by": "ann"}, {"approved": False, "by": "ann"}
ACCOUNTS = {
    "signals": [
        {"name": "Account", "key": "A-1", "operation": "deposit", "input": 100},
        {"name": "Account", "key": "B-2", "operation": "deposit", "input": 5},
    ]
}

SCENARIOS = [
    Scenario(
        "chaining",
        "confirmed",
        "ProcessOrder",
        {"orderId": "o-1", "item": "lamp", "quantity": 2, "amount": 59.9},
        {"orderId": "o-1", "status": "confirmed", "paymentId": PAID},
    ),
    Scenario(
        "chaining",
        "no stock",
        "ProcessOrder",
        {"orderId": "o-2", "item": "lamp", "quantity": 0, "amount": 59.9},
        None,
        status="FAILED",
        failure="Task 'ReserveStock' (#0) failed with an unhandled exception: order o-2 has no quantity",
    ),
    Scenario(
        "fan-out-fan-in",
        "partial failure",
        "ResizeImages",
        {"images": ["a.png", "b.txt", "c.png"], "maxParallel": 2},
        {"done": ["small/a.png", "small/c.png"], "failed": ["b.txt"]},
        custom_status={"done": 3, "total": 3},
    ),
    Scenario("fan-out-fan-in", "empty", "ResizeImages", {"images": [], "maxParallel": 2}, {"done": [], "failed": []}),
    Scenario(
        "async-http-api",
        "published",
        "TranscodeVideo",
        {"videoId": "v-1", "source": "cam"},
        {"videoId": "v-1", "url": "https://videos.example.com/cam#1+cam#2.mp4"},
        custom_status={"step": "done", "percent": 100},
    ),
    Scenario(
        "monitor",
        "finished",
        "WatchJob",
        {"jobId": "JOBS/running,finished", "intervalS": 0, "deadline": "2100-01-01T00:00:00Z"},
        {"jobId": "JOBS/running,finished", "status": "finished"},
    ),
    Scenario(
        "monitor",
        "over several generations",
        "WatchJob",
        {"jobId": "JOBS/many", "intervalS": 0, "deadline": "2100-01-01T00:00:00Z"},
        {"jobId": "JOBS/many", "status": "finished"},
    ),
    Scenario(
        "monitor",
        "timed out",
        "WatchJob",
        {"jobId": "JOBS/running", "intervalS": 1, "deadline": "2020-01-01T00:00:00Z"},
        {"jobId": "JOBS/running", "status": "timed_out"},
    ),
    Scenario(
        "human-interaction",
        "approved early",
        "ApproveExpense",
        EXPENSE,
        {"expenseId": "e-1", "status": "approved", "by": "ann"},
        events=(event("approval", YES),),
    ),
    Scenario(
        "human-interaction",
        "rejected",
        "ApproveExpense",
        EXPENSE,
        {"expenseId": "e-1", "status": "rejected", "by": "ann"},
        events=(event("approval", NO, 300),),
    ),
    Scenario(
        "human-interaction",
        "approved by the manager",
        "ApproveExpense",
        EXPENSE,
        {"expenseId": "e-1", "status": "approved", "by": "bob"},
        events=(event("manager_approval", {"approved": True, "by": "bob"}, 1500),),
    ),
    Scenario(
        "human-interaction",
        "timed out",
        "ApproveExpense",
        EXPENSE,
        {"expenseId": "e-1", "status": "timed_out", "by": None},
    ),
    *(
        Scenario(
            "human-interaction",
            f"no approval: {json.dumps(payload)}",
            "ApproveExpense",
            {**EXPENSE, "timeoutS": 60},
            {"expenseId": "e-1", "status": "rejected", "by": None},
            events=(event("approval", payload),),
        )
        for payload in UNUSABLE
    ),
    Scenario(
        "human-interaction",
        "approved, with a field more",
        "ApproveExpense",
        EXPENSE,
        {"expenseId": "e-1", "status": "approved", "by": "ann"},
        events=(event("approval", {**YES, "unknown": 1}),),
    ),
    Scenario(
        "aggregator",
        "accepted",
        "CounterAccount",
        {"accountId": "a-1", "deposits": [10, 20], "withdrawal": 25},
        {"accepted": True, "balance": 5},
        needs="1.9.0",
    ),
    Scenario(
        "aggregator",
        "refused",
        "CounterAccount",
        {"accountId": "c-3", "deposits": [10], "withdrawal": 25},
        {"accepted": False, "balance": 10},
        needs="1.9.0",
    ),
    Scenario(
        "critical-section",
        "transferred",
        "TransferMoney",
        {"from": "A-1", "to": "B-2", "amount": 30},
        {"status": "transferred", "balance": 70},
        more={**ACCOUNTS, "entity": {"name": "Account", "key": "B-2"}},
        needs="1.9.0",
    ),
    Scenario(
        "critical-section",
        "refused",
        "TransferMoney",
        {"from": "B-2", "to": "A-1", "amount": 1000},
        {"status": "refused", "balance": 35},
        needs="1.9.0",
    ),
    Scenario(
        "critical-section",
        "undone",
        "TransferMoney",
        {"from": "A-1", "to": "closed-1", "amount": 10},
        {"status": "reverted", "balance": 70},
        needs="1.9.0",
    ),
    Scenario(
        "critical-section",
        "to itself",
        "TransferMoney",
        {"from": "A-1", "to": "A-1", "amount": 10},
        {"status": "refused", "balance": 0},
        needs="1.9.0",
    ),
    Scenario(
        "sub-orchestration",
        "one child fails",
        "FulfilOrders",
        [{"orderId": f"o-{n}", "quantity": n} for n in range(12)],
        {"fulfilled": [f"o-{n}" for n in range(1, 12)], "failed": ["o-0"]},
    ),
    Scenario(
        "eternal",
        "stopped",
        "InventorySync",
        {"stock": {}, "handled": 0, "stopping": False},
        {"stock": {"cup": 3, "lamp": 5}, "handled": 3, "stopping": True},
        events=(
            change(1, "lamp", 2),
            change(2, "cup", 3),
            change(3, "lamp", 3),
            event("stop", None, 300),
        ),
    ),
    Scenario(
        "eternal",
        "no event lost over generations",
        "InventorySync",
        {"stock": {}, "handled": 0, "stopping": False},
        {"stock": {"lamp": 120}, "handled": 120, "stopping": True},
        events=(*(change(n, "lamp", 1) for n in range(120)), event("stop")),
    ),
    Scenario(
        "saga",
        "booked",
        "BookTrip",
        {"tripId": "t-1", "city": "Lisbon", "soldOut": "none"},
        {"status": "booked", "failed": None, "notUndone": []},
    ),
    Scenario(
        "saga",
        "canceled",
        "BookTrip",
        {"tripId": "t-1", "city": "Lisbon", "soldOut": "car"},
        {"status": "canceled", "failed": "BookCar", "notUndone": []},
    ),
    Scenario(
        "scheduled",
        "finished",
        "DailyReport",
        {"nextRun": "2024-05-01T08:00:00Z", "everyS": 3600, "runsLeft": 1},
        {"status": "finished", "runsLeft": 0},
    ),
    Scenario(
        "scheduled",
        "three runs",
        "DailyReport",
        {"nextRun": "2024-05-01T08:00:00Z", "everyS": 1, "runsLeft": 3},
        {"status": "finished", "runsLeft": 0},
    ),
    Scenario(
        "scheduled",
        "canceled",
        "DailyReport",
        {"nextRun": "2100-01-01T08:00:00Z", "everyS": 3600, "runsLeft": 3},
        {"status": "canceled", "runsLeft": 3},
        events=(event("cancel", None, 200),),
    ),
    Scenario(
        "versioning",
        "new path",
        "ProcessRefund",
        {"refundId": "r-1", "amount": 40},
        {"refundId": "r-1", "status": "refunded", "checked": True},
        more={"version": "2.0.0"},
        needs="1.9.0",
    ),
    Scenario(
        "versioning",
        "old path",
        "ProcessRefund",
        {"refundId": "r-1", "amount": 4000},
        {"refundId": "r-1", "status": "refunded", "checked": False},
        more={"version": "1.0.0"},
        needs="1.9.0",
    ),
    Scenario(
        "versioning",
        "without a version",
        "ProcessRefund",
        {"refundId": "r-1", "amount": 4000},
        {"refundId": "r-1", "status": "refunded", "checked": False},
        needs="1.9.0",
    ),
    Scenario(
        "agent-loop",
        "answered",
        "ResearchAgent",
        {"question": "How high is Etna?", "maxTurns": 5},
        {
            "answer": "from SearchWeb: results for user: How high is Etna?",
            "turns": 2,
            "status": "answered",
        },
        custom_status="turn 2",
    ),
    Scenario(
        "agent-loop",
        "gave up",
        "ResearchAgent",
        {"question": "endless", "maxTurns": 3},
        {"answer": None, "turns": 3, "status": "gave_up"},
        custom_status="turn 3",
    ),
    Scenario(
        "agent-loop",
        "tool approved",
        "ResearchAgent",
        {"question": "report it", "maxTurns": 3},
        {"answer": "from SendReport: sent", "turns": 2, "status": "answered"},
        custom_status="turn 2",
        events=(event("approval-1-call-1", {"approved": True}),),
    ),
    Scenario(
        "agent-loop",
        "tool refused",
        "ResearchAgent",
        {"question": "report it", "maxTurns": 3},
        {"answer": "from SendReport: not allowed", "turns": 2, "status": "answered"},
        custom_status="turn 2",
        events=(event("approval-1-call-1", {"approved": False}, 100),),
    ),
    *(
        Scenario(
            "agent-loop",
            f"no approval: {json.dumps(payload)}",
            "ResearchAgent",
            {"question": "report it", "maxTurns": 3},
            {"answer": "from SendReport: not allowed", "turns": 2, "status": "answered"},
            events=(event("approval-1-call-1", payload),),
        )
        for payload in UNUSABLE
    ),
    Scenario("SKILL", "greets", "Greet", "world", "Hello world"),
]


# --- the rules ----------------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Outcome:
    """What comes of one example of a rule."""

    output: Any = ANY
    status: str = "COMPLETED"
    failure: str = ""
    in_functions: str = ""
    """The failure's message where the middleware of Azure Functions wraps it; empty for the same."""
    calls: tuple[str, ...] | None = None
    """The stand-ins that ran, in order; None asks for nothing."""
    printed: tuple[str, ...] | None = None
    sent: bool | None = None
    """Whether the output is what the first stand-in got: with wrong data it is not."""
    differs: bool | None = False
    """Whether another process, with another clock, zone and environment, replays it to other actions."""
    timers: bool | None = None
    """Whether it made a durable timer."""


@dataclass(frozen=True, slots=True)
class Rule:
    """One rule: what both examples are given, and what comes of each."""

    name: str
    orchestrator: str
    wrong: Outcome | None
    """None where it does not compile."""
    correct: Outcome
    input: Any = None
    stand_ins: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[dict[str, Any], ...] = ()
    needs: str = ""

    def outcome(self, kind: str) -> Outcome:
        """What comes of its wrong or correct example."""
        outcome = self.wrong if kind == "wrong" else self.correct
        assert outcome, "does not compile"
        return outcome

    def scenario(self, kind: str) -> Scenario:
        """The run of its wrong or correct example."""
        outcome = self.outcome(kind)
        more = {"calls": len(outcome.calls or ()), "printed": len(outcome.printed or ())}
        return Scenario("", kind, self.orchestrator, self.input, ANY, outcome.status, events=self.events, more=more)


RESULT: dict[str, Any] = {"results": ["done"]}
NAMES = [f"name-{n}" for n in range(16)]
"""So many that no two processes iterate over a set of them in the same order."""

RULES = (
    Rule(
        "wall-clock",
        "Remind",
        Outcome(sent=False, differs=True),
        Outcome(sent=True),
        stand_ins={"AnnounceReminder": RESULT},
    ),
    Rule(
        "random-value",
        "DrawLot",
        Outcome(sent=False, differs=True),
        Outcome(sent=True),
        stand_ins={"PublishLot": RESULT},
    ),
    Rule(
        "random-id", "Confirm", Outcome(sent=False, differs=True), Outcome(sent=True), stand_ins={"SendToken": RESULT}
    ),
    Rule(
        "environment-read",
        "Deploy",
        Outcome("north", differs=True),
        Outcome("south"),
        "south",
        {"CreateCluster": RESULT},
    ),
    Rule(
        "unordered-iteration",
        "CollectVotes",
        Outcome(differs=True),
        Outcome("".join(f"{name}yes" for name in NAMES)),
        NAMES,
        {"AskVote": {"results": ["yes"]}},
    ),
    Rule(
        "process-identity",
        "Route",
        Outcome(sent=False, differs=True),
        Outcome("ada-96414", sent=True),
        "ada",
        {"Store": RESULT},
    ),
    Rule("global-state", "TakeOrder", Outcome(2, differs=None), Outcome(1), 0, {"StoreOrder": RESULT}),
    Rule("local-timezone", "Greet", Outcome(differs=True), Outcome(), None, {"SayGoodDay": RESULT}),
    Rule("network-io", "Quote", Outcome(sent=False, differs=True), Outcome(sent=True), "PRICE", {"SendQuote": RESULT}),
    Rule("file-io", "Publish", Outcome("draft", differs=True), Outcome("draft"), "FLAG", {"Post": RESULT}),
    Rule(
        "subprocess",
        "Build",
        Outcome("started"),
        Outcome("ended with 0"),
        "echo built >> BUILDS",
        {"Announce": RESULT},
    ),
    Rule(
        "unguarded-logging",
        "Pay",
        Outcome("done", printed=("charging", "charging")),
        Outcome("done", printed=("charging",)),
        stand_ins={"Charge": RESULT},
    ),
    Rule(
        "client-in-orchestrator",
        "Checkout",
        Outcome("done", calls=("Charge", "Ship", "Ship"), differs=None),
        Outcome("done", calls=("Charge", "Ship")),
        "lamp",
        {"Ship": {"child": "shipped"}, "Charge": RESULT},
    ),
    Rule(
        "dynamic-code",
        "Price",
        Outcome("Discount", differs=True),
        Outcome("Flat"),
        "plugin.Discount",
        {"Calculate": RESULT},
    ),
    Rule(
        "thread-or-task",
        "Audit",
        Outcome("done", printed=("recorded", "recorded")),
        Outcome("done", printed=("recorded",)),
        stand_ins={"Archive": RESULT},
    ),
    Rule(
        "blocking-sleep",
        "Remind",
        Outcome("done", timers=False),
        Outcome("done", timers=True),
        1,
        {"SendReminder": RESULT},
    ),
    Rule(
        "blocking-wait",
        "Ship",
        Outcome(status=HANGS, differs=None),
        Outcome("cash"),
        None,
        events=(event("paid", "cash"),),
    ),
    Rule(
        "broad-catch",
        "Pay",
        Outcome(calls=("Charge", "Refund")),
        Outcome("paid", calls=("Charge",)),
        "lamp",
        {"Charge": RESULT, "Refund": RESULT},
    ),
    Rule(
        "cleanup-around-yield",
        "Rent",
        Outcome(),
        Outcome("returned", calls=("Reserve", "Drive", "Release")),
        "car",
        {"Reserve": RESULT, "Drive": RESULT, "Release": RESULT},
    ),
    Rule(
        "unawaited-task",
        "Ship",
        Outcome("shipped", calls=("Reserve", "Send")),
        Outcome(None, "FAILED", "out of stock", calls=("Reserve",)),
        "lamp",
        {"Reserve": {"fails": "out of stock"}, "Send": RESULT},
    ),
    Rule(
        "unbounded-loop",
        "Sweep",
        Outcome(status=HANGS, differs=None),
        Outcome("clean", calls=("Clean", "Clean", "Clean")),
        10,
        {"Clean": {"results": [2, 1, 0]}},
    ),
    Rule(
        "replay-conditional",
        "Order",
        Outcome("sent", calls=("Notify",)),
        Outcome("sent", calls=("Notify", "Send")),
        "lamp",
        {"Notify": RESULT, "Send": RESULT},
    ),
    Rule(
        "unknown-activity",
        "Order",
        Outcome(None, "FAILED", "No activity task named 'SendEmail' is registered."),
        Outcome("lamp"),
        "lamp",
    ),
    Rule("unknown-orchestrator", "Order", Outcome(None, "FAILED"), Outcome("parcel with lamp"), "lamp"),
    Rule(
        "empty-fan-out",
        "AskBrokers",
        Outcome(status=HANGS),
        Outcome("no offer"),
        [],
        {"AskBroker": {"results": ["offer"]}},
    ),
    Rule(
        "lost-events",
        "Count",
        Outcome(status=HANGS),
        Outcome(3, calls=("StoreHit",) * 3),
        0,
        {"StoreHit": RESULT},
        events=tuple(event("hit", n) for n in range(3)),
        needs="1.5.1",
    ),
    Rule("sdk-signature", "Order", None, Outcome("done"), stand_ins={"Send": RESULT}),
    Rule(
        "not-serializable",
        "Invoice",
        Outcome(None, "FAILED", "Failed to serialize argument of type"),
        Outcome({"cents": 3}),
    ),
    Rule(
        "activity-type",
        "Count",
        Outcome(
            None,
            "FAILED",
            "Failed to deserialize the JSON text to java.lang.Integer",
            "Unexpected failure in the task execution",
        ),
        Outcome(2),
        ["a", "b"],
        needs="1.5.1",
    ),
)


# --- what the pages say of the SDK ---------------------------------------------------------------------------------


def habit(name: str, output: Any, status: str = "COMPLETED", failure: str = "", **more: Any) -> Scenario:
    """What one orchestrator of Habits.java comes to: each backs a warning of the skills."""
    given, events = more.pop("input", None), more.pop("events", ())
    return Scenario("", name, name, given, output, status, None, failure, events, **more)


HABITS = [
    habit("BroadCatch", "OrchestratorBlockedException"),
    habit("Finally", 3),
    habit("OtherActivityOnReplay", "first second"),
    habit("OneMoreCallOnReplay", "x"),
    habit("EmptyAllOf", []),
    habit("EmptyAnyOf", None, HANGS),
    habit("NoMessage", None, HANGS),
    habit(
        "Unregistered",
        None,
        "FAILED",
        "Task 'Nope' (#0) failed with an unhandled exception: No activity task named 'Nope' is registered.",
    ),
    habit("Backoff", [1, 1]),
    habit("FanOut", True),
    habit(
        "WaitForApproval",
        "Timeout of PT1S expired while waiting for an event named 'Approval' (ID = 0).",
        events=(event("approval", "yes", 300),),
    ),
    habit("EqualEvents", None, HANGS, input=[], events=tuple(event("event", "same") for _ in range(3)), needs="1.9.0"),
    habit("AnyOfFailed", "threw Task 'Fail' (#0) failed with an unhandled exception: boom"),
    habit("AnyOfListOrder", "the second named, which ended first"),
    habit("ChildFailure", ["Task 'Fail' (#0) failed with an unhandled exception: boom", False]),
    habit("IsCausedBy", [True, True, False]),
    habit("TypelessChild", ["The argument 'returnType' was null."] * 2),
    habit("WrongShape", "DataConverterException", events=(event("event", "text"),), needs="1.5.1"),
    habit("ZeroAndPastTimers", "fired"),
    habit("ZeroWait", "canceled"),
    habit("ZeroWaitForAnEventThatIsThere", "x", events=(event("event", "x"),)),
    habit("WaitsInOrder", ["1", "2"], events=(event("event", "1"), event("event", "2"))),
    habit("EndsBeforeItsHistory", None, HANGS),
    habit("NoComplete", None),
    habit("CompleteTwice", None, HANGS),
    habit("RetryHandler", 3),
    habit("UnknownField", None, "FAILED", 'Unrecognized field "unknown"', input={"known": 1, "unknown": 2}),
]


def row(name: str, output: Any, status: str = "COMPLETED", failure: str = "") -> Scenario:
    """One row of the table `notices`: what becomes of an instance whose code changes while it waits for Go."""
    go = {**event("Go", None, 3000), "change": name}
    return Scenario("", name, name, None, output, status, failure=failure, events=(go,))


CHANGES = [
    row("renamed-activity", {"a": "A of x", "b": "B of y"}),  # C was called
    row("swapped-steps", {"a": "B of y", "b": "A of x"}),
    row("added-step", {"a": "B of y", "b": "B of y"}),
    row("removed-step", {"a": "left out", "b": "A of x"}),
    row("other-kind", {"a": "waited", "b": "B of y"}),
    row("other-payload", {"a": "A of x", "b": "B of y"}),
    row("other-timer", {"a": "waited", "b": "B of y"}),
    row("renamed-child", {"a": "child", "b": "B of y"}),  # OtherChild was called
    row("renamed-event", None, HANGS),
    row("renamed-orchestrator", None, "FAILED"),
]
"""The results of A and B at their calls, whatever the changed code calls."""


@dataclass(frozen=True, slots=True)
class Note:
    """Code that a pattern's page prints below its program, and the orchestrator that a test puts around it."""

    page: str
    heading: str
    orchestrator: str
    """Body of `run`."""
    output: Any
    stand_ins: Mapping[str, Any] = field(default_factory=dict)
    events: tuple[dict[str, Any], ...] = ()

    @property
    def source(self) -> str:
        """A second source of the same unit."""
        return (
            "import com.microsoft.durabletask.*; import java.time.Duration; import java.util.List;"
            f"class Note implements TaskOrchestration {{ public void run(TaskOrchestrationContext ctx) {{"
            f" ctx.complete({self.orchestrator}); }} }}"
        )

    @property
    def scenario(self) -> Scenario:
        """Its run."""
        return Scenario("", self.heading, "Note", None, self.output, events=self.events)


NOTES = (
    Note(
        "fan-out-fan-in",
        "A sliding window",
        'SlidingWindow.run(ctx, "Work", List.of("a", "b", "c"), 2)',
        ["done", "done", "done"],
        {"Work": RESULT},
    ),
    Note(
        "fan-out-fan-in",
        "A sliding window",
        'SlidingWindow.run(ctx, "Work", List.of("a", "b"), 2)',
        ["failed: boom", "failed: boom"],
        {"Work": {"fails": "boom"}},
    ),
    Note(
        "chaining",
        "A step with a time limit",
        'TimeLimit.call(ctx, "Work", 1, Duration.ofSeconds(30))',
        "done",
        {"Work": RESULT},
    ),
    Note(
        "chaining",
        "A step with a time limit",
        'TimeLimit.call(ctx, "Work", 1, Duration.ofMillis(200))',
        None,
        {"Work": {"results": ["late"], "takes_ms": 1500}},
    ),
    Note(
        "human-interaction",
        "Several answers, one deadline",
        "Ballot.collect(ctx, 3, Duration.ofSeconds(4))",
        ["yes", "no"],
        events=(event("vote", "yes"), event("vote", "no")),
    ),
    Note(
        "human-interaction",
        "Several answers, one deadline",
        "Ballot.collect(ctx, 2, Duration.ofSeconds(30))",
        ["yes", "no"],
        events=(event("vote", "yes"), event("vote", "no")),
    ),
)


# --- code on other pages ---------------------------------------------------------------------------------------------


@dataclass(frozen=True, slots=True)
class Snippet:
    """Code on a page that is neither a program nor a rule's example, and its run."""

    page: str
    heading: str
    scenario: Scenario
    stand_ins: Mapping[str, Any] = field(default_factory=dict)


PAID_AT_ONCE: dict[str, Any] = {"ChargePayment": {"results": ["paid"]}}
SNIPPETS = (
    Snippet("errors", "The types", Scenario("", "paid", "Pay", None, "paid"), PAID_AT_ONCE),
    Snippet("errors", "The types", Scenario("", "paid", "PayBill", None, "paid"), PAID_AT_ONCE),
    Snippet(
        "versioning",
        "The API",
        Scenario("", "without a version", "ProcessRefund", "r-1", "done", needs="1.6.0"),
        {"CheckFraud": RESULT, "RefundPayment": RESULT},
    ),
    Snippet("entities", "Define", Scenario("", "counts", "CountTwice", "visits", 2, needs="1.9.0")),
)

NOT_RUN = {
    ("sdk-signature", "wrong"): "must not compile",
    ("Retries", ""): "options for a call; habit RetryHandler runs such a handler",
    ("Define and register", ""): "an entity and calls of it; the program of the pattern aggregator runs these",
    ("Query", ""): "calls of the client, which the in-memory backend has only in part",
    ("Client", ""): "calls of the client, which the in-memory backend has only in part",
    ("HTTP without an activity", ""): "the Functions host makes the call",
    ("Connect", ""): "connects to Azure",
    ("The API", ""): "builders for the scheduler; the program of the pattern versioning runs them",
    ("Data", ""): "a type alone",
    ("syntax-error", "wrong"): "must not compile",
    ("syntax-error", "correct"): "a call that other examples run; the linter reads it",
    **{(rule, kind): "about a comment, which runs do not see; the linter reads it"
       for rule in ("unknown-ignore", "unused-ignore") for kind in ("wrong", "correct")},
}  # fmt: skip
"""Heading and kind -> why code is compiled only. Tests and the Spring Boot app are run by Maven."""
