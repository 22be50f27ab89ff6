"""The worker of the order service, on the Durable Task SDK for Python."""

from __future__ import annotations

import os

from durabletask.azuremanaged.worker import DurableTaskSchedulerWorker

from orders.activities import charge_payment, reserve_stock, send_reminder
from orders.orchestrators import process_order, remind_customer


def main() -> None:
    endpoint = os.environ["DTS_ENDPOINT"]
    with DurableTaskSchedulerWorker(
        host_address=endpoint, secure_channel=False, taskhub="default", token_credential=None
    ) as worker:
        worker.add_orchestrator(process_order)
        worker.add_orchestrator(remind_customer)
        worker.add_activity(reserve_stock)
        worker.add_activity(charge_payment)
        worker.add_activity(send_reminder)
        worker.start()
        input("Press Enter to stop.")


if __name__ == "__main__":
    main()
