"""A fixed report that shows everything a format has to cope with."""

from __future__ import annotations

from determinism_lint.model import Edit, Excerpt, Finding, Fix, Hop, Orchestrator, Report, Span

ORDER = Orchestrator("orders/flow.py", 8, "process_order", "python", "durable-task-python")
REFUND = Orchestrator("orders/flow.py", 30, "process_refund", "python", "durable-task-python")
OTHERS = tuple(
    Orchestrator("orders/more.py", line, f"flow_{line}", "python", "durable-functions-python@1")
    for line in (1, 2, 3, 4)
)

DIRECT = Finding(
    rule="wall-clock",
    severity="error",
    message="`datetime.datetime.now` reads the wall clock in an orchestrator",
    path="orders/flow.py",
    span=Span(9, 15, 9, 29),
    excerpt=Excerpt(8, ("def process_order(ctx, order):", "    started = datetime.now()", "    return started")),
    help="use `ctx.current_utc_datetime`",
    orchestrators=(ORDER,),
    trace=(Hop("process_order", "orders/flow.py", 8),),
    fix=Fix("safe", "replace with `ctx.current_utc_datetime`", (Edit(Span(9, 15, 9, 29), "ctx.current_utc_datetime"),)),
)
DEEP = Finding(
    rule="random-id",
    severity="warning",
    message="`uuid.uuid4` creates a random id in an orchestrator",
    path="orders/ids,1:2%.py",
    span=Span(120, 2, 120, 14),
    excerpt=Excerpt(119, ("def new_id():", "\tuuid.uuid4()  # 店 \x1b[2J", "")),
    help="use `ctx.new_uuid()`",
    orchestrators=(ORDER, REFUND, *OTHERS),
    trace=(
        Hop("process_order", "orders/flow.py", 8),
        Hop("label", "orders/flow.py", 12),
        Hop("new_id", "orders/labels.py", 4),
    ),
)
LONG = Finding(
    rule="random-value",
    severity="info",
    message="`random.random` draws a random value in an orchestrator",
    path="orders/flow.py",
    span=Span(40, 5, 42, 2),
    excerpt=Excerpt(39, ("x = 1", "y = 店(random.random(", "    1,", "))", "z = 2")),
    orchestrators=(REFUND,),
    trace=(Hop("process_refund", "orders/flow.py", 30),),
    fix=Fix("unsafe", "draw it in an activity", (Edit(Span(1, 1, 1, 1), "import x\n"), Edit(Span(40, 5, 42, 2), "v"))),
)
WIDE = Finding(
    rule="wall-clock",
    severity="error",
    message="`time.time` reads the wall clock in an orchestrator",
    path="orders/min.py",
    span=Span(1, 301, 1, 312),
    excerpt=Excerpt(1, ("x" * 300 + "time.time()" + "y" * 300,)),
)
FOREIGN = Finding(
    rule="not-in-the-catalogue",
    severity="error",
    message="a\nmessage in two lines",
    path="/elsewhere/ü.py",
    span=Span(1, 1, 1, 1),
    excerpt=Excerpt(1, ()),
)

FULL = Report(12, 3, (ORDER, REFUND, *OTHERS), (DIRECT, DEEP, LONG, WIDE, FOREIGN), 2, 0)
CLEAN = Report(12, 3, (ORDER,), (), 0, 0)
NOTHING = Report(12, 0, (), (), 0, 0)
HELPER = Report(1, 1, (), (), 0, 4)

REPORTS = {"full": FULL, "clean": CLEAN, "nothing": NOTHING, "helper": HELPER}
