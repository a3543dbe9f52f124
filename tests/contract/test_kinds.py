"""Every kind of every family: what its manifest names is there, and its parameters are declared as they should be."""

import json
import os
import subprocess
import sys
from dataclasses import FrozenInstanceError, fields
from pathlib import Path

import pytest

from studio.api.engine import Engine, ModelSource
from studio.api.panel import Panel
from studio.core.error import UsageError, UserError
from studio.core.param import make_params, param_specs, params_to_json, saved_params
from studio.registry.place import BUILT_IN
from studio.registry.target import Opening, typed_params
from tests.contract.conftest import KIND_IDS, KINDS

ROOT = Path(__file__).parents[2]
ALL_MODELS = """
import contextlib, io, json, sys
from studio.cli.main import main
from studio.registry.catalog import Catalog

told = {}
for model in Catalog().list_models():
    for verb in ("sample", "shot"):
        with contextlib.redirect_stderr(io.StringIO()) as said:
            status = main([verb, model.id, "--set", "colour=red", "-o", "x.png"])
        told[f"{verb} {model.id}"] = [status, said.getvalue()]
print(json.dumps(told))
"""


@pytest.fixture(scope="module", params=KINDS, ids=KIND_IDS)
def kind_case(request):
    """A family and the word of one of its kinds."""
    return request.param


@pytest.fixture(scope="module")
def kind(kind_case):
    found, name = kind_case
    return found.manifest.kinds[name]


@pytest.fixture(scope="module")
def params_class(kind_case, kind):
    return kind_case[0].load(kind.params)


def test_what_the_manifest_names_is_there(kind_case, kind, params_class):
    found, _ = kind_case
    assert issubclass(found.load(kind.engine), Engine)
    assert issubclass(found.load(kind.panel), Panel)
    assert isinstance(params_class, type)


def test_a_card_names_its_kind_by_the_word_or_one_of_earlier_days(kind_case, kind):
    found, name = kind_case
    words = [name, *kind.known_as]
    others = [word for other, one in found.manifest.kinds.items() if other != name for word in (other, *one.known_as)]
    assert not set(words) & set(others)
    for word in words:
        assert found.manifest.kind_name({"kind": word}) == name
        assert found.manifest.kind_name({"architecture": word}) == name


def test_tabs_lead_to_models_of_the_kind_that_are_there(kind_case, kind, catalog):
    found, name = kind_case
    assert (
        kind.tabs
        or kind.beside
        or len(found.manifest.kinds) == 1
        or not any(one.tabs for one in found.manifest.kinds.values())
    )
    for tab in kind.tabs:
        assert tab.title
        assert tab.hint
        for model_id in tab.models:
            of = found.manifest.kind_name(catalog.find_model(model_id).source.card)
            assert name in (of, found.manifest.kinds[of].beside)


def test_every_param_has_label_help_range_and_a_good_default(params_class):
    specs = param_specs(params_class)
    assert "seed" in specs
    assert list(specs) == [field.name for field in fields(params_class)]
    with pytest.raises(FrozenInstanceError):
        params_class().seed = 1
    for spec in specs.values():
        assert spec.label
        assert spec.help.endswith(".")
        if spec.kind in ("int", "float"):
            assert spec.low is not None
            assert spec.high is not None
            assert spec.low < spec.high


def test_params_survive_json(params_class):
    params = params_class()
    assert make_params(params_class, json.loads(json.dumps(params_to_json(params)))) == params


def test_params_survive_the_command_line(params_class):
    params = params_class()
    assert make_params(params_class, {name: str(value) for name, value in params_to_json(params).items()}) == params


def test_a_param_outside_its_range_is_refused(params_class):
    for spec in param_specs(params_class).values():
        if spec.high is not None:
            with pytest.raises(UserError, match=spec.name):
                make_params(params_class, {spec.name: spec.high + 1})


def test_what_a_file_says_beyond_the_params_is_dropped_and_what_is_typed_is_not(params_class):
    values = params_to_json(params_class())
    assert saved_params(params_class, {**values, "of_another_kind": 3}) == params_class()
    with pytest.raises(UserError, match="of_another_kind"):
        make_params(params_class, {**values, "of_another_kind": 3})


def test_a_typed_name_that_the_kind_lacks_is_answered_with_those_it_has(kind_case, catalog, params_class):
    found, name = kind_case
    opening = Opening(ModelSource(f"{found.id}/some", found.folder, {"kind": name}), "Some")
    others = {spec for other, word in KINDS for spec in param_specs(other.load(other.manifest.kinds[word].params))}
    known = param_specs(params_class)
    for foreign in sorted(others - set(known)):
        with pytest.raises(UsageError) as caught:
            typed_params(catalog, opening, {}, {foreign: "3"})
        words = str(caught.value)
        assert f"“{foreign}”" in words
        assert ", ".join(known) in words
    assert typed_params(catalog, opening, dict.fromkeys(others - set(known), 3), {"seed": "5"}).seed == 5


def test_a_typed_value_that_a_parameter_cannot_have_is_answered_with_those_it_can(kind_case, catalog, params_class):
    found, name = kind_case
    opening = Opening(ModelSource(f"{found.id}/some", found.folder, {"kind": name}), "Some")
    for spec in param_specs(params_class).values():
        if spec.kind == "str":
            continue
        beyond = () if spec.low is None or spec.high is None else (str(spec.low - 1), str(spec.high + 1))
        for value in ("nonsense", "2.5 ", "nan", *beyond) if spec.kind != "float" else ("nonsense", "nan", *beyond):
            with pytest.raises(UsageError) as caught:
                typed_params(catalog, opening, {}, {spec.name: value})
            words = str(caught.value)
            assert spec.name in words
            known = spec.choices or (f"{spec.low:g}", f"{spec.high:g}") if spec.kind != "bool" else ("yes", "no")
            assert all(one in words for one in known)
            assert words.endswith(".")


def test_a_card_without_a_kind_is_of_the_usual_one_and_a_strange_kind_is_refused(found):
    family = found.manifest
    assert family.kind_name({}) == family.usual_kind
    for strange in ("animals", "", None, 3, ["pixels"]):
        with pytest.raises(UserError, match="kind"):
            family.kind_of({"kind": strange})


def test_every_shipped_model_says_what_it_can_be_asked_for(catalog, tmp_path):
    """By both verbs that take settings: status 2, one sentence, nothing written, torch not even loaded."""
    done = subprocess.run(
        [sys.executable, "-c", ALL_MODELS],
        capture_output=True,
        text=True,
        timeout=300,
        check=True,
        cwd=tmp_path,
        env={**os.environ, "PYTHONPATH": str(ROOT)},
    )
    told = json.loads(done.stdout)
    for model in catalog.list_models():
        if catalog.family(model.family).origin != BUILT_IN:
            continue
        known = ", ".join(param_specs(catalog.params_class(model.source)))
        for verb in ("sample", "shot"):
            status, words = told[f"{verb} {model.id}"]
            assert status == 2, words
            assert words.strip() == f"{model.id} has no parameter called “colour”; it has {known}."
    assert list(tmp_path.iterdir()) == []
