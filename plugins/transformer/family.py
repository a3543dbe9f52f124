"""The transformer family: a decoder that writes word by word, and shows what it nearly said."""

from typing import Final

from studio.api.family import Example, Family, Kind, Showing
from studio.core.translation import N_

FAMILY: Final = Family(
    id="transformer",
    title=N_("Transformer"),
    subtitle=N_("Decoder-only language model"),
    summary=N_("Writes text word by word. See every word that almost came next, and change it."),
    order=40,
    hue="transformer",
    thumbnail="models/thumbnail.webp",
    reference="../../docs/transformer.md",
    default_model="transformer/shakespeare",
    kinds={
        "text": Kind(
            "text.engine:TransformerEngine",
            "text.panel.panel:TransformerPanel",
            "text.params:TransformerParams",
            kernels="text.warm_up",
            showings=(
                Showing(
                    N_("What it nearly said"),
                    N_(
                        "The computer writes one word after the other. Touch a word to see what could have stood there."
                    ),
                    ("text_temperature", "text_length", "text_repetition", "text_top_k"),
                    "transformer.surprise",
                ),
            ),
        )
    },
    models={
        "transformer/shakespeare": N_("write poem poetry verse play text story chat words language"),
        "transformer/code": N_("write program programming code function language"),
    },
    examples=(
        Example(
            N_("Write with Shakespeare"),
            N_("You begin, the model goes on. Click any word to see what it nearly said."),
            "examples/poem.webp",
            "transformer/shakespeare",
            params={"prompt": "Shall I compare thee to a summer’s day?\nThou art more lovely"},
            words=N_("sonnet love verse rhyme story text"),
        ),
    ),
    recipes="recipes:RECIPES",
    importers=("importers:HuggingFaceImporter", "importers:GgufImporter", "adapter_importer:AdapterImporter"),
)
