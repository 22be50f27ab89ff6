"""The invoicing app, on Azure Durable Functions."""

from __future__ import annotations

import time
import uuid

import azure.durable_functions as df
import azure.functions as func

from formatting import invoice_title

app = df.DFApp(http_auth_level=func.AuthLevel.FUNCTION)


@app.orchestration_trigger(context_name="context")
def monthly_invoices(context: df.DurableOrchestrationContext):
    customers = yield context.call_activity("list_customers")
    invoices = [{"id": str(uuid.uuid4()), "title": invoice_title(name)} for name in customers]
    if invoices:
        yield context.task_all([context.call_activity("send_invoice", invoice) for invoice in invoices])
    time.sleep(60)
    yield context.call_activity("archive_invoices", invoices)


@app.orchestration_trigger(context_name="context")
def close_year(context: df.DurableOrchestrationContext):
    """Nothing is wrong here: the id is durable, and so is the name of the year."""
    year = context.current_utc_datetime.year
    archive = yield context.call_activity("archive_invoices", {"year": year, "id": str(context.new_guid())})
    return archive


@app.activity_trigger(input_name="nothing")
def list_customers(nothing: str) -> list[str]:
    return ["ada", "grace"]


@app.activity_trigger(input_name="invoice")
def send_invoice(invoice: dict) -> None:
    print(f"sending {invoice['title']}")


@app.activity_trigger(input_name="invoices")
def archive_invoices(invoices: dict) -> str:
    return f"archive-{uuid.uuid4()}"
