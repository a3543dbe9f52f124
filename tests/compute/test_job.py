"""Tickets."""

from studio.compute.job import Job


def test_tickets_grow():
    first, second = Job((1, "a"), lambda: None), Job((1, "a"), lambda: None)
    assert first.ticket < second.ticket
