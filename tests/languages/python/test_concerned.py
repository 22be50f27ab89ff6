"""A candidate is interpreted only where imports lead from it to an SDK."""

from __future__ import annotations

import pytest

from determinism_lint.languages.python.concerned import concerned
from determinism_lint.languages.python.parse import parse

CONCERNED = {
    # why: the files; the first is the candidate
    "imports it": {"a.py": "from durabletask import task\n"},
    "imports it in a function": {"a.py": "def f():\n    import azure.durable_functions as df\n"},
    "imports its package's part": {"a.py": "from azure import functions, durable_functions\n"},
    "through a module": {"a.py": "import b\n", "b.py": "from durabletask import task\n"},
    "through a package": {"p/a.py": "from . import (\n    b,\n)\n", "p/b.py": "import dapr.ext.workflow as wf\n"},
    "through two": {"a.py": "from p.b import x\n", "p/b.py": "from .c import x\n", "p/c.py": "import durabletask\n"},
    "in a circle": {"a.py": "import b\n", "b.py": "import a\nimport c\n", "c.py": "import durabletask\n"},
    "cannot be parsed": {"a.py": "import durabletask\nx = (\n"},
}
UNCONCERNED = {
    "imports nothing": {"a.py": "app.entity(x)\n"},
    "imports others": {"a.py": "import b, requests\nfrom . import c\n", "b.py": "import json\n", "c.py": "x = 1\n"},
    "in a circle": {"a.py": "import b\n", "b.py": "import a\n"},
    "in a string": {"a.py": 'CODE = """\nfrom durabletask import task\n"""\n'},
    "in a comment": {"a.py": "import b  # and durabletask\n# import durabletask\n", "b.py": ""},
    "its own module of that name": {"p/a.py": "from . import durabletask\n", "p/durabletask.py": "x = 1\n"},
    "nobody has it": {"a.py": "import gone\n"},
}


def is_concerned(files: dict[str, str]) -> bool:
    texts = {f"/project/{path}": text.encode() for path, text in {"p/__init__.py": "", **files}.items()}
    candidate = f"/project/{next(iter(files))}"
    return concerned([candidate], frozenset(texts), texts.__getitem__, parse) == [candidate]


@pytest.mark.parametrize("why", CONCERNED)
def test_concerned(why: str) -> None:
    assert is_concerned(CONCERNED[why])


@pytest.mark.parametrize("why", UNCONCERNED)
def test_unconcerned(why: str) -> None:
    assert not is_concerned(UNCONCERNED[why])
