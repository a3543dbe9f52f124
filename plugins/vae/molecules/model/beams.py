"""Beam search: of many rows that are written side by side, the likeliest few go on (Sutskever et al. 2014).

Shape letters: B rows wanted, K beams of each, V kinds of pieces, L pieces so far.
"""

import torch
from torch import Tensor

from .pieces import END

_NEVER = -1e9


class Beams:
    """What was written so far.

    Attributes:
        pieces: (B K,) the last piece of each beam, END at first and behind the end.
    """

    def __init__(self, n: int, n_beams: int, device: torch.device) -> None:
        self.pieces = torch.full((n * n_beams,), END, device=device)
        self._rows = torch.zeros(n * n_beams, 0, dtype=torch.long, device=device)  # (B K, L)
        self._ended = torch.zeros(n * n_beams, dtype=torch.bool, device=device)
        self._nats = torch.full((n, n_beams), _NEVER, device=device)
        self._nats[:, 0] = 0  # at first there is one beam
        self._first = torch.arange(n, device=device)[:, None] * n_beams

    def go_on(self, logs: Tensor) -> Tensor:
        """Write the next pieces by their log-probabilities (B K, V); returns which beam each goes on from, (B K,)."""
        n, n_beams = self._nats.shape
        done = torch.full_like(logs, _NEVER)
        done[:, END] = 0
        logs = torch.where(self._ended[:, None], done, logs)
        self._nats, best = (self._nats.view(-1, 1) + logs).view(n, -1).topk(n_beams, 1)
        chosen = (best // logs.shape[1] + self._first).flatten()
        self.pieces = (best % logs.shape[1]).flatten()
        self._rows = torch.cat([self._rows[chosen], self.pieces[:, None]], 1)
        self._ended = self._ended[chosen] | (self.pieces == END)
        return chosen

    @property
    def have_ended(self) -> bool:
        """Whether nothing is left to be written."""
        return bool(self._ended.all())

    def best(self) -> Tensor:
        """The likeliest row of each, (B, L), END behind the last piece."""
        return self._rows.view(*self._nats.shape, -1)[:, 0]
