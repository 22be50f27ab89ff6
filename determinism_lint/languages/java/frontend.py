"""How Java is read and understood."""

from __future__ import annotations

from determinism_lint.analysis.frontend import Frontend
from determinism_lint.languages.java import LANGUAGE
from determinism_lint.languages.java.containers import attribute, grown, method_result
from determinism_lint.languages.java.discovery import declare, declare_module, unregistered
from determinism_lint.languages.java.imports import Importer, qualified
from determinism_lint.languages.java.library import LIBRARY, SPECIAL, called
from determinism_lint.languages.java.parse import parse
from determinism_lint.languages.java.releases import runtime_of
from determinism_lint.languages.java.sdks import TASK_ATTRIBUTES, combinator
from determinism_lint.languages.java.substitutions import FIXES, substitution
from determinism_lint.languages.java.types import described
from determinism_lint.languages.treesitter import decode, encoding_of

FRONTEND = Frontend(
    language=LANGUAGE,
    parse=parse,
    decode=decode,
    encoding_of=encoding_of,
    importer=Importer,
    declare=declare,
    declare_module=declare_module,
    unregistered=unregistered,
    runtime_of=runtime_of,
    combinator=combinator,
    described=described,
    library=LIBRARY,
    special=SPECIAL,
    checks=("determinism_lint.languages.java.checks",),
    attribute=attribute,
    container_method=method_result,
    grown=grown,
    task_attributes=TASK_ATTRIBUTES,
    called=called,
    qualified=qualified,
    waits_in_functions=True,
    fixes=FIXES,
    substitution=substitution,
)
