"""How C# is read and understood."""

from __future__ import annotations

from collections.abc import Callable

from determinism_lint.analysis.declarations import Declared
from determinism_lint.analysis.frontend import Frontend
from determinism_lint.analysis.sdk import Runtime
from determinism_lint.languages.csharp import LANGUAGE
from determinism_lint.languages.csharp.classes import attribute, constructed
from determinism_lint.languages.csharp.containers import grown, method_result
from determinism_lint.languages.csharp.discovery import declare, declare_module, surveys, unregistered
from determinism_lint.languages.csharp.imports import Importer, qualified
from determinism_lint.languages.csharp.library import LIBRARY, SPECIAL, called
from determinism_lint.languages.csharp.parse import decode, encoding_of, parse
from determinism_lint.languages.csharp.sdks import TASK_ATTRIBUTES, combinator
from determinism_lint.languages.csharp.substitutions import FIXES, substitution
from determinism_lint.languages.csharp.types import described


def _runtime_of(declared: Declared, read: Callable[[str], bytes]) -> Runtime:
    return Runtime(declared.sdk)


FRONTEND = Frontend(
    language=LANGUAGE,
    parse=parse,
    decode=decode,
    encoding_of=encoding_of,
    importer=Importer,
    declare=declare,
    declare_module=declare_module,
    unregistered=unregistered,
    surveys=surveys,
    runtime_of=_runtime_of,
    combinator=combinator,
    described=described,
    library=LIBRARY,
    special=SPECIAL,
    checks=("determinism_lint.languages.csharp.checks",),
    constructed=constructed,
    attribute=attribute,
    container_method=method_result,
    grown=grown,
    task_attributes=TASK_ATTRIBUTES,
    called=called,
    qualified=qualified,
    imports_late=True,
    waits_in_functions=True,
    runs_async_at_once=True,
    fixes=FIXES,
    substitution=substitution,
)
