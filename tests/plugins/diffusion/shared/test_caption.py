"""The caption says what was measured, whatever the number of the step."""

from dataclasses import replace

import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.diffusion.shared.caption import SETTLED, STILL, RunFacts, describe, learning_words
from plugins.diffusion.shared.measurements import FrameMeasurements, FrameMotion
from studio.core.frame import Frame

PLAIN = RunFacts("ddim", can_branch=True)
HALF = FrameMeasurements("denoising", 32, 50, 0.36)
MUCH, LITTLE = 20.0, 3.0  # beyond and within all that counts as settled


def test_the_example_of_the_design() -> None:
    words = describe(replace(HALF, to_end=FrameMotion(LITTLE, LITTLE, MUCH)), PLAIN)
    assert words.lead == "Step 32 of 50."
    assert words.text == (
        "64 % of the noise is gone. Colours and outline are settled; from here on the model only adds detail. "
        "Branch from here to try another ending."
    )
    assert words.link == "Branch from here"
    assert words.term == "Signal to noise +2.5 dB · what the model expects is the predicted x0 · sampler DDIM"


@pytest.mark.parametrize(
    ("motion", "wanted"),
    [
        (FrameMotion(MUCH, MUCH, MUCH), "Even the colours"),
        (FrameMotion(LITTLE, MUCH, MUCH), "the outline can still change"),
        (FrameMotion(LITTLE, LITTLE, MUCH), "only adds detail"),
        (FrameMotion(LITTLE, LITTLE, LITTLE), "The picture is settled"),
    ],
)
@pytest.mark.parametrize("step", [1, 25, 49])
def test_what_is_settled_follows_from_the_end_and_not_from_the_step(
    motion: FrameMotion, wanted: str, step: int
) -> None:
    assert wanted in describe(replace(HALF, step=step, to_end=motion), PLAIN).text


@pytest.mark.parametrize(
    ("motion", "wanted"),
    [
        (FrameMotion(2 * STILL.colour, 0, 0), "about the colours"),
        (FrameMotion(0, 2 * STILL.shape, 0), "the outline is still forming"),
        (FrameMotion(0, 0, 2 * STILL.detail), "only details change"),
        (FrameMotion(0, 0, 0), "Hardly anything"),
    ],
)
def test_while_it_runs_the_step_before_is_what_is_known(motion: FrameMotion, wanted: str) -> None:
    assert wanted in describe(replace(HALF, since_before=motion), PLAIN).text


@pytest.mark.parametrize(
    "motion",
    [
        FrameMotion(SETTLED.colour + 1, 0, 0),
        FrameMotion(0, SETTLED.shape + 1, 0),
        FrameMotion(0, 0, SETTLED.detail + 1),
        FrameMotion(0, 0, SETTLED.detail - 1),
    ],
)
def test_nobody_speaks_of_the_colours_of_a_grey_picture(motion: FrameMotion) -> None:
    grey = replace(HALF, is_grey=True)
    assert "olour" not in describe(replace(grey, to_end=motion), PLAIN).text
    assert "olour" not in describe(replace(grey, since_before=motion), PLAIN).text


def test_nothing_is_said_that_was_not_measured() -> None:
    assert describe(HALF, RunFacts()).text == "64 % of the noise is gone."


def test_pure_noise() -> None:
    words = describe(FrameMeasurements("denoising", 0, 50, 1.0, to_end=FrameMotion(50, 50, 50)), PLAIN)
    assert (words.lead, words.link) == ("Pure noise.", "")
    assert "first guess" in words.text
    assert "noise" in describe(FrameMeasurements("denoising", 0, 50, 1.0), replace(PLAIN, is_sound=True)).text


def test_finished() -> None:
    done = FrameMeasurements("denoising", 50, 50, 0.0)
    assert describe(done, PLAIN).lead == "Finished."
    assert "50 steps" in describe(done, PLAIN).text
    assert "Signal" not in describe(done, PLAIN).term
    assert "Your picture" in describe(done, replace(PLAIN, is_from_picture=True)).text
    assert "31 % of the picture is redrawn" in describe(done, replace(PLAIN, masked_share=0.31)).text
    assert "16 results" in describe(done, replace(PLAIN, n_items=16)).text
    assert "hear" in describe(done, replace(PLAIN, is_sound=True)).text


def test_a_picture_that_comes_back() -> None:
    scenery = replace(PLAIN, is_from_picture=True)
    first = FrameMeasurements("denoising", 20, 50, 0.4, 0.4)
    assert "40 % is noise, and the rest is your picture" in describe(first, scenery).text
    assert "50 % of the noise is gone" in describe(replace(first, step=30, noise_left=0.2), scenery).text
    assert "image to image" in describe(first, scenery).term


def test_a_branch_counts_all_noise_and_is_no_picture_of_a_person() -> None:
    words = describe(FrameMeasurements("denoising", 12, 50, 0.7, 0.7), PLAIN)
    assert "30 % of the noise is gone" in words.text
    assert "your picture" not in words.text


def test_a_mask_a_batch_and_a_sound() -> None:
    assert "the rest stays as it was" in describe(HALF, replace(PLAIN, masked_share=0.2)).text
    assert "inpainting" in describe(HALF, replace(PLAIN, masked_share=0.2)).term
    batch = describe(HALF, replace(PLAIN, n_items=9))
    assert ("9 are made side by side" in batch.text, batch.link) == (True, "")
    sound = replace(PLAIN, is_sound=True)
    assert "still changes" in describe(replace(HALF, belief_change=0.3), sound).text
    assert "is settled" in describe(replace(HALF, belief_change=0.001), sound).text
    assert "of the noise is gone" in describe(HALF, sound).text


def test_dissolving() -> None:
    texts = [
        describe(FrameMeasurements("forward", 5, 20, 0.5, likeness=alike), PLAIN).text
        for alike in (0.95, 0.7, 0.3, 0.05, None)
    ]
    assert len(set(texts)) == 5
    assert all("50 % of what you see is noise" in text for text in texts)
    assert "Nothing of it" in texts[3]
    start = describe(FrameMeasurements("forward", 0, 20, 0.0), PLAIN)
    assert (start.lead, start.term) == ("No noise yet.", "Forward process, x0")


def test_learning() -> None:
    words = learning_words(Frame(1999, 9000))
    assert "2,000 of 9,000" in words.text


@given(
    st.sampled_from(["denoising", "forward"]),
    st.integers(0, 60),
    st.floats(0, 1),
    st.floats(0, 1),
    st.none() | st.floats(-1, 1),
    st.booleans(),
    st.integers(1, 16),
    st.none() | st.floats(0, 1),
)
def test_every_moment_has_whole_sentences(kind, step, noise, first, alike, flag, n_items, masked) -> None:
    moment = FrameMeasurements(
        kind, step, 60, noise, max(noise, first), FrameMotion(first * 90, noise * 90, 5), likeness=alike
    )
    words = describe(moment, RunFacts("heun", flag, n_items, masked, flag, not flag))
    assert words.lead.endswith(".")
    assert words.text.endswith(".")
    assert words.link in words.text
    assert "{" not in words.lead + words.text + words.term
