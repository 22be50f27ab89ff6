from __future__ import annotations

import pytest

from determinism_lint.replay import effects


@pytest.mark.parametrize(
    ("name", "kind"),
    [
        ("random.Random.random", effects.RANDOM),
        ("uuid.uuid4", effects.RANDOM),
        ("uuid.uuid5", None),
        ("requests.api.get", effects.NETWORK),
        ("requests.models.Request.__init__", None),
        ("requestsomething.get", None),
        ("pathlib._local.Path.exists", effects.FILE),
        ("pathlib._abc.PathBase.exists", effects.FILE),
        ("pathlib.PosixPath.exists", effects.FILE),
        ("pathlib.PurePath.joinpath", None),
        ("nt.getpid", effects.ENVIRONMENT),
        ("asyncio.runners.run", effects.THREAD),
        ("asyncio.coroutines.iscoroutine", None),
        ("json.dumps", None),
    ],
)
def test_longest_prefix_decides(name, kind):
    assert effects.kind_of(name) == kind
