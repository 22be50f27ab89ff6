"""What a run has to know of a language before it reads any code: its files' names, and what to search them for.

This module and the folders' own `__init__.py` import nothing, since every run pays for them. What it takes to read and
to judge code is the language's `Frontend`, which is imported when there is some.
"""

from __future__ import annotations

TYPE_CHECKING = False
if TYPE_CHECKING:
    from determinism_lint.analysis.frontend import Frontend
    from determinism_lint.model import Language as LanguageId


class Language:
    """One programming language; a folder below `determinism_lint.languages` defines it."""

    __slots__ = ("_frontend", "comment", "declares", "fences", "id", "modifies", "script", "suffixes", "tokens")

    def __init__(
        self,
        id: LanguageId,
        suffixes: tuple[str, ...],
        fences: tuple[str, ...],
        comment: str,
        tokens: tuple[bytes, ...],
        declares: bytes,
        script: str = "",
        modifies: tuple[str, ...] = (),
    ) -> None:
        self.id = id
        self.suffixes = suffixes
        """Of its source files, with the dot."""
        self.fences = fences
        """What Markdown calls a block of it, in lower case."""
        self.comment = comment
        """What begins a comment that ends with the line."""
        self.tokens = tokens
        """Without one of these a file declares and registers nothing durable: the first, cheapest search."""
        self.declares = declares
        """A verbose regular expression: what matches nowhere in a file declares and registers nothing durable."""
        self.script = script
        """The file that Azure Functions runs when a function.json names none."""
        self.modifies = modifies
        """Files beside the sources that decide what these mean, by name: aliases of paths, for instance."""
        self._frontend: Frontend | None = None

    @property
    def frontend(self) -> Frontend:
        """How its code is read and understood; the first use imports the parser."""
        if self._frontend is None:
            from importlib import import_module

            self._frontend = import_module(f"determinism_lint.languages.{self.id}.frontend").FRONTEND
        return self._frontend
