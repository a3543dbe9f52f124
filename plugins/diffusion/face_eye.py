"""A small classifier of faces whose maps the autoencoder's loss compares, so that the judge of the card stays apart."""

from typing import Final

import torch

from studio.api.training import AVATARS, Avatars, ClassObjective, Judge, JudgeConfig, Labelled, Training, TrainSettings

SETTINGS: Final = TrainSettings(n_steps=300, learning_rate=2e-3, n_warmup=30, n_decay=120, average_decay=0.99)


def eye_training(
    avatars: Avatars, settings: TrainSettings, seed: int, device: torch.device, config: JudgeConfig = AVATARS
) -> Training:
    """The training of the classifier before its first step: as the judge, from another seed."""
    pictures = torch.from_numpy(avatars.pictures).movedim(3, 1)  # (N, 3, 64, 64)
    examples = Labelled(pictures, torch.from_numpy(avatars.labels).long(), avatars.is_full)
    torch.manual_seed(seed)
    return Training(Judge(config), ClassObjective(examples, 64, seed, device), settings, device)
