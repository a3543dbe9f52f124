"""Says in plain words what a model of two texts does, by what its card says; no torch, no Qt."""

from collections.abc import Mapping
from typing import Any, Final

from studio.core.translation import N_, _, translate

LANGUAGES: Final[Mapping[str, str]] = {
    **dict.fromkeys(("ar", "ara"), N_("Arabic")),
    **dict.fromkeys(("bg", "bul"), N_("Bulgarian")),
    **dict.fromkeys(("ca", "cat"), N_("Catalan")),
    **dict.fromkeys(("cs", "ces"), N_("Czech")),
    **dict.fromkeys(("da", "dan"), N_("Danish")),
    **dict.fromkeys(("de", "deu", "ger"), N_("German")),
    **dict.fromkeys(("el", "ell"), N_("Greek")),
    **dict.fromkeys(("en", "eng"), N_("English")),
    **dict.fromkeys(("eo", "epo"), N_("Esperanto")),
    **dict.fromkeys(("es", "spa"), N_("Spanish")),
    **dict.fromkeys(("et", "est"), N_("Estonian")),
    **dict.fromkeys(("fa", "fas"), N_("Persian")),
    **dict.fromkeys(("fi", "fin"), N_("Finnish")),
    **dict.fromkeys(("fr", "fra"), N_("French")),
    **dict.fromkeys(("ga", "gle"), N_("Irish")),
    **dict.fromkeys(("he", "heb"), N_("Hebrew")),
    **dict.fromkeys(("hi", "hin"), N_("Hindi")),
    **dict.fromkeys(("hr", "hrv"), N_("Croatian")),
    **dict.fromkeys(("hu", "hun"), N_("Hungarian")),
    **dict.fromkeys(("id", "ind"), N_("Indonesian")),
    **dict.fromkeys(("it", "ita"), N_("Italian")),
    **dict.fromkeys(("ja", "jpn", "jap"), N_("Japanese")),
    **dict.fromkeys(("ko", "kor"), N_("Korean")),
    **dict.fromkeys(("la", "lat"), N_("Latin")),
    **dict.fromkeys(("nl", "nld"), N_("Dutch")),
    **dict.fromkeys(("no", "nor", "nb", "nob"), N_("Norwegian")),
    **dict.fromkeys(("pl", "pol"), N_("Polish")),
    **dict.fromkeys(("pt", "por"), N_("Portuguese")),
    **dict.fromkeys(("ro", "ron"), N_("Romanian")),
    **dict.fromkeys(("ru", "rus"), N_("Russian")),
    **dict.fromkeys(("sv", "swe"), N_("Swedish")),
    **dict.fromkeys(("tr", "tur"), N_("Turkish")),
    **dict.fromkeys(("uk", "ukr"), N_("Ukrainian")),
    **dict.fromkeys(("vi", "vie"), N_("Vietnamese")),
    **dict.fromkeys(("zh", "zho", "cmn"), N_("Chinese")),
}
DOMAIN: Final = N_(
    "It has read only the Bible: the World English Bible beside the Spanish Reina-Valera of 1909. It translates that "
    "kind of sentence, into that kind of Spanish; anything else it makes biblical, or gets wrong."
)
INVITATION: Final = N_("Write an English sentence here, and its translation appears below.")
OWN: Final[Mapping[str, Any]] = {"does": "translate", "source": "en", "target": "es"}
_EXAMPLES: Final[Mapping[str, tuple[str, ...]]] = {
    "en": (
        "The weather is fine today, and we are going to the sea.",
        "My brother lives in a small house by the river.",
    ),
    "de": ("Das Wetter ist heute schön, und wir fahren ans Meer.", "Mein Bruder wohnt in einem kleinen Haus am Fluss."),
    "fr": ("Il fait beau aujourd’hui et nous allons à la mer.", "Mon frère habite une petite maison au bord de l’eau."),
    "es": ("Hoy hace buen tiempo y vamos al mar.", "Mi hermano vive en una casa pequeña junto al río."),
}
_LONG: Final = (
    "The town library will close for three weeks in August. Workers will repair the roof, which has leaked since the "
    "storm of last winter, and put in new windows on the north side. Books can be given back at the town hall all the "
    "while. The children’s reading club meets in the school next door, at the usual time on Wednesdays."
)
_QUESTION: Final = (
    "When will the library open again? context: The town library closes on the first of August and opens again on the "
    "twenty-second, when the roof has been repaired."
)


def examples_of(does: str, source: str) -> tuple[str, ...]:
    """Texts to begin with."""
    if does == "answer":
        return (_QUESTION,)
    if does == "summarise":
        return (_LONG,)
    known = next((one for one in _EXAMPLES if language(one) == language(source)), "en")
    return _EXAMPLES[known]


def all_examples() -> frozenset[str]:
    """Every text of `examples_of`: nothing that a person wrote."""
    return frozenset((_LONG, _QUESTION, *(text for texts in _EXAMPLES.values() for text in texts)))


def language(code: str) -> str:
    """The English name of a language; the code itself where we have none."""
    return LANGUAGES.get(code.casefold(), code)


def task_of(card: Mapping[str, Any], name: str) -> Mapping[str, Any]:
    """The task of a name on a card, else its first; that of the shipped translator where it has none."""
    tasks = tasks_of(card)
    return next((one for one in tasks if one.get("name") == name), tasks[0] if tasks else OWN)


def tasks_of(card: Mapping[str, Any]) -> tuple[Mapping[str, Any], ...]:
    """All tasks on a card."""
    return tuple(one for one in card.get("tasks", ()) if isinstance(one, Mapping))


def title_of(task: Mapping[str, Any]) -> str:
    """What a task is called where a person chooses one."""
    source, target = _languages(task)
    match task.get("does"):
        case "translate" if source and target:
            return _("Translate {source} into {target}").format(source=source, target=target)
        case "translate" if target:
            return _("Translate into {target}").format(target=target)
        case "translate":
            return _("Translate")
        case "summarise":
            return _("Summarise")
        case "answer":
            return _("Answer a question")
    return str(task.get("name", "")) or _("Write another text")


def page_titles(task: Mapping[str, Any]) -> tuple[str, str]:
    """What stands over the text that is read, and over the one that is written."""
    source, target = _languages(task)
    match task.get("does"):
        case "translate":
            return source or _("Your text"), target or _("Translation")
        case "summarise":
            return _("Your text"), _("Summary")
        case "answer":
            return _("Your question and a text"), _("Answer")
    return _("Your text"), _("What the model makes of it")


def invitation_of(card: Mapping[str, Any], task: Mapping[str, Any]) -> str:
    """What stands where nothing is written yet."""
    if not tasks_of(card):
        return translate(INVITATION)
    if task.get("does") == "answer":
        return _("Write a question, then “context:” and a text that has the answer.")
    return _("Write a text here, and what the model makes of it appears below.")


def about(card: Mapping[str, Any], task: Mapping[str, Any]) -> str:
    """What the model was taught, as far as that is known."""
    if not tasks_of(card):
        return translate(DOMAIN)
    source, target = _languages(task)
    match task.get("does"):
        case "translate" if source and target:
            text = _("It was taught to translate {source} into {target}, a sentence or two at a time.")
            return text.format(source=source, target=target)
        case "translate":
            return _("It was taught to translate, a sentence or two at a time.")
        case "summarise":
            return _(
                "It was taught to say in a few sentences what a longer text says. It may add what is not in there."
            )
        case "answer":
            return _("It was taught to find answers in a text: write a question, then “context:” and the text.")
    return _("Its files do not say what it was taught. Write a text and see what it makes of it.")


def _languages(task: Mapping[str, Any]) -> tuple[str, str]:
    source, target = (translate(language(str(task.get(name, "")))) for name in ("source", "target"))
    return source, target
