"""What an encoder–decoder of other people was taught, and how it wants its texts searched, by what its files say.

No torch.
"""

import re
from collections.abc import Mapping
from dataclasses import dataclass
from typing import Any, Final, Literal, TypeAlias

from studio.core.container.json_settings import Settings
from studio.core.container.weights.folder import MAX_INDEX_BYTES
from studio.core.error import UserError
from studio.core.param import check_value, param_specs
from studio.core.text.foreign_tokenizer import SETTINGS
from studio.core.text.token import named
from studio.core.translation import N_

from ...translate.model.rules import Rules
from ...translate.params import TranslateParams
from ..hf.folder import GENERATION, read_optional
from .architectures import Seq2SeqArchitecture
from .folder import Seq2SeqFolder
from .tokenizer import SourceTokenizer, is_language_mark, read_source_tokenizer

Does: TypeAlias = Literal["translate", "summarise", "answer", "other"]
MAX_TASKS: Final = 400
MAX_PREFIX: Final = 200
_LIBRARY_LENGTH: Final = 20
"""Tokens that the library writes where nobody said how many."""
_OF_SEARCH: Final = (
    "decoder_start_token_id",
    "bos_token_id",
    "pad_token_id",
    "eos_token_id",
    "forced_bos_token_id",
    "forced_eos_token_id",
    "bad_words_ids",
    "no_repeat_ngram_size",
    "min_length",
    "max_length",
    "repetition_penalty",
    "early_stopping",
    "num_beams",
    "length_penalty",
)
_PAIR: Final = re.compile(r"translation_([a-z]{2,3})_to_([a-z]{2,3})")
_SQUAD: Final = {"summarization", "translation_en_to_de"}
"""Who was taught both was taught the others of T5's first mixture, too: also to answer questions about a text."""


@dataclass(frozen=True)
class Task:
    """One thing that a model does.

    Attributes:
        name: how a person asks for it; empty where it is the only one. does: what kind of thing it is.
        source, target: the languages that it translates from and into, as codes; empty where they are not known.
        prefix, before: words, and marks, that tell the model to do it.
        lanes, penalty: of the search, as its makers did it.
    """

    name: str
    does: Does
    rules: Rules
    source: str = ""
    target: str = ""
    prefix: str = ""
    before: tuple[int, ...] = ()
    lanes: int = 4
    penalty: float = 1.0

    def told(self) -> dict[str, Any]:
        """What a card says of it."""
        names = ("name", "does", "source", "target", "lanes", "penalty")
        return {name: getattr(self, name) for name in names}


def read_tasks(
    kind: Seq2SeqArchitecture,
    config: Mapping[str, Any],
    generation: Mapping[str, Any],
    spoken: Mapping[str, Any],
    tokenizer: SourceTokenizer,
) -> tuple[Task, ...]:
    """What a model was taught, one thing at least.

    Args:
        config, generation, spoken: its config.json, generation_config.json and tokenizer_config.json.

    Raises:
        UserError: a setting of the search cannot be.
    """
    of_all = {name: config[name] for name in _OF_SEARCH if config.get(name) is not None}
    of_all |= {name: generation[name] for name in _OF_SEARCH if generation.get(name) is not None}
    special = Settings(config).table("task_specific_params").values
    found = [
        _special(kind, name, of_all | dict(values), tokenizer)
        for name, values in list(special.items())[:MAX_TASKS]
        if isinstance(values, Mapping)
    ]
    if set(special) >= _SQUAD and kind.title == "T5":
        found.append(_task(kind, of_all, tokenizer, name="answer", does="answer", prefix="question: "))
    return tuple(found) or _languages(kind, of_all, spoken, tokenizer)


def _special(kind: Seq2SeqArchitecture, name: str, values: Mapping[str, Any], tokenizer: SourceTokenizer) -> Task:
    pair = _PAIR.fullmatch(name)
    does: Does = "translate" if pair else "summarise" if name.startswith("summarization") else "other"
    prefix = values.get("prefix")
    return _task(
        kind,
        values,
        tokenizer,
        name=named(name)[:60],
        does=does,
        source=pair[1] if pair else "",
        target=pair[2] if pair else "",
        prefix=prefix[:MAX_PREFIX] if isinstance(prefix, str) else "",
    )


def _languages(
    kind: Seq2SeqArchitecture, of_all: Mapping[str, Any], spoken: Mapping[str, Any], tokenizer: SourceTokenizer
) -> tuple[Task, ...]:
    """A translator's languages, each that it can be told to write; one task of no name for what tells nothing."""
    source, target = (_code(spoken.get(name)) for name in ("source_lang", "target_lang"))
    marks = sorted(name for name in tokenizer.numbers or () if is_language_mark(name))[:MAX_TASKS]
    numbers = tokenizer.numbers or {}
    if marks:
        return tuple(
            _task(
                kind,
                of_all,
                tokenizer,
                name=name[2:-2],
                does="translate",
                source=source,
                target=name[2:-2],
                before=(numbers[name],),
            )
            for name in marks
        )
    does: Does = "translate" if kind.title.startswith("Marian") else "other"
    return (_task(kind, of_all, tokenizer, name="", does=does, source=source, target=target),)


def _code(value: Any) -> str:
    return value if isinstance(value, str) and re.fullmatch(r"[A-Za-z_]{2,12}", value) else ""


def _task(kind: Seq2SeqArchitecture, values: Mapping[str, Any], tokenizer: SourceTokenizer, **known: Any) -> Task:
    settings = Settings(values, GENERATION)
    search = {"lanes": ("num_beams", 4), "penalty": ("length_penalty", 1.0)}
    found = {ours: _within(ours, settings.number(theirs, usual)) for ours, (theirs, usual) in search.items()}
    return Task(rules=read_rules(kind, settings, tokenizer.n_known), **known, **found)


def _within(name: str, value: float) -> Any:
    """The value of a setting of ours that is nearest."""
    spec = param_specs(TranslateParams)[name]
    return check_value(spec, spec.clamped(int(value) if spec.kind == "int" else value))


def read_rules(kind: Seq2SeqArchitecture, settings: Settings, n_vocab: int) -> Rules:
    """What a search has to keep to; raises UserError where a setting cannot be."""
    start = "decoder_start_token_id" if settings.has("decoder_start_token_id") else kind.start
    most, early = settings.integer("max_length", _LIBRARY_LENGTH), settings.values.get("early_stopping", False)
    if early not in (True, False, "never", None):
        raise settings.wrong("early_stopping")
    repetition = settings.number("repetition_penalty", 1.0)
    if repetition <= 0:
        raise settings.wrong("repetition_penalty")
    first = _tokens(settings, "forced_bos_token_id", n_vocab)
    return Rules(
        start=_token(settings, start, settings.integer(start), n_vocab),
        ends=frozenset(_tokens(settings, "eos_token_id", n_vocab)),
        first=first[0] if first else None,
        last=_tokens(settings, "forced_eos_token_id", n_vocab),
        banned=_banned(settings, n_vocab),
        n_gram=settings.integer("no_repeat_ngram_size", 0),
        least=settings.integer("min_length", 0),
        most=most if most > _LIBRARY_LENGTH else None,
        repetition=repetition,
        stops_early=None if early == "never" else bool(early),
    )


def _token(settings: Settings, name: str, value: Any, n_vocab: int) -> int:
    if type(value) is not int or not 0 <= value < n_vocab:
        raise settings.wrong(name)
    return value


def _tokens(settings: Settings, name: str, n_vocab: int) -> tuple[int, ...]:
    """A token, or a list of them; none where nothing is said."""
    value = settings.values.get(name)
    values = value if isinstance(value, list) else [] if value is None else [value]
    return tuple(_token(settings, name, one, n_vocab) for one in values[:MAX_TASKS])


def _banned(settings: Settings, n_vocab: int) -> tuple[tuple[int, ...], ...]:
    name = "bad_words_ids"
    runs = settings.values.get(name) or []
    if not isinstance(runs, list) or not all(isinstance(run, list) and run for run in runs):
        raise settings.wrong(name)
    return tuple(tuple(_token(settings, name, one, n_vocab) for one in run) for run in runs[:MAX_TASKS])


def check_ends(rules: Rules) -> None:
    """Raise UserError where a model says no token that ends a text."""
    if not rules.ends:
        raise UserError(N_("“{file}” does not give “{name}”.").format(file=GENERATION, name="eos_token_id"))


@dataclass(frozen=True, eq=False)
class Taught:
    """How a model reads texts, and what it does with them."""

    tokenizer: SourceTokenizer
    tasks: tuple[Task, ...]


def read_taught(folder: Seq2SeqFolder) -> Taught:
    """What the small files say; raises UserError where one is missing or broken."""
    generation = read_optional(folder.path, GENERATION, MAX_INDEX_BYTES)
    spoken = read_optional(folder.path, SETTINGS)
    tokenizer = read_source_tokenizer(
        folder.path, folder.settings, generation, folder.config.n_vocab, folder.kind.has_begin
    )
    tasks = read_tasks(folder.kind, folder.settings, generation, spoken, tokenizer)
    for task in tasks:
        check_ends(task.rules)
    return Taught(tokenizer, tasks)
