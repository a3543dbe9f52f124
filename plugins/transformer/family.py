"""The transformer family: texts gone on with word by word or filled in anywhere, with all that was nearly said."""

from typing import Final

from studio.api.family import Example, Family, Kind, Showing, Tab
from studio.core.translation import N_

FAMILY: Final = Family(
    id="transformer",
    title=N_("Transformer"),
    subtitle=N_("Attention-based language model"),
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
            tabs=(
                Tab(
                    N_("Text"),
                    N_("Continues any text word by word (decoder)"),
                    ("transformer/shakespeare", "transformer/code"),
                ),
            ),
        ),
        "fill_in": Kind(
            "fill_in.engine:FillInEngine",
            "fill_in.panel.panel:FillInPanel",
            "fill_in.params:FillInParams",
            tabs=(
                Tab(
                    N_("Fill in"),
                    N_("Fills gaps anywhere in a text, seen from both sides (encoder)"),
                    ("transformer/fill-in",),
                ),
            ),
            showings=(
                Showing(
                    N_("What was here?"),
                    N_("The computer sees both sides of every gap. Make gaps, and watch the words come back."),
                    ("fill_gaps", "fill_empty", "fill_order", "fill_temperature", "fill_example"),
                    "transformer.fill_again",
                ),
            ),
        ),
        "translate": Kind(
            "translate.engine:TranslateEngine",
            "translate.panel.panel:TranslatePanel",
            "translate.params:TranslateParams",
            tabs=(
                Tab(
                    N_("Translate"),
                    N_("English verses into Spanish (encoder–decoder)"),
                    ("transformer/translate",),
                ),
            ),
            showings=(
                Showing(
                    N_("From one language to the other"),
                    N_("The computer tries several translations side by side. Point at a word to see its origin."),
                    ("translate_example", "translate_lanes", "translate_penalty"),
                    "translate_replay",
                ),
            ),
        ),
        "describe": Kind(
            "describe.engine:DescribeEngine",
            "describe.panel.panel:DescribePanel",
            "describe.params:DescribeParams",
            takes_pictures=True,
            tabs=(
                Tab(
                    N_("Describe"),
                    N_("Puts a drawn face in words and answers questions about it (picture to text)"),
                    ("transformer/caption",),
                ),
            ),
            showings=(
                Showing(
                    N_("What does it see?"),
                    N_("The computer describes a face. Point at a word to see where it looked."),
                    ("describe_another", "describe_tell", "describe_lanes"),
                    "describe_replay",
                ),
            ),
        ),
        "emoji": Kind(
            "emoji.engine:EmojiEngine",
            "emoji.panel.panel:EmojiPanel",
            "emoji.params:EmojiParams",
            beside="text",
            showings=(
                Showing(
                    N_("From words to a picture"),
                    N_("The computer writes a picture as it writes a text. Touch a part to see what else it might be."),
                    ("emoji_example", "emoji_another", "emoji_order", "emoji_variety"),
                    "emoji_replay",
                ),
            ),
        ),
        "server": Kind(
            "server.engine:ServerEngine",
            "server.panel.panel:ServerPanel",
            "text.params:TransformerParams",
            beside="text",
            needs_weights=False,
        ),
    },
    models={
        "transformer/shakespeare": N_("write poem poetry verse play text story chat words language"),
        "transformer/code": N_("write program programming code function language"),
        "transformer/fill-in": N_("fill gap blank missing word cloze mask guess text both sides any order"),
        "transformer/translate": N_("translate translation English Spanish language Bible verse beam"),
        "transformer/caption": N_("describe face picture caption question answer image words look"),
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
        Example(
            N_("What was here?"),
            N_("Words are missing, and the model knows both sides of each gap. Click a word to leave it out too."),
            "examples/gaps.webp",
            "transformer/fill-in",
            params={"prompt": "Farewell, my love; I shall __ before the __."},
            words=N_("fill gap blank missing word cloze guess riddle"),
        ),
        Example(
            N_("Into Spanish"),
            N_("Four translations grow side by side. Point at a word to see where it comes from."),
            "examples/verse.webp",
            "transformer/translate",
            params={"prompt": "The king said to his servants, “Look toward the sea.”"},
            words=N_("language Bible verse foreign word dictionary"),
        ),
        Example(
            N_("Ask a picture"),
            N_("A face in words, and answers to your questions. Point at a word to see where it looked."),
            "examples/face.webp",
            "transformer/caption",
            params={"prompt": "Does this person have a beard?", "seed": 4},
            words=N_("face picture describe caption question answer"),
        ),
    ),
    recipes="recipes:RECIPES",
    importers=(
        "importers:HuggingFaceImporter",
        "importers:GgufImporter",
        "encoder_importer:EncoderImporter",
        "adapter_importer:AdapterImporter",
        "seq2seq_importer:Seq2SeqImporter",
    ),
    connector="server.connector:ServerConnector",
)
