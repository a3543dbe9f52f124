"""The training that makes `autoregressive/digits-rnn`: Row LSTMs, held against the plain PixelCNN."""

from dataclasses import replace
from typing import Final

from studio.core.text import N_

from .digits_recipe import CONFIG, TRAINING, DigitsRecipe
from .pixel_rnn import RowLSTM

DIGITS_RNN: Final = DigitsRecipe(
    id="autoregressive/digits-rnn",
    title=N_("Digits, recurrent"),
    summary=N_("Learns the same digits with a network that carries a memory from row to row."),
    task=N_("Draws handwritten digits with a memory that runs down the rows (PixelRNN)."),
    minutes=50,
    network=RowLSTM,
    config=replace(CONFIG, n_layers=5, width=64, skip_width=0),
    settings=replace(TRAINING, n_steps=8000, n_decay=6000),
    n_pictures=8,
    dropout=0.1,
    seed=82,
    labels=tuple("0123456789"),
    preview_labels=(3, 8, 5, 2),
    set_name="digits",
    sentence=N_("{n:,} handwritten digits of MNIST, 28 x 28 pixels"),
    least_agreement=None,
    most_share=1.05,
)
