"""What stands in a family's guide: its page, the steps of its tour and its experiments, as plain values.

Beside what people read, a guide says in Markdown comments what a program needs to know:

    <!-- tour: vae/letterforms -->                       the model of the steps below it
    1. Drag the picture. <!-- drag field_view, grand --> one step; “grand” ones are in the grand tour too
    2. Click a dot. <!-- use row_map, in vae/tables -->  a step in another model of the family
    ### Halfway <!-- try: vae/letterforms seed=3 -->     an experiment, with settings as `--set` takes them

A step names what is done (use, drag, scrub) and the object name of the control; after “first” stands what has to be
pressed for it to be seen, after “in” another model. An experiment may say `press=NAME` for what is pressed once its
model is open. One of several buttons in a control is NAME:VALUE.
"""

import re
import shlex
from collections.abc import Iterator, Mapping
from dataclasses import dataclass
from pathlib import Path
from typing import Final

from studio.core.error import UserError
from studio.core.translation import N_, _

MAX_GUIDE_BYTES: Final = 1 << 20
DEEDS: Final = ("use", "drag", "scrub")
_TOUR: Final = re.compile(r"<!-- tour: (?P<model>\S+) -->(?P<steps>.*?)(?=^#|\Z)", re.DOTALL | re.MULTILINE)
_HEADING: Final = re.compile(r"^## [^\n]*\n\s*\Z", re.MULTILINE)
_STEP: Final = re.compile(r"^\d+\. (?P<text>.*?) *<!-- (?P<what>.*?) -->", re.DOTALL | re.MULTILINE)
_EXPERIMENT: Final = re.compile(r"^### (?P<title>.*?) *<!-- try: (?P<what>.*?) -->", re.MULTILINE)
_PRESS: Final = "press"
FIRST, IN = "first", "in"
_COMMENT: Final = re.compile(r" *<!--.*?-->", re.DOTALL)
_PAGE_LINK: Final = re.compile(r"\[([^\]]*)\]\(([^):#]+\.md)\)")
EXPERIMENT: Final = "experiment"
"""What links of a page that set an experiment up begin with; its number follows a colon."""


@dataclass(frozen=True)
class TourStep:
    """What a person is asked to do.

    Attributes:
        text: one or two plain sentences.
        model: id of the model in whose panel it is done.
        deed: one of DEEDS: use a control, drag on it, scrub along the timeline.
        control: the object name of the control, “timeline” for the bar below.
        first: what is pressed where the control cannot be seen; empty where it always can.
        is_grand: whether it belongs to the tour of all families too.
    """

    text: str
    model: str
    deed: str
    control: str
    first: str = ""
    is_grand: bool = False


@dataclass(frozen=True)
class Experiment:
    """Something to try: its title, a model, its settings as text by name, and what is pressed when it is open."""

    title: str
    model: str
    settings: Mapping[str, str]
    presses: tuple[str, ...] = ()


@dataclass(frozen=True)
class Guide:
    """A guide that was read; `page` is Markdown without the tour, which is shown by being taken."""

    page: str
    steps: tuple[TourStep, ...]
    experiments: tuple[Experiment, ...]


def read_guide(path: Path) -> Guide:
    """Read a guide; raises UserError where it cannot be read or a mark in it cannot be understood."""
    try:
        if path.stat().st_size > MAX_GUIDE_BYTES:
            raise UserError(N_("This guide is too large to be shown."))
        text = path.read_text("utf-8")
    except (OSError, UnicodeDecodeError) as error:
        raise UserError(N_("This family has no guide that can be read.")) from error
    return parse_guide(text)


def parse_guide(text: str) -> Guide:
    """Take a guide apart; raises UserError where a mark in it cannot be understood."""
    tour = _TOUR.search(text)
    steps = () if tour is None else tuple(_steps(tour["model"], tour["steps"]))
    experiments = tuple(_experiment(found["title"], found["what"]) for found in _EXPERIMENT.finditer(text))
    return Guide(text if tour is None else _without(text, tour), steps, experiments)


def page_with_links(page: str, folder: Path, offer: str) -> str:
    """The page as it is shown: a link called `offer` under each experiment, and links to files that are there."""
    for number, found in enumerate(_EXPERIMENT.finditer(page)):
        link = f"### {found['title']}\n\n[{offer}]({EXPERIMENT}:{number})\n"
        page = page.replace(found[0], link, 1)
    page = _COMMENT.sub("", page)
    return _PAGE_LINK.sub(lambda link: link[0] if (folder / link[2]).is_file() else link[1], page)


def _without(text: str, tour: re.Match[str]) -> str:
    return _HEADING.sub("", text[: tour.start()]) + text[tour.end() :]


def _steps(model: str, text: str) -> Iterator[TourStep]:
    for found in _STEP.finditer(text):
        deed, *rest = found["what"].replace(",", " ").split()
        is_grand = "grand" in rest
        words = [word for word in rest if word != "grand"]
        said = dict(zip(words[1::2], words[2::2], strict=False))
        if deed not in DEEDS or len(words) != 1 + 2 * len(said) or not said.keys() <= {FIRST, IN}:
            raise UserError(N_("The guide has a step that is not understood: {what}").format(what=found["what"][:80]))
        text, where = _plain(found["text"]), said.get(IN, model)
        yield TourStep(text, where, deed, words[0], said.get(FIRST, ""), is_grand)


def _plain(text: str) -> str:
    """The sentences with their names of controls in quotes instead of bold letters."""
    quoted = _("“{name}”")
    return re.sub(r"\*\*(.*?)\*\*", lambda bold: quoted.format(name=bold[1]), " ".join(text.split()))


def _experiment(title: str, what: str) -> Experiment:
    try:
        model, *rest = shlex.split(what)
        pairs = [word.split("=", 1) for word in rest]
        settings = {name: value for name, value in pairs if name != _PRESS}
    except ValueError as error:
        sentence = N_("The guide has an experiment that is not understood: {what}")
        raise UserError(sentence.format(what=what[:80])) from error
    return Experiment(title, model, settings, tuple(value for name, value in pairs if name == _PRESS))
