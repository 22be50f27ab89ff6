"""What the lowering writes where the neutral tree has no word of its own: see `parse`."""

from __future__ import annotations

FIELDS, CONSTRUCTOR = "field initializers", ".ctor"
CONSTRUCTORS = (FIELDS, CONSTRUCTOR)
"""What runs when an object is made."""
ANONYMOUS = "lambda"
INDEXER = "this[]"
OUTSIDE = "%outside"
"""Around the type of a field that is given something unknown: tells what it is unless the project defines the type."""
ABSTRACT = "%interface"
"""Decorates an interface or an abstract class."""
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
