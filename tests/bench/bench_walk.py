"""How many files of the project a gesture runs through until the panel is settled: what a reader has to know for it."""

from tests.bench.suite import Figure, bench
from tests.bench.visit import visit


def _files(scenario: str) -> Figure:
    result = visit(scenario)
    note = f"on both threads, {result['n_functions']} functions, {result['n_family_files']} files of the family"
    return Figure(result["n_files"], note=note)


def _family_files(scenario: str) -> Figure:
    return Figure(visit(scenario)["n_family_files"], note="of the same walk")


def _of_new_tracks(what: str) -> Figure:
    """The larger one of both gestures that begin a track; while it grows both are done again, once a turn."""
    walks = [visit("walk_forced_word"), visit("walk_branch")]
    in_all = ", ".join(f"{walk[f'n_{what}_in_all']}" for walk in walks)
    return Figure(max(walk[f"n_{what}_shown"] for walk in walks), note=f"a forced word, a branch; in all {in_all}")


@bench("studio.walk_slider", "files", at_most=50)
def walk_slider() -> Figure:
    """A slider of the letterforms is dragged."""
    return _files("walk_slider")


@bench("studio.walk_erased_pixel", "files", at_most=60)
def walk_erased_pixel() -> Figure:
    """A pixel of a digit is erased and drawn again."""
    return _files("walk_erased_pixel")


@bench("studio.walk_erased_pixel_family", "files", at_most=14)
def walk_erased_pixel_family() -> Figure:
    """Those of the family among them."""
    return _family_files("walk_erased_pixel")


@bench("studio.walk_forced_word", "files", at_most=75)
def walk_forced_word() -> Figure:
    """Another word is forced into a text, which goes on from there."""
    return _files("walk_forced_word")


@bench("studio.walk_forced_word_family", "files", at_most=22)
def walk_forced_word_family() -> Figure:
    """Those of the family among them."""
    return _family_files("walk_forced_word")


@bench("studio.walk_branch", "files", at_most=75)
def walk_branch() -> Figure:
    """A run of pictures goes on from one of its steps."""
    return _files("walk_branch")


@bench("studio.walk_branch_family", "files", at_most=25)
def walk_branch_family() -> Figure:
    """Those of the family among them."""
    return _family_files("walk_branch")


@bench("studio.walk_sources_shown", "times", at_most=1)
def walk_sources_shown() -> Figure:
    """How often the timeline shows a new track in one turn of the event loop."""
    return _of_new_tracks("sources")


@bench("studio.walk_lists_shown", "times", at_most=1)
def walk_lists_shown() -> Figure:
    """How often the list of tracks is made anew in one turn of the event loop."""
    return _of_new_tracks("lists")
