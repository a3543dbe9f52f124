"""What a frame shows of a translation under way. No torch."""

from collections.abc import Sequence

import numpy as np

from studio.core.frame import Frame
from studio.core.text.vocabulary import TextVocabulary
from studio.core.translation import N_
from studio.core.view import Bars, Field, Tokens, View

from .model.beam import Lane
from .state import NO_TOKEN, TranslationStart, started


def lanes_frame(
    start: TranslationStart, step: int, lanes: Sequence[Lane], penalty: float, most: int, vocabulary: TextVocabulary
) -> Frame:
    """The lanes of one step of a search."""
    best, scores = lanes[0], [lane.score(penalty) for lane in lanes]
    n_tokens = max(len(lane.ids) for lane in lanes)
    looks = np.stack([one.look for one in best.nexts])
    state = started(start.source, start.forced) | {
        "step": np.array([step], np.int32),
        "lanes": np.array([[*lane.ids, *[NO_TOKEN] * (n_tokens - len(lane.ids))] for lane in lanes], np.int32).reshape(
            len(lanes), n_tokens
        ),
        "scores": np.array(scores, np.float32),
        "over": np.array([lane.is_over for lane in lanes], np.uint8),
        "parents": np.array([lane.parent for lane in lanes], np.int32),
        "logs": np.array(best.logs, np.float32),
        "looks": np.round(255 * looks).astype(np.uint8),
        "next_ids": np.stack([one.ids for one in best.nexts]),
        "next_shares": np.stack([one.shares for one in best.nexts]).astype(np.float16),
    }
    texts = ["".join(vocabulary.texts(lane.ids)).strip() for lane in lanes]
    views: dict[str, View] = {
        "text": Tokens(tuple(vocabulary.texts(best.ids)), tuple(-log / float(np.log(2)) for log in best.logs)),
        "lanes": Bars(tuple(texts), tuple(float(np.exp(score)) for score in scores)),
        "looks": Field(looks.astype(np.float32), "attention", 0.0, 1.0),
    }
    figures = {"score": scores[0], "ended": float(sum(lane.is_over for lane in lanes))}
    label = N_("{n} tokens in {lanes} lanes").format(n=step, lanes=len(lanes))
    return Frame(step, most + 1, label, views, figures, state)
