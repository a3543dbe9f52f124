"""Folders of other models that say what comes next are named, with what opens instead; others are left alone."""

import json

import pytest

from plugins.autoregressive.importers import ChronosImporter, OtherImporter, XLNetImporter
from plugins.transformer.importers import HuggingFaceImporter
from studio.core.error import UserError
from studio.core.inspection import Sniffer, inspect_file
from studio.core.pausing import result_of

IMPORTERS: list[Sniffer] = [HuggingFaceImporter(), XLNetImporter(), ChronosImporter(), OtherImporter()]


@pytest.mark.parametrize(
    ("kind", "title", "instead"),
    [
        ("timesfm", "TimesFM", "Chronos-Bolt"),
        ("imagegpt", "Image GPT", "autoregressive/digits"),
        ("transfo-xl", "Transformer-XL", "XLNet"),
        ("musicgen", "MusicGen", "autoregressive/chorales"),
        ("bark", "Bark", "train a model"),
    ],
)
def test_it_is_named_with_what_opens_instead(tmp_path, kind, title, instead):
    (tmp_path / "config.json").write_text(json.dumps({"model_type": kind}))
    report = inspect_file(tmp_path, IMPORTERS)
    assert (report.opens, report.family, report.architecture) == (False, "autoregressive", title)
    assert report.why_not.startswith(title)
    assert instead in report.why_not
    with pytest.raises(UserError, match=title):
        result_of(OtherImporter().load(tmp_path))


@pytest.mark.parametrize("values", [{"model_type": "bert"}, {"model_type": ["timesfm"]}, {}, [], {"model_type": "t5"}])
def test_what_is_none_of_these_is_left_alone(tmp_path, values):
    (tmp_path / "config.json").write_text(json.dumps(values))
    assert [one.sniff(tmp_path) for one in IMPORTERS[1:]] == [0, 0, 0]
