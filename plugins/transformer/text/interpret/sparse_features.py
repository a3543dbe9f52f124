"""A sparse autoencoder of the residual stream after one layer, and what its features stand for.

Top-k, Gao et al. 2024 (arXiv 2406.04093): of F features only the K that answer most to a token describe it.
Shape letters: D width, F features, K features of a token, T tokens.
"""

import json
from collections.abc import Sequence
from dataclasses import asdict, dataclass
from pathlib import Path
from typing import Any, Final

import torch
import torch.nn.functional as F
from safetensors import safe_open
from safetensors.torch import save
from torch import Tensor, nn

from studio.core.atomic import atomic_write
from studio.core.error import UserError
from studio.core.text.foreign_tokenizer import guarded
from studio.core.translation import N_
from studio.nn.without_weights import without_weights

from ..model.ablation_mask import AblationMask
from ..model.config import DecoderConfig
from ..model.decoder import Decoder
from ..model.probe import Probe
from ..state import FeatureWords

ARCHITECTURE: Final = "SparseAutoencoder"
FEATURES_SUFFIX: Final = "-features.safetensors"
MAX_FILE_BYTES: Final = 16 << 20
MAX_NUMBERS: Final = 1 << 24


@dataclass(frozen=True)
class SparseConfig:
    """Sizes, and after which layer (counted from 0) the stream is read."""

    width: int = 192
    n_features: int = 1024
    n_active: int = 16
    layer: int = 3


class SparseAutoencoder(nn.Module):
    """Describes a token's residual stream by few of many directions, and puts it together again from them.

    Attributes:
        mean, scale: the stream is (x - mean) / scale in here, so that its numbers are about 1; (D,) and ().
    """

    mean: Tensor
    scale: Tensor

    def __init__(self, config: SparseConfig) -> None:
        super().__init__()
        self.config = config
        self.encoder = nn.Parameter(torch.empty(config.n_features, config.width))
        self.decoder = nn.Parameter(torch.empty(config.n_features, config.width))
        self.encoder_bias = nn.Parameter(torch.empty(config.n_features))
        self.bias = nn.Parameter(torch.empty(config.width))
        self.register_buffer("mean", torch.empty(config.width))
        self.register_buffer("scale", torch.empty(()))
        for weight in (self.encoder, self.decoder):
            nn.init.normal_(weight, std=config.width**-0.5)
        for vector in (self.encoder_bias, self.bias, self.mean):
            nn.init.zeros_(vector)
        nn.init.ones_(self.scale)

    @property
    def directions(self) -> Tensor:
        """What each feature adds to the stream, of length 1, (F, D)."""
        return F.normalize(self.decoder, dim=-1)

    def activations(self, x: Tensor) -> Tensor:
        """How much each feature answers to streams (..., D): (..., F), all but the K largest ones 0."""
        inner = (x - self.mean) / self.scale - self.bias
        values, places = F.relu(F.linear(inner, self.encoder, self.encoder_bias)).topk(self.config.n_active)
        return values.new_zeros(*x.shape[:-1], self.config.n_features).scatter(-1, places, values)

    def forward(self, x: Tensor) -> Tensor:
        """Streams (..., D) as they are after being described."""
        return self.described(self.activations(x))

    def described(self, activations: Tensor) -> Tensor:
        """The streams (..., D) that such activations (..., F) describe."""
        return (activations @ self.directions + self.bias) * self.scale + self.mean


@dataclass(frozen=True, eq=False)
class SparseFeatures:
    """A trained autoencoder and what its features stand for, (F,) of them."""

    network: SparseAutoencoder
    words: tuple[FeatureWords, ...]


def save_features(path: Path, features: SparseFeatures, model_hash: str) -> None:
    """Write them in half precision, with sizes, words and the SHA-256 of the model's weight file as metadata."""
    about = {
        "model": model_hash,
        "architecture": ARCHITECTURE,
        "config": json.dumps(asdict(features.network.config)),
        "features": json.dumps([asdict(one) for one in features.words], ensure_ascii=False),
    }
    tensors = {name: value.half().contiguous() for name, value in features.network.state_dict().items()}
    atomic_write(path, save(tensors, about))


def load_features(path: Path, config: DecoderConfig, model_hash: str) -> SparseFeatures:
    """Read what `save_features` wrote, for a decoder of these sizes whose weight file has this SHA-256.

    Raises:
        UserError: the file is damaged, or belongs to another network.
    """
    damaged = UserError(N_("The file of the model’s features is damaged."), N_("Download it again, or train it again."))
    with guarded(damaged):
        if path.stat().st_size > MAX_FILE_BYTES:
            raise damaged
        with safe_open(path, "pt") as file:
            about: dict[str, str] = file.metadata() or {}
            sparse = SparseConfig(**json.loads(about["config"]))
            _check(sparse, config, damaged)
            if about.get("model") != model_hash:
                raise _of_another()
            with without_weights():
                network = SparseAutoencoder(sparse)
            wanted = {name: value.shape for name, value in network.state_dict().items()}
            tensors = {name: file.get_tensor(name) for name in wanted}
        words = tuple(_words(one) for one in json.loads(about["features"]))
        if any(tensors[name].shape != shape for name, shape in wanted.items()) or len(words) != sparse.n_features:
            raise damaged
        if not all(bool(value.isfinite().all()) for value in tensors.values()) or float(tensors["scale"]) <= 0:
            raise damaged
        network.load_state_dict({name: value.float() for name, value in tensors.items()}, assign=True)
    return SparseFeatures(network.eval().requires_grad_(False), words)


@torch.inference_mode()
def feature_strengths(
    decoder: Decoder, ids: Sequence[int], ablation: AblationMask, network: SparseAutoencoder
) -> tuple[float, ...]:
    """How strongly each feature answers to the last of some tokens, (F,)."""
    tokens = torch.tensor([list(ids)[-decoder.config.n_context :]], device=decoder.tokens.weight.device)
    probe = Probe(wants_attention=False, wants_streams=True)
    decoder.hidden(decoder.embedded(tokens), None, probe, ablation)
    stream = probe.streams[network.config.layer + 1][0, -1].float().cpu()
    return tuple(network.activations(stream).tolist())


def _check(sparse: SparseConfig, config: DecoderConfig, damaged: UserError) -> None:
    sizes = (sparse.width, sparse.n_features, sparse.n_active)
    if any(not isinstance(one, int) or one < 1 for one in sizes) or sparse.n_active > sparse.n_features:
        raise damaged
    if sparse.width * sparse.n_features > MAX_NUMBERS:
        raise damaged
    if sparse.width != config.width or sparse.layer not in range(config.n_layers):
        raise _of_another()


def _of_another() -> UserError:
    return UserError(N_("The features in this file belong to another model."))


def _words(plain: Any) -> FeatureWords:
    words, contexts = (tuple(str(one)[:200] for one in plain[name][:8]) for name in ("words", "contexts"))
    return FeatureWords(words, contexts)
