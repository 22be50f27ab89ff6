from __future__ import annotations

import json
from datetime import timedelta

from determinism_lint.replay.stand_in import StandIn, plain, revive

ORDER = StandIn("order")


def test_it_is_known_by_its_path():
    assert str(ORDER.items[0].name) == "order.items[0].name"
    assert str(ORDER["lines"].get("first")) == "order[lines][first]"
    assert f"{ORDER}!" == "order!"


def test_it_answers_to_everything_in_the_same_way():
    assert [str(item) for item in ORDER] == ["order[0]", "order[1]"]
    assert len(ORDER) == 2
    assert (int(ORDER), float(ORDER), bool(ORDER)) == (1, 1.0, True)
    assert ORDER + "!" == "order!"
    assert "!" + ORDER == "!order"
    assert ORDER * 3 == 1
    numbers = [1]
    assert numbers + ORDER == [1, StandIn("order[0]"), StandIn("order[1]")]
    assert ORDER < 5 and not ORDER > 5
    assert "anything" in ORDER
    assert f"{ORDER:.2f}" == "1.00"
    assert timedelta(seconds=int(ORDER)) == timedelta(seconds=1)
    assert [str(line) for line in ORDER.items] == ["order.items[0]", "order.items[1]"]
    assert [str(value) for _, value in ORDER.items()] == ["order.items()[0][1]", "order.items()[1][1]"]
    assert {name: str(value) for name, value in dict(**ORDER).items()} == {"a": "order[a]", "b": "order[b]"}


def test_paths_do_not_grow_for_ever():
    value = ORDER
    for _ in range(100):
        value = value.next
    assert len(str(value)) <= 60


def test_it_survives_json():
    data = {"order": ORDER, "lines": [ORDER.first, 1]}
    assert revive(json.loads(json.dumps(plain(data)))) == data


def test_it_is_found_in_the_envelope_of_functions():
    envelope = {"__class__": "StandIn", "__module__": StandIn.__module__, "__data__": ORDER.to_json()}
    assert revive([envelope]) == [ORDER]
