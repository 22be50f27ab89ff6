"""What `make demo` shows: each kind of mistake once, and nothing in the orchestrators that have none."""

from __future__ import annotations

from pathlib import Path

from determinism_lint.run.project import lint

SAMPLE = Path(__file__).parent / "sample_project"


def test_the_sample_shows_what_it_is_for() -> None:
    report = lint([str(SAMPLE)], folder=str(SAMPLE))
    assert [(each.rule, each.path, [hop.function for hop in each.trace]) for each in report.findings] == [
        ("environment-read", "invoices/formatting.py", ["monthly_invoices", "invoice_title"]),
        ("random-id", "invoices/function_app.py", ["monthly_invoices"]),
        ("blocking-sleep", "invoices/function_app.py", ["monthly_invoices"]),
        ("wall-clock", "loyalty/Points.cs", ["AwardPoints"]),
        ("environment-read", "loyalty/Settings.cs", ["AwardPoints", "PointsFor", "PointsPerEuro"]),
        ("wall-clock", "orders/orchestrators.py", ["process_order"]),
        ("random-value", "orders/orchestrators.py", ["process_order", "lottery_key"]),
        ("network-io", "orders/pricing.py", ["process_order", "price_of", "unit_price"]),
        ("wall-clock", "shipping/src/index.js", ["ship_order"]),
        ("unawaited-task", "shipping/src/index.js", ["ship_order"]),
        ("unguarded-logging", "shipping/src/index.js", ["ship_order"]),
        ("random-id", "shipping/src/labels.js", ["ship_order", "labelOf", "numbered"]),
        ("random-value", "stock/src/main/java/shop/stock/Lottery.java", ["Replenish", "pick", "draw"]),
        ("wall-clock", "stock/src/main/java/shop/stock/Replenish.java", ["Replenish"]),
    ]
    assert {each.name for each in report.orchestrators} == {
        "process_order", "remind_customer", "monthly_invoices", "close_year", "ship_order", "return_order",
        "Replenish", "AwardPoints", "ExpirePoints",
    }  # fmt: skip
    assert {each.runtime.partition("@")[0] for each in report.orchestrators} == {
        "durable-task-python", "durable-functions-python", "durable-functions-js", "durable-task-java",
        "durable-functions-dotnet",
    }  # fmt: skip
