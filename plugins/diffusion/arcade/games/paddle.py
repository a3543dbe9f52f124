"""The paddle game: a ball, a paddle that moves left and right, and a score; the same keys always give the same game.

A state is (x, y, across, down, paddle, score) in pixels and pixels a step. A ball that meets the paddle flies back, the
more slanted the further from the paddle's middle, and adds one to the score; one that misses it sets the score to 0 and
is thrown again from the middle, towards the paddle. Shape letters as in drawing.py.
"""

from typing import Final

import numpy as np

from .brush import Brush
from .drawing import Floats, Pictures, as_bytes, blank, box, disc, paint, write_number
from .reader import bar, cover, number, spot

KEYS: Final = ("none", "left", "right")
STATE_WIDTH: Final = 6
RADIUS: Final = 2.5
LEFT: Final = 2.0
RIGHT: Final = 62.0
TOP: Final = 13.0
FLOOR: Final = 57.0
PADDLE_BOTTOM: Final = 61.0
HALF_PADDLE: Final = 7.0
REACH: Final = HALF_PADDLE + 1.5
PADDLE_SPEED: Final = 3.0
FALL: Final = 2.0
SLANT: Final = 0.22
SERVE: Final = (32.0, 20.0)
SERVE_SLANT: Final = 0.05
N_SCORES: Final = 100
PLACES: Final = ((26, 2), (33, 2))
BACKGROUND: Final = (24, 28, 52)
WALL: Final = (84, 96, 150)
GUTTER: Final = (74, 30, 56)
BALL: Final = (255, 224, 92)
PADDLE: Final = (72, 206, 255)
INK: Final = (244, 246, 255)
BRUSHES: Final = {
    "ball": Brush(BALL, RADIUS, FALL, is_stamp=True),
    "wall": Brush(WALL, 2.0),
    "eraser": Brush(BACKGROUND, 4.0),
}
_SLANTS: Final = np.linspace(-SLANT * REACH - 0.1, SLANT * REACH + 0.1, 161, dtype=np.float32)
_LIMITS: Final = (LEFT + RADIUS, RIGHT - RADIUS)
_PADDLE_LIMITS: Final = (LEFT + HALF_PADDLE, RIGHT - HALF_PADDLE)


def step(states: Floats, keys: np.ndarray, reach: float = REACH) -> Floats:
    """States (N, 6) one step later, where keys (N,) are pressed, as numbers of `KEYS`; a ball within reach is hit."""
    x, y, across, down, paddle, score = states.T.astype(np.float32)
    paddle = np.clip(paddle + PADDLE_SPEED * ((keys == 2) * 1.0 - (keys == 1)), *_PADDLE_LIMITS)
    x, across = _bounced(x + across, across)
    y = y + down
    above = y < TOP + RADIUS
    y, down = np.where(above, 2 * (TOP + RADIUS) - y, y), np.where(above, -down, down)
    ends = y >= FLOOR - RADIUS
    hits = ends & (np.abs(x - paddle) <= reach)
    across = np.where(hits, SLANT * (x - paddle), across)
    y, down = np.where(hits, 2 * (FLOOR - RADIUS) - y, y), np.where(hits, -down, down)
    score = np.where(hits, (score + 1) % N_SCORES, score)
    after = np.stack([x, y, across, down, paddle, score], 1)
    return np.where((ends & ~hits)[:, None], _served(paddle), after).astype(np.float32)


def futures(states: Floats, keys: np.ndarray) -> Floats:
    """What may be taken for the next states where it is a close thing, (2, N, 6): the ball is hit, or missed."""
    return np.stack([step(states, keys, RIGHT), step(states, keys, -1.0)])


def _bounced(x: Floats, across: Floats) -> tuple[Floats, Floats]:
    low, high = _LIMITS
    beyond = (x < low) | (x > high)
    return np.where(x < low, 2 * low - x, np.where(x > high, 2 * high - x, x)), np.where(beyond, -across, across)


def _served(paddle: Floats) -> Floats:
    """The states with which a new ball begins."""
    x, y = (np.full_like(paddle, value) for value in SERVE)
    return np.stack([x, y, SERVE_SLANT * (paddle - x), np.full_like(paddle, FALL), paddle, 0 * paddle], 1)


def draw(states: Floats) -> Pictures:
    """Pictures (N, H, W, 3) of states (N, 6)."""
    x, y, _, _, paddle, score = states.T.astype(np.float32)
    canvas = np.tile(_EMPTY, (len(states), 1, 1, 1))
    whole = np.full_like(paddle, 1)
    edges = paddle - HALF_PADDLE, FLOOR * whole, paddle + HALF_PADDLE, PADDLE_BOTTOM * whole
    paint(canvas, box(*edges), PADDLE)
    paint(canvas, disc(x, y, RADIUS), BALL)
    write_number(canvas, score.astype(np.int64), PLACES, INK)
    return as_bytes(canvas)


def _empty_field() -> Floats:
    canvas = blank(1, WALL)
    canvas[:, : int(TOP) - 2] = BACKGROUND
    canvas[:, int(TOP) : int(FLOOR), int(LEFT) : int(RIGHT)] = BACKGROUND
    canvas[:, int(FLOOR) : int(PADDLE_BOTTOM), int(LEFT) : int(RIGHT)] = GUTTER
    return canvas


_EMPTY: Final = _empty_field()


def first_state(random: np.random.Generator) -> Floats:
    """How a game begins, (1, 6): with the paddle anywhere."""
    return _served(random.uniform(*_PADDLE_LIMITS, 1).astype(np.float32))


def random_states(n: int, random: np.random.Generator) -> Floats:
    """States (n, 6) that a game may come to: a third near the paddle at the floor, many of these with a 9 to carry."""
    x = random.uniform(*_LIMITS, n)
    y = random.uniform(TOP + RADIUS, FLOOR - RADIUS, n)
    down = FALL * random.choice([-1, 1], n)
    paddle = np.clip(random.uniform(_PADDLE_LIMITS[0] - 4, _PADDLE_LIMITS[1] + 4, n), *_PADDLE_LIMITS)
    across = random.uniform(-SLANT * REACH, SLANT * REACH, n)
    ends = random.random(n) < 0.35
    n_steps = np.where(random.random(n) < 0.5, random.uniform(2, 3, n), random.uniform(0, 5, n))
    y = np.where(ends, FLOOR - RADIUS - FALL * n_steps, y)
    edge = random.choice([-REACH, REACH], n) + random.normal(0, 1.5, n)
    near = np.clip(x + np.where(random.random(n) < 0.5, edge, random.normal(0, 8, n)), *_PADDLE_LIMITS)
    paddle, down = np.where(ends, near, paddle), np.where(ends, FALL, down)
    score = random.integers(0, N_SCORES, n)
    score = np.where(ends & (random.random(n) < 0.3), score - score % 10 + 9, score)
    return np.stack([x, y, across, down, paddle, score], 1).astype(np.float32)


def player_key(seen: Floats, random: np.random.Generator) -> int:
    """What a player presses who follows the ball, a little clumsily, and sees (4,); nothing where it is not seen."""
    return key_towards(seen, float(seen[0]) + random.normal(0, 4))


def key_towards(seen: Floats, x: float) -> int:
    """What moves the paddle that is seen (4,) to a place; nothing where it is not seen."""
    offset = float(np.nan_to_num(x - seen[2]))
    return 0 if abs(offset) < PADDLE_SPEED / 2 else (1 if offset < 0 else 2)


def read(pictures: Pictures) -> Floats:
    """What is seen in pictures (N, H, W, 3): x, y, paddle and score, (N, 4); NaN where a thing is not found."""
    seen = pictures.astype(np.float32)
    field = cover(seen, BACKGROUND, BALL)
    field[:, : int(TOP)] = field[:, int(FLOOR) :] = field[:, :, : int(LEFT)] = field[:, :, int(RIGHT) :] = 0
    gutter = cover(seen[:, int(FLOOR) : int(PADDLE_BOTTOM)], GUTTER, PADDLE)
    gutter[:, :, : int(LEFT)] = gutter[:, :, int(RIGHT) :] = 0
    score = number(cover(seen, BACKGROUND, INK), PLACES).astype(np.float32)
    paddle = bar(gutter, 2 * HALF_PADDLE)
    return np.column_stack([spot(field, np.pi * RADIUS**2), paddle, np.where(score < 0, np.nan, score)])


def expected(seen: Floats, keys: np.ndarray) -> Floats:
    """What the rules say is seen next, (N, 4), after three pictures were read (N, 3, 4) and keys (N, 3) pressed.

    How the ball flies is that of many flights which best agrees with where it was seen.
    """
    flights = np.stack(np.meshgrid(_SLANTS, (-FALL, FALL), indexing="ij"), -1).reshape(-1, 2)
    n, m = len(seen), len(flights)
    first = np.repeat(seen[:, 0], m, 0)
    states = np.column_stack([first[:, :2], np.tile(flights, (n, 1)), first[:, 2:]]).astype(np.float32)
    error = np.zeros(n * m, np.float32)
    for now in (1, 2):
        states = step(states, np.repeat(keys[:, now - 1], m))
        error += ((states[:, :2] - np.repeat(seen[:, now, :2], m, 0)) ** 2).sum(1)
    best = np.where(np.isnan(error), np.inf, error).reshape(n, m).argmin(1)
    flown = states.reshape(n, m, STATE_WIDTH)[np.arange(n), best]
    here = np.column_stack([seen[:, 2, :2], flown[:, 2:4], seen[:, 2, 2:]]).astype(np.float32)
    return step(here, keys[:, 2])[:, [0, 1, 4, 5]]
