"""Definitions are data; what is wrong with one is told by name."""

import json
from pathlib import Path
from typing import Any

import pytest

from exclusion_map.errors import DefinitionError
from exclusion_map.index import Definition, definitions, library, load_definition
from exclusion_map.terms import NhsGroup


def _data(**changes: Any) -> dict[str, Any]:
    old = {
        "id": "older",
        "title": "Older people",
        "weight": 3,
        "children": [{"indicator": "aged_75_plus", "weight": 2}, {"indicator": "aged_65_74"}],
    }
    return {
        "id": "mine",
        "title": "Mine",
        "children": [old, {"indicator": "no_car", "weight": 1}],
        **changes,
    }


def _old(**changes: Any) -> dict[str, Any]:
    first, *others = _data()["children"]
    return _data(children=[{**first, **changes}, *others])


def _nested(levels: int) -> dict[str, Any]:
    child: dict[str, Any] = {"indicator": "no_car"}
    for level in range(levels):
        child = {"id": f"g{level}", "title": "G", "children": [child]}
    return _data(children=[child])


def test_twenty_levels_are_read_and_written_again() -> None:
    definition = Definition.parse(_nested(20))
    assert Definition.parse(json.loads(definition.model_dump_json())) == definition
    assert definition.with_weights({"g0": 2}).weights()["g0"] == 2


@pytest.mark.parametrize(
    ("name", "text"),
    [
        ("a.json", '{"children":' + "[" * 5000 + "]" * 5000 + "}"),
        ("b.json", '{"children":[' * 5000),
        ("a.toml", "children = " + "[" * 5000 + "]" * 5000),
        ("b.toml", "a = " + "{a = " * 5000 + "1" + "}" * 5000),
        ("c.toml", "[" + ".".join(["a"] * 5000) + "]"),
    ],
)
def test_a_file_nested_without_end_is_refused(tmp_path: Path, name: str, text: str) -> None:
    (tmp_path / name).write_text(text)
    with pytest.raises(DefinitionError, match=f"definition {name}: found"):
        load_definition(tmp_path / name)


def test_nominal_weights_multiply_down_the_tree() -> None:
    leaves = Definition.parse(_data()).leaves()
    assert {leaf.node.id: leaf.nominal_weight for leaf in leaves} == pytest.approx(
        {"aged_75_plus": 0.5, "aged_65_74": 0.25, "no_car": 0.25}
    )
    assert leaves[0].path == ("older",)


@pytest.mark.parametrize(
    ("data", "message"),
    [
        (_data(colour="red"), "unknown field 'colour'"),
        (_old(colour="red"), "unknown field 'children.0.colour'"),
        (_data(children=[{"indicator": "no_car", "weigth": 1}]), "'children.0.weigth'"),
        (_old(weight=-1), "children.0.weight: negative weight -1"),
        (_data(children=[{"indicator": "no_car", "weight": 0}]), "mine: all weights are 0"),
        (_old(children=[]), "mine > older: has no children"),
        (_data(children=[]), "mine: has no children"),
        (_data(children=[{"indicator": "no_car"}] * 2), "'no_car' is used twice"),
        (_old(id="no_car"), "id 'no_car' is used twice: in mine and in mine"),
        (_data(children=[{"weight": 1}]), "children.0.id"),
        (_data(normalise={"method": "magic"}), "unknown method 'magic'; it is one of percentile"),
        (_data(normalise={}), "normalise: no method named"),
        (_data(children=[{"id": "a", "title": "A"}]), "so the group has no children"),
        (_data(missing={"minimum_share": 2}), "missing.minimum_share"),
        (_data(children=[5]), "children.0: a child is a table of an indicator or a group, not int"),
        (_old(children=["no_car"]), "children.0.children.0: a child is a table of an indicator"),
        (_data(children=[None]), "not NoneType"),
        (_data(children=[[{"indicator": "no_car"}]]), "not list"),
        (_nested(21), "groups nested more than 20 levels deep"),
        (_nested(5000), "groups nested more than 20 levels deep"),
    ],
)
def test_a_fault_is_told_with_its_place(data: dict[str, Any], message: str) -> None:
    with pytest.raises(DefinitionError) as caught:
        Definition.parse(data)
    assert message in caught.value.message


def test_an_indicator_nobody_declares_is_told_by_name() -> None:
    with pytest.raises(DefinitionError, match="unknown indicators horoscope"):
        load_definition(_data(children=[{"indicator": "horoscope"}]))


def test_an_indicator_may_be_supplied_with_the_table() -> None:
    supplied = [{"id": "horoscope", "title": "Horoscope", "direction": "higher_is_riskier"}]
    definition = load_definition(_data(children=[{"indicator": "horoscope"}], supplied=supplied))
    assert definition.supplied[0].id == "horoscope"


def test_weights_are_replaced_by_id() -> None:
    changed = Definition.parse(_data()).with_weights({"older": 1, "aged_65_74": 0})
    assert changed.weights() == {"older": 1, "no_car": 1, "aged_75_plus": 2, "aged_65_74": 0}
    with pytest.raises(DefinitionError, match="no group or indicator 'younger'"):
        changed.with_weights({"younger": 1})
    with pytest.raises(DefinitionError, match="negative weight"):
        changed.with_weights({"older": -1})


def test_json_and_toml_say_the_same(tmp_path: Path) -> None:
    (tmp_path / "a.json").write_text(json.dumps(_data()))
    (tmp_path / "a.toml").write_text(
        'id = "mine"\ntitle = "Mine"\n'
        '[[children]]\nid = "older"\ntitle = "Older people"\nweight = 3\n'
        '[[children.children]]\nindicator = "aged_75_plus"\nweight = 2\n'
        '[[children.children]]\nindicator = "aged_65_74"\n'
        '[[children]]\nindicator = "no_car"\nweight = 1\n'
    )
    assert load_definition(tmp_path / "a.json") == load_definition(tmp_path / "a.toml")


def test_a_file_that_is_not_toml_is_told(tmp_path: Path) -> None:
    (tmp_path / "a.toml").write_text("id = ")
    with pytest.raises(DefinitionError, match=r"definition a\.toml"):
        load_definition(tmp_path / "a.toml")


def test_the_default_definition_weighs_every_measurable_group_of_the_framework() -> None:
    definition = definitions()["exclusion"]
    assert next(iter(definitions())) == "exclusion"
    weighed = {group.nhs_group for group in definition.components() if group.weight > 0}
    assert weighed >= {group for group in NhsGroup if group.measurable}
    assert len(definition.leaves()) <= 12
    assert all(group.evidence and group.sources for group in definition.components())


def test_a_definition_survives_a_round_trip_through_json() -> None:
    for definition in library().values():
        assert Definition.parse(json.loads(definition.model_dump_json())) == definition


def test_every_shipped_definition_has_evidence_and_cautions() -> None:
    assert set(definitions()) < set(library())
    for definition in library().values():
        assert definition.summary
        assert definition.evidence
        assert definition.cautions
        assert definition.sources
        assert len(definition.leaves()) <= 12
