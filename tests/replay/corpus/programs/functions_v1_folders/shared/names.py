from __future__ import annotations

NAMES = ("Ada", "Grace")
