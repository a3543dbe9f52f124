"""What a hub offers is looked up, fetched, gone on with and checked, whatever the server does."""

import shutil
from collections.abc import Iterator
from pathlib import Path
from types import SimpleNamespace

import pytest

from studio.core.error import UserError
from studio.registry.download import hub, hub_file
from studio.registry.download.download import Download, begun, discard, unfinished
from studio.registry.download.hub import choices_among, fetch_offer, hub_host, look_up
from studio.registry.download.offer import Offer, OfferedFile
from tests.registry.download.servers import REPO, SCHEME, Hub, running

WEIGHTS = bytes(range(256)) * 8_000
FILES = {
    "config.json": b'{"model_type": "llama"}',
    "model.safetensors": WEIGHTS,
    "tokenizer.json": b"{}",
    "pytorch_model.bin": b"x",
    "modeling.py": b"x",
    "README.md": b"x",
}


@pytest.fixture
def server(monkeypatch: pytest.MonkeyPatch) -> Iterator[Hub]:
    library = pytest.importorskip("huggingface_hub")
    hub_server = Hub(dict(FILES))
    plain_api, plain_url = library.HfApi, library.hf_hub_url
    monkeypatch.setattr(library, "HfApi", lambda: plain_api(endpoint=hub_server.address))
    monkeypatch.setattr(
        library, "hf_hub_url", lambda *given, **how: plain_url(*given, **how, endpoint=hub_server.address)
    )
    monkeypatch.setattr("huggingface_hub.constants.HF_HUB_OFFLINE", False)  # which opening a pipeline folder sets
    monkeypatch.setattr(hub_file, "PAUSE_S", 0.0)
    monkeypatch.setattr(hub_file, "PART_BYTES", 10_000)
    with running(hub_server):
        yield hub_server


def test_only_what_is_read_is_offered_with_size_and_licence(server: Hub) -> None:
    (offer,) = look_up(REPO)
    assert {file.name for file in offer.files} == {"config.json", "model.safetensors", "tokenizer.json"}
    assert offer.licence == "mit"
    assert offer.size_bytes == offer.fetched_bytes == len(WEIGHTS) + 23 + 2
    assert offer.host == hub_host() == server.address.removeprefix(SCHEME)


def test_files_come_whole(server: Hub, tmp_path: Path) -> None:
    (offer,) = look_up(REPO)
    seen = list(fetch_offer(offer, tmp_path))
    assert seen == sorted(seen)
    assert seen[-1] == offer.size_bytes
    assert {path.name: path.read_bytes() for path in tmp_path.iterdir()} == {
        name: FILES[name] for name in ("config.json", "model.safetensors", "tokenizer.json")
    }


def test_a_stopped_download_goes_on_where_it_was(server: Hub, tmp_path: Path) -> None:
    (offer,) = look_up(REPO)
    steps = fetch_offer(offer, tmp_path)
    while next(steps) < 500_000:
        pass
    steps.close()
    there = (tmp_path / "model.safetensors.part").stat().st_size
    assert 0 < there < len(WEIGHTS)
    server.ranges.clear()
    list(fetch_offer(offer, tmp_path))
    assert server.ranges == [f"bytes={there}-"]
    assert (tmp_path / "model.safetensors").read_bytes() == WEIGHTS


def test_a_line_that_breaks_again_and_again_is_gone_on_with(server: Hub, tmp_path: Path) -> None:
    server.breaks_after = 300_000
    (offer,) = look_up(REPO)
    list(fetch_offer(offer, tmp_path))
    assert (tmp_path / "model.safetensors").read_bytes() == WEIGHTS
    assert len([one for one in server.ranges if one != "bytes=0-"]) == 6


def test_a_server_that_stalls_is_left_with_a_sentence(
    server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    (offer,) = look_up(REPO)
    server.stalls = True
    monkeypatch.setattr(hub_file, "STALL_S", 0.1)
    with pytest.raises(UserError, match=r"broke off at “tokenizer\.json”"):
        list(fetch_offer(offer, tmp_path))
    assert len(server.ranges) == hub_file.N_TRIES


def test_other_content_is_not_kept(server: Hub, tmp_path: Path) -> None:
    (offer,) = look_up(REPO)
    server.files["model.safetensors"] = WEIGHTS[:-1] + b"!"
    with pytest.raises(UserError, match="sent something else"):
        list(fetch_offer(offer, tmp_path))
    assert not list(tmp_path.glob("model*"))
    server.files["tokenizer.json"] = b"[]"
    shutil.rmtree(tmp_path)
    tmp_path.mkdir()
    with pytest.raises(UserError, match=r"sent something else than “tokenizer\.json”"):
        list(fetch_offer(offer, tmp_path))


def test_more_than_was_promised_is_not_taken(server: Hub, tmp_path: Path) -> None:
    (offer,) = look_up(REPO)
    server.sends_more = 5_000_000
    with pytest.raises(UserError, match="sent something else"):
        list(fetch_offer(offer, tmp_path))
    assert sum(path.stat().st_size for path in tmp_path.iterdir()) < 100


def test_a_size_that_is_a_lie_ends_in_a_sentence(server: Hub, tmp_path: Path) -> None:
    server.said_sizes["model.safetensors"] = len(WEIGHTS) + 7
    (offer,) = look_up(REPO)
    with pytest.raises(UserError, match="broke off"):
        list(fetch_offer(offer, tmp_path))


def test_a_redirect_is_followed_and_the_sign_in_stays(
    server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch
) -> None:
    monkeypatch.setenv("HF_TOKEN", "hf_secret")
    other = Hub(dict(FILES))
    with running(other):
        server.redirects_to = other.address.replace("127.0.0.1", "localhost")
        (offer,) = look_up(REPO)
        list(fetch_offer(offer, tmp_path))
    assert set(server.authorizations) == {"Bearer hf_secret"}
    assert set(other.authorizations) == {None}


@pytest.mark.parametrize("name", ["../evil.json", "a/../../evil.json", "/etc/evil.json", "c:evil.json", "a\\b.json"])
def test_names_that_lead_elsewhere_are_never_taken(server: Hub, name: str) -> None:
    with pytest.raises(UserError, match="not allowed"):
        OfferedFile(name, 1)
    server.said_names = [name]
    offers: list[Offer] = []
    refused = ""
    try:
        offers = look_up(REPO)
    except UserError as error:
        refused = error.title
    assert len(offers) == 1 or "not allowed" in refused
    assert name not in {file.name for offer in offers for file in offer.files}


def test_a_repository_without_a_readable_file_is_a_sentence(server: Hub) -> None:
    server.files = {"config.json": b"{}", "pytorch_model.bin": b"x", "run.py": b"x"}
    with pytest.raises(UserError, match=r"no file that opens here.*may run code"):
        look_up(REPO)
    server.files = {"little-00001-of-00002.gguf": b"x", "little-00002-of-00002.gguf": b"x"}
    with pytest.raises(UserError, match="cut into several"):
        look_up(REPO)


def test_one_of_several_gguf_files_is_chosen(server: Hub) -> None:
    server.files = {"little.Q4_K_M.gguf": b"GGUF", "little.Q8_0.gguf": b"GGUFGGUF", "mmproj.gguf": b"x"}
    offers = look_up(REPO)
    assert [(one.choice, one.size_bytes) for one in offers] == [("little.Q4_K_M.gguf", 4), ("little.Q8_0.gguf", 8)]
    assert offers[0].opens == "little.Q4_K_M.gguf"


@pytest.mark.parametrize(
    ("status", "sentence"), [(404, "cannot|knows no|404"), (500, "error 500"), (403, "403|terms"), (429, "429")]
)
def test_refusals_are_sentences(server: Hub, status: int, sentence: str) -> None:
    server.status = status
    with pytest.raises(UserError, match=sentence):
        look_up(REPO)


def test_an_unknown_name_is_said(server: Hub) -> None:
    with pytest.raises(UserError, match="knows no model “some/body”"):
        look_up("some/body")


def test_no_hub_is_a_sentence(server: Hub) -> None:
    server.shutdown()
    server.server_close()
    with pytest.raises(UserError, match="cannot be reached"):
        look_up(REPO)


def test_weights_in_parts_and_pipelines_are_whole() -> None:
    shards = ["model-00001-of-00002.safetensors", "model-00002-of-00002.safetensors"]
    names = ["config.json", "model.safetensors.index.json", *shards, "consolidated.safetensors", "vocab.txt"]
    assert set(choices_among(names)[hub.WHOLE]) == set(names) - {"consolidated.safetensors"}
    pipeline = ["model_index.json", "unet/config.json", "unet/x.safetensors", "tokenizer/vocab.json"]
    others = ["unet/x.fp16.safetensors", "unet/x.bin", "safety_checker/config.json", "v1.safetensors", "a/b/c.json"]
    assert set(choices_among([*pipeline, *others])[hub.WHOLE]) == set(pipeline)


def test_a_full_disk_is_said_before(server: Hub, tmp_path: Path, monkeypatch: pytest.MonkeyPatch) -> None:
    server.said_sizes["model.safetensors"] = 5_000_000_000
    (offer,) = look_up(REPO)
    monkeypatch.setattr(shutil, "disk_usage", lambda _: SimpleNamespace(free=4_000_000_000))
    with pytest.raises(UserError, match=r"5\.2 GB are needed, 4\.0 GB are free"):
        begun(offer, tmp_path)


def test_unfinished_ones_are_found_again_and_discarded(server: Hub, tmp_path: Path) -> None:
    (offer,) = look_up(REPO)
    download = begun(offer, tmp_path)
    assert unfinished(tmp_path) == [download] == [Download(download.folder, offer)]
    (download.folder / "offer.json").write_text('{"files": 3}')
    assert unfinished(tmp_path) == []
    download = begun(offer, tmp_path)
    discard(download)
    assert not download.folder.exists()
