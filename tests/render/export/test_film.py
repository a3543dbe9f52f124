"""A film of a clip: there and back, and again, from the same frames."""

from typing import Any

from studio.render.export.film import enjoyable_times, film_of
from studio.render.export.option import MAX_TIMES, ExportOptions
from tests.render.export.clips import pictures


def steps(n: int, begin: int = 0, is_repeated: bool = True, **options: Any) -> list[int]:
    film, whole = film_of(pictures(n), ExportOptions(**options), is_repeated)
    assert whole.span(film) == (0, film.n_frames)
    return [frame.step for frame in film.frames(begin, film.n_frames)]


def test_there_and_back_and_again_shows_no_frame_twice_in_a_row() -> None:
    assert steps(4, is_back=True, n_times=2) == [0, 1, 2, 3, 2, 1, 0, 1, 2, 3, 2, 1]
    assert steps(4, is_back=True, n_times=2, is_repeated=False) == [0, 1, 2, 3, 2, 1]
    assert steps(5, is_back=True, begin=7) == [1]
    assert steps(4, n_times=2) == [0, 1, 2, 3, 0, 1, 2, 3]
    assert steps(2, is_back=True) == [0, 1]
    assert steps(1, is_back=True, n_times=3) == [0, 0, 0]


def test_a_range_is_its_way() -> None:
    film, _options = film_of(pictures(9), ExportOptions(first=3, last=5, is_back=True), True)
    assert [frame.step for frame in film.frames(0, film.n_frames)] == [3, 4, 5, 4]


def test_a_film_is_long_enough_to_be_watched() -> None:
    assert enjoyable_times(pictures(15), is_back=False) == 4  # 1.5 s
    assert enjoyable_times(pictures(15), is_back=True) == 3  # 2.8 s
    assert enjoyable_times(pictures(100), is_back=True) == 1
    assert enjoyable_times(pictures(1), is_back=True) == MAX_TIMES
