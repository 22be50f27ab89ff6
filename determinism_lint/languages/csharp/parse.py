"""C#, parsed by tree-sitter and lowered to the neutral tree.

What the neutral tree does not have is written with what it has:

- `this` is the first parameter of a method that is not static. Bare names of members become attributes of it, or of
  their class if they are static. The parameter that triggers an orchestrator stands first behind it.
- What a class body gives to fields and properties is given by a method, `<fields>`, that runs before the constructor,
  `<init>`. The parameters of a primary constructor are fields.
- Properties with code are functions whose role is `property`, and `setter` below the name `set:Name`; those that are
  static have no parameter `this`.
- Of methods that share a name, each is also bound to `Name/1`, for each number of arguments that it takes.
- Names of types that a file does not declare are imported from `?namespaces:Name`: see `imports`.
- Attributes of a class, a method or its parameters that declare something are its decorators: `@Function("name")`;
  those of a parameter say which one it is by `%parameter`.
- `Method<T>(x)` passes `T` by the keyword `%0`; `nameof(A.B)` is the text `B`.
- `typeof(T)`, `(T)x` and `x as T`, `x with {…}` and initialisers are calls of `typeof`, `%cast`, `%with` and `%filled`:
  see `containers`.
"""

from __future__ import annotations

from functools import cache

import tree_sitter
import tree_sitter_c_sharp

from determinism_lint.analysis import syntax as s
from determinism_lint.languages.treesitter import decode, refuse_nesting, refuse_size, syntax_error

FIELDS, CONSTRUCTOR = "<fields>", "<init>"
CONSTRUCTORS = (FIELDS, CONSTRUCTOR)
"""What runs when an object is made."""
ANONYMOUS = "lambda"
ABSTRACT = "%interface"
"""Decorates an interface."""
EXTENSION = "%extension"
"""Decorates an extension method."""
ATTRIBUTES = frozenset(
    {
        "ActivityTrigger",
        "DurableClient",
        "DurableTask",
        "EntityTrigger",
        "Function",
        "FunctionName",
        "OrchestrationClient",
        "OrchestrationTrigger",
    }
)
"""What declares something."""


def parse(path: str, data: bytes) -> s.Module:
    """Parse one file. Raises `ParseError` for whatever cannot be analyzed, and nothing else."""
    text = decode(data)
    refuse_size(data)
    refuse_nesting(text)
    source = text.encode("utf-8", "surrogatepass")
    tree = _parser().parse(source)
    if tree.root_node.has_error:
        raise syntax_error(tree.root_node, source)
    return s.Module(path, "csharp", text, ())


@cache
def _parser() -> tree_sitter.Parser:
    return tree_sitter.Parser(tree_sitter.Language(tree_sitter_c_sharp.language()))
