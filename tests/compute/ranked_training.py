"""One rank of a small training, run as a process of its own: prints the losses that it saw, or why it ended."""

import json
import os
import sys
from pathlib import Path

import torch
from torch import Tensor, nn

from studio.compute.distributed import RankDone, joined
from studio.compute.train_settings import TrainSettings
from studio.compute.training import Training
from studio.compute.training_loop import Validation, follow_training
from studio.core.error import UserError

CPU = torch.device("cpu")
SETTINGS = TrainSettings(n_steps=12, n_micro=4, learning_rate=0.05, n_warmup=2, n_decay=4, weight_decay=0.01)


class Network(nn.Module):
    """A sum with dropout, and a weight that only some steps use."""

    def __init__(self) -> None:
        super().__init__()
        self.first, self.last, self.late = nn.Linear(4, 16), nn.Linear(16, 1), nn.Linear(4, 1)
        self.drop = nn.Dropout(0.1)

    def forward(self, x: Tensor, step: int) -> Tensor:
        y: Tensor = self.last(self.drop(torch.tanh(self.first(x))))
        return y + self.late(x) if step >= 5 else y


def loss_of(model: nn.Module, step: int, micro: int) -> tuple[Tensor, dict[str, Tensor]]:
    """Squared error; what is learnt follows from step and micro alone."""
    random = torch.Generator().manual_seed(1000 * step + micro)
    x = torch.randn(8, 4, generator=random)
    loss = (model(x, step)[:, 0].float() - x.sum(1)).square().mean()
    return loss, {"root": loss.sqrt()}


def make() -> Training:
    """The training before its first step."""
    torch.manual_seed(0)
    return Training(Network(), loss_of, SETTINGS, CPU)


def validation() -> Validation:
    """The length of the weights."""

    def measure(model: nn.Module):
        yield
        return {"norm": float(sum(value.norm() for value in model.parameters()))}

    return Validation(measure, "norm")


def main(checkpoint: Path, task: str) -> None:
    """Train; `task` is "whole", "stop" (the second rank asks to stop), "resume", or "die" (the second rank ends)."""
    torch.set_num_threads(1)
    seen, end = [], "whole"
    with joined(CPU) as ranks:
        rank = ranks.rank
        try:
            frames = follow_training(make(), checkpoint, task == "resume", validation=validation())
            for frame in frames:
                seen.append([frame.step, frame.label, dict(frame.scalars)])
                if frame.step == 3 and rank == 1:
                    if task == "stop":
                        ranks.ask_to_stop()
                    if task == "die":
                        os._exit(3)
                if ranks.is_stopping:
                    end = "stopped"
                    frames.close()
                    break
        except RankDone:
            end = "done"
        except UserError as error:
            end = str(error)
    print(json.dumps({"rank": rank, "frames": seen, "end": end}), flush=True)
    os._exit(0)


if __name__ == "__main__":
    main(Path(sys.argv[1]), sys.argv[2])
