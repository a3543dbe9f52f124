"""Asks a hub by `huggingface_hub` what it has under a name, and which of its files can be opened here.

Which hub that is only the library knows, from its own settings (the variable HF_ENDPOINT); no address stands here.
"""

import re
from collections.abc import Generator, Iterator, Sequence
from contextlib import contextmanager
from importlib import import_module
from pathlib import Path
from typing import TYPE_CHECKING, Any, Final
from urllib.parse import urlsplit

from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_
from studio.registry.download.hub_file import STALL_S, fetch_file
from studio.registry.download.offer import MAX_FILES, MAX_NAME, Offer, OfferedFile

if TYPE_CHECKING:
    from huggingface_hub import ModelInfo

NAME: Final = re.compile(r"[A-Za-z0-9][\w.-]{0,95}/[A-Za-z0-9][\w.-]{0,95}", re.ASCII)
WHOLE: Final = N_("all of it")
"""How the choice is called that takes a folder."""
_INDEX, _ALONE = "model.safetensors.index.json", "model.safetensors"
_SHARD: Final = re.compile(r"model-\d{5}-of-\d{5}\.safetensors")
_PART_OF_GGUF: Final = re.compile(r"-\d{5}-of-\d{5}\.gguf$")
_VARIANT: Final = re.compile(r"\.(fp16|bf16|fp32|non_ema|ema)\.")
_BESIDE: Final = re.compile(r"(?!.*\.index\.json).*\.json|merges\.txt|vocab\.txt|.*\.jinja|.*\.model|LICENSE(\.\w+)?")
MAX_BESIDE_BYTES: Final = 100_000_000


def hub_host() -> str:
    """The host that the library would ask; raises UserError where the library is missing."""
    return urlsplit(str(_library().HfApi().endpoint)).netloc


def look_up(name: str) -> list[Offer]:
    """Return what can be downloaded under "owner/model", as one offer for each choice, the likeliest first.

    Raises:
        UserError: the hub does not answer, does not know the name, or has nothing there that opens here.
    """
    if not NAME.fullmatch(name):
        raise UserError(
            N_("“{name}” is not the name of a model on a hub.").format(name=printable(name)),
            N_("Such a name has two parts: OWNER/MODEL."),
        )
    with _saying(name):
        info = _library().HfApi().model_info(name, files_metadata=True, timeout=STALL_S)
    return offers_of(info, name, hub_host())


def offers_of(info: "ModelInfo", name: str, host: str) -> list[Offer]:
    """The same out of what the hub has said."""
    files = [one for one in info.siblings or [] if isinstance(one.rfilename, str)]
    if len(files) > MAX_FILES:
        raise UserError(N_("“{name}” has too many files.").format(name=name))
    sizes = {one.rfilename: one for one in files}
    choices = choices_among(list(sizes))
    if not choices:
        raise _nothing_to_open(name, list(sizes))
    return [
        Offer(
            name,
            printable(name.rpartition("/")[2] if label == WHOLE else Path(label).stem),
            _licence(info),
            offered := tuple(_offered(sizes[one]) for one in names),
            sum(one.size_bytes for one in offered),
            "" if len(choices) == 1 else label,
            host,
            str(info.sha or "")[:MAX_NAME],
        )
        for label, names in choices.items()
    ]


def fetch_offer(offer: Offer, folder: Path) -> Generator[int]:
    """Put the files of a hub's offer into `folder`, small ones first; yields how many bytes of all are there."""
    library = _library()
    headers = import_module("huggingface_hub.utils").build_hf_headers()  # which the package does not load by itself
    before = 0
    for file in sorted(offer.files, key=lambda file: file.size_bytes):
        url = library.hf_hub_url(offer.name, file.name, revision=offer.revision or None)
        with _saying(offer.name):
            for n_bytes in fetch_file(library.get_session(), url, headers, file, folder):
                yield before + n_bytes
        before += file.size_bytes


def choices_among(names: Sequence[str]) -> dict[str, list[str]]:
    """Which files to take, by what the choice is called: a folder of safetensors, or one of the GGUF files."""
    folder = _pipeline(names) or _decoder(names)
    whole = {str(WHOLE): folder} if folder else {}
    files = sorted(one for one in names if one.endswith(".gguf") and one.count("/") < 2)
    alone = [one for one in files if not _PART_OF_GGUF.search(one) and not Path(one).name.startswith("mmproj")]
    return whole | {one: [one] for one in alone}


def _decoder(names: Sequence[str]) -> list[str]:
    """The files of a folder that one network lies in; empty where it is none."""
    top = [one for one in names if "/" not in one]
    if _INDEX in top:
        weights = [_INDEX, *(one for one in top if _SHARD.fullmatch(one))]
    else:
        weights = [one for one in top if one == _ALONE]
    if "config.json" not in top or not weights:
        return []
    return [*(one for one in top if _BESIDE.fullmatch(one)), *weights]


def _pipeline(names: Sequence[str]) -> list[str]:
    """The files of a folder of several networks, as `diffusers` writes them; empty where it is none."""
    if "model_index.json" not in names:
        return []
    parts = [one for one in names if one.count("/") == 1]
    weights = [one for one in parts if one.endswith(".safetensors") and not _VARIANT.search(one)]
    beside = [one for one in parts if _BESIDE.fullmatch(one.rpartition("/")[2])]
    homes = {one.partition("/")[0] for one in weights}
    known = [one for one in beside if one.partition("/")[0] in homes or one.partition("/")[0].startswith(_NO_WEIGHTS)]
    return ["model_index.json", *known, *weights] if weights else []


_NO_WEIGHTS: Final = ("tokenizer", "scheduler", "feature_extractor")


def _offered(one: Any) -> OfferedFile:
    digest = one.lfs.sha256 if one.lfs is not None else one.blob_id
    size = one.lfs.size if one.lfs is not None else one.size
    file = OfferedFile(one.rfilename, -1 if size is None else size, digest or "")
    if not file.name.endswith((".safetensors", ".gguf")) and file.size_bytes > MAX_BESIDE_BYTES:
        raise UserError(N_("“{name}” is far too large for what it should be.").format(name=printable(file.name)))
    return file


def _licence(info: "ModelInfo") -> str:
    said = info.card_data.get("license") if info.card_data is not None else None
    text = ", ".join(map(str, said)) if isinstance(said, list) else str(said or "")
    return printable(text) or N_("unknown")


def _nothing_to_open(name: str, names: Sequence[str]) -> UserError:
    what = N_("Models are read from safetensors and GGUF files.")
    if any(_PART_OF_GGUF.search(one) for one in names):
        what = N_("Its GGUF file is cut into several, which are not read; look for one that is whole.")
    elif any(one.endswith((".bin", ".pt", ".pth", ".ckpt", ".pkl", ".h5", ".msgpack", ".onnx")) for one in names):
        what = N_("Its weights are stored in a way that may run code or is not read; safetensors and GGUF files are.")
    return UserError(N_("“{name}” has no file that opens here.").format(name=name), what)


@contextmanager
def _saying(name: str) -> Iterator[None]:
    """Turn what the library raises into sentences."""
    from huggingface_hub import errors

    failures: tuple[type[BaseException], ...] = (*errors.HfHubHTTPError.__bases__, ValueError)
    try:
        yield
    except errors.GatedRepoError as error:
        raise UserError(
            N_("The makers of “{name}” want you to agree to their terms first.").format(name=name),
            N_("Do that on the page of the model there, then sign in on this computer with “hf auth login”."),
        ) from error
    except errors.RepositoryNotFoundError as error:
        raise UserError(
            N_("The hub knows no model “{name}”, or does not show it to everybody.").format(name=name),
            N_("Check how it is spelt."),
        ) from error
    except errors.OfflineModeIsEnabled as error:
        raise UserError(
            N_("The hub is not asked, since the variable HF_HUB_OFFLINE is set."), N_("Unset it and try again.")
        ) from error
    except failures as error:
        status = getattr(getattr(error, "response", None), "status_code", None)
        if status is not None:
            raise UserError(
                N_("The hub answered with error {status}.").format(status=status), N_("Try again later.")
            ) from error
        raise UserError(
            N_("The hub cannot be reached, or does not answer as a hub does."),
            N_("Is this computer online? What was downloaded is kept: start it again later."),
        ) from error


def _library() -> Any:
    try:
        import huggingface_hub
    except ImportError as error:
        raise UserError(
            N_("Models of a hub need the package “huggingface_hub”."),
            N_("Install it: {command}").format(command="python -m pip install 'manifold-studio[hub]'"),
        ) from error
    return huggingface_hub
