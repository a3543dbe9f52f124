"""Work is shared out whole, and errors come back."""

from threading import Lock

import pytest

from plugins.nerf.shared.threads import share


@pytest.mark.parametrize(("n_items", "n_together"), [(0, 4), (1, 4), (17, 4), (400, 3)])
def test_every_item_is_done_once(n_items: int, n_together: int) -> None:
    done: list[int] = []
    lock = Lock()

    def work(first: int, last: int) -> None:
        assert 0 < last - first <= n_together
        with lock:
            done.extend(range(first, last))

    share(work, n_items, n_together)
    assert sorted(done) == list(range(n_items))


def test_an_error_of_any_thread_is_raised() -> None:
    def work(first: int, last: int) -> None:
        if first <= 5 < last:
            raise ValueError("five")

    with pytest.raises(ValueError, match="five"):
        share(work, 40, 1)
