"""A decoder-only transformer, readable from top to bottom: GPT-2 (Radford 2019), LLaMA (arXiv 2302.13971) and kin.

The residual stream of each token is read by attention, which looks back over the tokens before, and by an MLP; what
they give is added to it. The head says of each token how likely each of all tokens comes next. `DecoderConfig` says
which kind of norm, positions, MLP it is; there is one class for all of them.

Shape letters: B texts, T new tokens, S all tokens (those in the cache included), D width, N heads, G heads of keys and
values, H numbers of a head, V vocabulary.
"""

import math
from dataclasses import dataclass
from typing import Final, TypeAlias

import torch
import torch.nn.functional as F
from torch import Tensor, nn

from .ablation_mask import AblationMask
from .attention_mask import TreeAttention, alibi, causal_mask
from .cache import KeyValueCache
from .config import DecoderConfig
from .probe import Probe
from .rotary import depends_on_length, rotated, rotations

Turns: TypeAlias = tuple[Tensor, Tensor]
NOTHING_ABLATED: Final = AblationMask()
_INIT_STD: Final = 0.02
_CLAMP: Final = 7.0
_SLOPE: Final = 1.702


@dataclass(frozen=True)
class Reading:
    """How a layer reads.

    Attributes:
        turns: the rotations of the new tokens; None where positions are learnt.
        mask: (T, S), or (G, N / G, T, S) with alibi, is added to the scores; None for plain causal attention, of which
            several new tokens keep no weights, so that a decoder gives one where there is a cache or a probe.
        muted: heads that give nothing.
    """

    turns: Turns | None
    mask: Tensor | None
    cache: KeyValueCache | None = None
    probe: Probe | None = None
    muted: tuple[int, ...] = ()


class DecoderNorm(nn.Module):
    """LayerNorm (arXiv 1607.06450), or RMSNorm (arXiv 1910.07467) whose weights may lie around 0."""

    def __init__(self, config: DecoderConfig, width: int, is_rms: bool | None = None) -> None:
        super().__init__()
        self.is_rms = config.norm == "rms" if is_rms is None else is_rms
        self.eps, self.offset = config.norm_eps, config.norm_offset
        self.weight = nn.Parameter(torch.full((width,), 1.0 - self.offset))
        has_bias = config.has_norm_bias and not self.is_rms
        self.bias = nn.Parameter(torch.zeros(width)) if has_bias else None

    def forward(self, x: Tensor) -> Tensor:
        """Norm the last axis."""
        weight = self.weight + self.offset if self.offset else self.weight
        if self.is_rms:
            return F.rms_norm(x, x.shape[-1:], weight, self.eps)
        return F.layer_norm(x, x.shape[-1:], weight, self.bias, self.eps)


class DecoderAttention(nn.Module):
    """Causal attention with shared heads of keys and values (GQA, arXiv 2305.13245) and an optional window.

    `qkv` gives all heads of queries, then those of keys, then those of values.
    """

    def __init__(self, config: DecoderConfig, layer: int) -> None:
        super().__init__()
        self.config, self.layer, self.window = config, layer, config.window_of(layer)
        self.n_heads, self.n_kv, self.head_width = config.n_heads, config.n_kv_heads, config.head_width
        width = config.head_width
        self.qkv = nn.Linear(config.width, (config.n_heads + 2 * config.n_kv_heads) * width, config.qkv_bias)
        self.out = nn.Linear(config.n_heads * width, config.width, config.out_bias)
        if config.has_qk_norm:
            n_queries, n_keys = (config.n_heads, config.n_kv_heads) if config.has_wide_qk_norm else (1, 1)
            self.q_norm = DecoderNorm(config, n_queries * width, True)
            self.k_norm = DecoderNorm(config, n_keys * width, True)
        self.sinks = nn.Parameter(torch.zeros(config.n_heads)) if config.has_sinks else None

    def forward(self, x: Tensor, how: Reading) -> Tensor:
        """(B, T, D) to (B, T, D)."""
        queries, keys, values = self._heads(x, how.turns)
        if how.cache is not None:
            keys, values = how.cache.append(self.layer, keys, values)
        if how.mask is None and x.shape[1] > 1:
            read = self._fused(queries, keys, values)
        else:
            read = self._visible(queries, keys, values, how.mask, how.probe)
        for head in how.muted:
            read[:, head] = 0.0
        return self.out(read.transpose(1, 2).flatten(2))

    def _heads(self, x: Tensor, turns: Turns | None) -> tuple[Tensor, Tensor, Tensor]:
        """Queries (B, N, T, H), keys and values (B, G, T, H)."""
        heads = self.qkv(x).unflatten(-1, (-1, self.head_width)).transpose(1, 2)  # (B, N + 2G, T, H)
        queries, keys, values = heads.split((self.n_heads, self.n_kv, self.n_kv), 1)
        if self.config.has_qk_norm:
            queries, keys = self._normed(queries, self.q_norm), self._normed(keys, self.k_norm)
        if turns is not None:
            queries, keys = rotated(queries, *turns), rotated(keys, *turns)
        return queries, keys, values

    def _normed(self, heads: Tensor, norm: nn.Module) -> Tensor:
        """(B, N, T, H), each head by itself or all of a token together."""
        if not self.config.has_wide_qk_norm:
            said: Tensor = norm(heads)
        else:
            said = norm(heads.transpose(1, 2).flatten(2)).unflatten(2, (-1, self.head_width)).transpose(1, 2)
        return said

    def _fused(self, queries: Tensor, keys: Tensor, values: Tensor) -> Tensor:
        """Plain causal attention by torch's own kernel, which keeps no weights."""
        is_shared = self.n_heads != self.n_kv
        return F.scaled_dot_product_attention(
            queries, keys, values, is_causal=True, scale=self.config.scale, enable_gqa=is_shared
        )

    def _visible(
        self, queries: Tensor, keys: Tensor, values: Tensor, mask: Tensor | None, probe: Probe | None
    ) -> Tensor:
        """Attention whose weights can be looked at; the heads that share keys lie side by side."""
        shape = queries.shape  # (B, N, T, H)
        grouped = queries.reshape(shape[0], self.n_kv, -1, shape[3])  # (B, G, N/G * T, H)
        scores = (grouped @ keys.transpose(2, 3)) * self.config.scale  # (B, G, N/G * T, S)
        if self.config.attention_cap:
            scores = torch.tanh(scores / self.config.attention_cap) * self.config.attention_cap
        if mask is not None:
            scores = (scores.unflatten(2, (-1, shape[2])) + mask).flatten(2, 3)
        weights = self._weights(scores)
        if probe is not None:
            probe.see_attention(weights.view(shape[0], shape[1], shape[2], -1))
        return (weights @ values).view(shape)

    def _weights(self, scores: Tensor) -> Tensor:
        """Of scores (B, G, N/G * T, S); a sink takes its share and gives nothing."""
        if self.sinks is None:
            return scores.softmax(-1)
        sinks = self.sinks.view(1, self.n_kv, -1, 1).expand(scores.shape[0], -1, -1, -1)
        sinks = sinks.repeat_interleave(scores.shape[2] // sinks.shape[2], 2)
        return torch.cat((scores, sinks), -1).softmax(-1)[..., :-1]


class MLP(nn.Module):
    """Two layers, or the gated one of SwiGLU and GeGLU (arXiv 2002.05202); `up` then gives the gates first."""

    def __init__(self, config: DecoderConfig, mlp_width: int) -> None:
        super().__init__()
        self.is_gated, self.activation = config.is_gated, config.activation
        self.up = nn.Linear(config.width, mlp_width * (2 if config.is_gated else 1), config.mlp_bias)
        self.down = nn.Linear(mlp_width, config.width, config.mlp_bias)

    def forward(self, x: Tensor, _probe: Probe | None = None) -> Tensor:
        """(..., D) to (..., D)."""
        inner = self.up(x)
        if self.is_gated:
            gate, inner = inner.chunk(2, -1)
            if self.activation == "clamped":
                inner = inner.clamp(-_CLAMP, _CLAMP) + 1
            return self.down(self._activated(gate) * inner)
        return self.down(self._activated(inner))

    def _activated(self, x: Tensor) -> Tensor:
        match self.activation:
            case "gelu":
                return F.gelu(x)
            case "gelu_tanh":
                return F.gelu(x, approximate="tanh")
            case "silu":
                return F.silu(x)
            case "relu":
                return F.relu(x)
            case "relu2":
                return F.relu(x).square()
            case "clamped":
                x = x.clamp(max=_CLAMP)
                return x * torch.sigmoid(_SLOPE * x)


class Experts(nn.Module):
    """A mixture of experts (arXiv 2401.04088): each token goes through the few MLPs that the router gives most to."""

    def __init__(self, config: DecoderConfig) -> None:
        super().__init__()
        self.n_used, self.has_whole_shares = config.n_experts_used, config.has_whole_shares
        self.router = nn.Linear(config.width, config.n_experts, config.has_router_bias)
        self.experts = nn.ModuleList(MLP(config, config.expert_width) for _ in range(config.n_experts))
        self.shared = MLP(config, config.shared_width) if config.shared_width else None
        self.shared_gate = nn.Linear(config.width, 1, False) if config.shared_width else None

    def forward(self, x: Tensor, probe: Probe | None = None) -> Tensor:
        """(B, T, D) to (B, T, D)."""
        shares, chosen = self.router(x).softmax(-1).topk(self.n_used)  # (B, T, K)
        if self.has_whole_shares:
            shares = shares / shares.sum(-1, keepdim=True)
        if probe is not None:
            probe.experts.append((chosen, shares))
        said = torch.zeros_like(x)
        for number in chosen.unique().tolist():
            text, token, rank = torch.where(chosen == number)
            said[text, token] += shares[text, token, rank, None] * self.experts[number](x[text, token])
        if self.shared is not None and self.shared_gate is not None:
            said = said + self.shared_gate(x).sigmoid() * self.shared(x)
        return said


class DecoderBlock(nn.Module):
    """One layer: attention and MLP, each with its norms, added to the residual stream."""

    def __init__(self, config: DecoderConfig, layer: int, dropout: float) -> None:
        super().__init__()
        self.is_parallel, self.scale = config.is_parallel, config.residual_scale
        self.attention = DecoderAttention(config, layer)
        self.mlp = Experts(config) if config.has_experts(layer) else MLP(config, config.mlp_width)
        self.attention_norm = DecoderNorm(config, config.width) if config.has_pre_norms else nn.Identity()
        self.mlp_norm = DecoderNorm(config, config.width) if config.has_pre_norms else nn.Identity()
        self.attention_post_norm = DecoderNorm(config, config.width) if config.has_post_norms else nn.Identity()
        self.mlp_post_norm = DecoderNorm(config, config.width) if config.has_post_norms else nn.Identity()
        self.dropout = nn.Dropout(dropout)

    def forward(self, x: Tensor, how: Reading) -> Tensor:
        """(B, T, D) to (B, T, D)."""
        seen = self.attention(self.attention_norm(x), how)
        seen = self._scaled(self.attention_post_norm(seen))
        between = x if self.is_parallel else x + seen
        thought = self._scaled(self.mlp_post_norm(self.mlp(self.mlp_norm(between), how.probe)))
        return x + seen + thought if self.is_parallel else between + thought

    def _scaled(self, x: Tensor) -> Tensor:
        """As it is added to the residual stream."""
        x = self.dropout(x)
        return x if self.scale == 1.0 else x * self.scale


class Decoder(nn.Module):
    """A whole decoder: tokens to the logits of the next token at each place.

    Attributes:
        config: its sizes and choices.
    """

    def __init__(self, config: DecoderConfig, dropout: float = 0.0) -> None:
        super().__init__()
        self.config = config
        self.tokens = nn.Embedding(config.n_vocab, config.width)
        self.positions = nn.Embedding(config.n_context, config.width) if config.positions == "learnt" else None
        self.embedding_norm = DecoderNorm(config, config.width) if config.has_embedding_norm else nn.Identity()
        self.dropout = nn.Dropout(dropout)
        self.blocks = nn.ModuleList(DecoderBlock(config, layer, dropout) for layer in range(config.n_layers))
        self.norm = DecoderNorm(config, config.width)
        self.head = None if config.is_tied else nn.Linear(config.width, config.n_vocab, config.head_bias)
        self._turns: dict[tuple[bool, int], Turns] = {}
        self.apply(self._init)

    def forward(
        self,
        tokens: Tensor,
        cache: KeyValueCache | None = None,
        probe: Probe | None = None,
        ablation: AblationMask = NOTHING_ABLATED,
        ways: TreeAttention | None = None,
    ) -> Tensor:
        """Logits (B, T, V) of tokens int64 (B, T) that come after those in the cache, which then has them too."""
        return self.logits(self.hidden(self.embedded(tokens, cache, ways), cache, probe, ablation, ways))

    def embedded(self, tokens: Tensor, cache: KeyValueCache | None = None, ways: TreeAttention | None = None) -> Tensor:
        """The beginning of the residual stream (B, T, D)."""
        x: Tensor = self.tokens(tokens)
        if self.config.embedding_scale != 1.0:
            x = x * torch.tensor(self.config.embedding_scale, dtype=x.dtype)
        if self.positions is not None and ways is not None:
            x = x + self.positions.weight[ways.new_positions]
        elif self.positions is not None:
            first = cache.n_tokens if cache is not None else 0
            x = x + self.positions.weight[first : first + tokens.shape[1]]
        return self.dropout(self.embedding_norm(x))

    def hidden(
        self,
        x: Tensor,
        cache: KeyValueCache | None = None,
        probe: Probe | None = None,
        ablation: AblationMask = NOTHING_ABLATED,
        ways: TreeAttention | None = None,
    ) -> Tensor:
        """The residual stream after the last layer, (B, T, D), not normed.

        `ways` says where the new tokens stand where they do not follow each other; that needs a cache.
        """
        n_new, n_old = x.shape[1], cache.n_tokens if cache is not None else 0
        is_plain = cache is None and probe is None and self.config.has_plain_attention
        if cache is not None:
            cache.reserve(n_old + n_new)
        masks: dict[int, Tensor | None] = {}
        vectors = {layer: torch.from_numpy(one).to(x) for layer, one in ablation.steering.vectors.items()}
        if probe is not None:
            probe.see_stream(x)
        for layer, block in enumerate(self.blocks):
            window = self.config.window_of(layer)
            if window not in masks:
                masks[window] = self._mask(n_old, n_new, window, ablation, is_plain, ways)
            turns = self.turns(n_old, n_new, layer, ways)
            seen = block(x, Reading(turns, masks[window], cache, probe, ablation.heads_of(layer)))
            x = x if layer in ablation.layers else seen
            if layer in vectors:
                x = x + vectors[layer]
            if probe is not None:
                probe.see_stream(x)
        if cache is not None:
            cache.advance(n_new)
        return x

    def layer(self, number: int, x: Tensor) -> Tensor:
        """What one layer makes of the residual stream (B, T, D) of whole texts."""
        window, n_tokens = self.config.window_of(number), x.shape[1]
        mask = self._mask(0, n_tokens, window, NOTHING_ABLATED, self.config.has_plain_attention, None)
        said: Tensor = self.blocks[number](x, Reading(self.turns(0, n_tokens, number), mask))
        return said

    def logits(self, x: Tensor) -> Tensor:
        """What the head says of a residual stream (..., D): (..., V); works after any layer (logit lens)."""
        x = self.norm(x)
        logits: Tensor = F.linear(x, self.tokens.weight) if self.head is None else self.head(x)
        logits = logits * self.config.logit_scale if self.config.logit_scale != 1.0 else logits
        cap = self.config.logit_cap
        return torch.tanh(logits / cap) * cap if cap else logits

    def turns(self, n_old: int, n_new: int, layer: int, ways: TreeAttention | None = None) -> Turns | None:
        """The rotations of the new tokens, (n_new, R / 2) each, out of a table that is made once; None for no turns."""
        if self.config.positions != "rotary" or layer in self.config.unturned_layers:
            return None
        n_all = n_old + n_new if ways is None else int(ways.positions.max()) + 1
        length = n_all if depends_on_length(self.config) else 0
        is_local = bool(self.config.local_rope_base and self.config.window_of(layer))
        cosines, sines = self._turns.get((is_local, length), (None, None))
        if cosines is None or sines is None or len(cosines) < n_all:
            room = 2 ** math.ceil(math.log2(max(n_all, 64)))
            with torch.inference_mode(False), torch.no_grad():  # a gradient may ask for them later
                device = self.tokens.weight.device
                cosines, sines = (table.to(device) for table in rotations(self.config, room, length, is_local))
            if length:
                self._turns.clear()  # a longer text turns by other angles
            self._turns[is_local, length] = (cosines, sines)
        places = slice(n_old, n_all) if ways is None else ways.new_positions
        return cosines[places], sines[places]

    def _mask(
        self, n_old: int, n_new: int, window: int, ablation: AblationMask, is_plain: bool, ways: TreeAttention | None
    ) -> Tensor | None:
        """What is added to the scores (T, S); None where there is nothing to add, or where attention itself knows."""
        if self.config.positions == "alibi":
            return self._alibi_mask(n_old, n_new, window, ablation, ways)
        if ways is not None:
            return ways.mask(window, ablation.words)
        n_all = n_old + n_new
        has_window = bool(window) and n_all > window
        if not has_window and min(ablation.words, default=n_all) >= n_all and (n_new == 1 or is_plain):
            return None
        return causal_mask(n_old, n_new, window, ablation.words, self.tokens.weight.device)

    def _alibi_mask(
        self, n_old: int, n_new: int, window: int, ablation: AblationMask, ways: TreeAttention | None
    ) -> Tensor:
        """The same with what each head subtracts for the distance, (G, N / G, T, S)."""
        config, device = self.config, self.tokens.weight.device
        keys = torch.arange(n_old + n_new, device=device) if ways is None else ways.positions
        lowered = config.alibi_scale * alibi(config.n_heads, keys[-n_new:], keys)  # (N, T, S)
        hidden = (
            causal_mask(n_old, n_new, window, ablation.words, device)
            if ways is None
            else ways.mask(window, ablation.words)
        )
        return (lowered + hidden).unflatten(0, (config.n_kv_heads, -1))

    def _init(self, module: nn.Module) -> None:
        """GPT-2's: small normal weights, smaller still where they are added to the residual stream."""
        if isinstance(module, nn.Linear | nn.Embedding):
            nn.init.normal_(module.weight, std=_INIT_STD)
            if isinstance(module, nn.Linear) and module.bias is not None:
                nn.init.zeros_(module.bias)
        if isinstance(module, DecoderBlock):
            thinkers = (one for one in module.mlp.modules() if isinstance(one, MLP))
            for layer in (module.attention.out, *(one.down for one in thinkers)):
                nn.init.normal_(layer.weight, std=_INIT_STD / math.sqrt(2 * self.config.n_layers))
