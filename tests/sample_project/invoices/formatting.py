from __future__ import annotations

import os


def invoice_title(customer: str) -> str:
    return f"{os.environ.get('COMPANY', 'Shop')}: invoice for {customer}"
