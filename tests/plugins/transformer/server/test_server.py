"""A server as a model: our own model behind the protocol comes out as it is; liars, the dead and the slow are named."""

import contextlib
import io
import json
import math
import socket
import threading
from dataclasses import replace
from pathlib import Path
from typing import Any

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st

from plugins.transformer.server.answer import AnswerReader, PromptEcho, ServedToken
from plugins.transformer.server.connection import Patience, ServerConnection
from plugins.transformer.server.connector import ServerConnector
from plugins.transformer.server.engine import ServerEngine
from plugins.transformer.server.event_stream import events
from plugins.transformer.server.request import messages_in, written_down
from plugins.transformer.server.secret import checked_key
from plugins.transformer.text.chat_template import Message
from plugins.transformer.text.params import TransformerParams
from plugins.transformer.text.state import start_from_json, text_to_json
from plugins.transformer.text.trace import TextTrace, Told, state_with
from studio.api.server_address import ServerContact, contact_of, read_address
from studio.core.error import UserError
from studio.core.frame import Frame, whole_frames
from studio.core.option import SERVERS_ALLOWED
from studio.core.pausing import result_of
from studio.core.setting import Settings
from studio.registry.consent import Consent
from tests.plugins.transformer.text.decoder_made import SENTENCE, small_engine

from .served import OwnModel, begin_events, chunk, end_events, event, send, serving

PATIENT = Patience(pauses_s=(0.01, 0.01))
QUICK = Patience(connect_s=2.0, first_s=0.3, between_s=0.3, pauses_s=(0.01, 0.01))
TO = "://"
KEY = "sk-very-secret-1234567890"
PARAMS = TransformerParams(prompt=SENTENCE[:30], is_raw=True, length=10, seed=5, temperature=1.0)


@pytest.fixture(scope="module")
def own():
    return small_engine()


def engine_of(address: str, patience: Patience = PATIENT, **card: Any) -> ServerEngine:
    return ServerEngine(contact({"address": address, **card}), "some", patience)


def contact(card: dict[str, Any]) -> ServerContact:
    found = contact_of(card)
    assert found is not None
    return found


def trace_of(frame: Frame) -> TextTrace:
    assert frame.state is not None
    return TextTrace(frame.state)


def written(engine: ServerEngine, params: TransformerParams = PARAMS, start: Any = None) -> Any:
    return list(whole_frames(engine.generate(params, start)))


@pytest.mark.parametrize("is_modern", [False, True])
def test_our_own_model_behind_the_protocol_has_its_own_numbers(own, is_modern):
    here = trace_of(list(whole_frames(own.generate(PARAMS)))[-1])
    with serving(OwnModel(own, is_modern=is_modern)) as served:
        engine = engine_of(served.address)
        trace = TextTrace(written(engine)[-1].state)
    n_new = PARAMS.length
    assert trace.told == Told(0)
    np.testing.assert_allclose(trace.surprise[-n_new:], here.surprise[-n_new:], atol=1e-5)
    for back in range(1, n_new + 1):
        found, known = trace.instead_of(len(trace) - back), here.instead_of(len(here) - back)
        assert found is not None
        assert known is not None
        names = [engine.vocabulary.name(int(one)) for one in found.ids]
        likely = {own.vocabulary.name(int(one)): float(p) for one, p in zip(known.ids, known.raw, strict=True)}
        for name, share in zip(names, found.raw, strict=True):
            if "\ufffd" not in name and share > 1e-6:
                assert likely[name] == pytest.approx(share, rel=1e-4)


@pytest.mark.parametrize("echo", ["told", "refused", ""])
def test_a_prompt_that_the_server_repeats_has_its_surprise(own, echo):
    here = trace_of(list(whole_frames(own.generate(PARAMS)))[-1])
    with serving(OwnModel(own, echo=echo)) as served:
        engine = engine_of(served.address)
        frames = written(engine)
        branch = written(engine, start=frames[-1].state, params=replace(PARAMS, length=PARAMS.length + 2))
        echoes = [one.body.get("echo", False) for one in served.asked]
    trace, n_prompt = TextTrace(frames[-1].state), len(here.prompt)
    assert "".join(frames[-1].views["text"].pieces) == "".join(own.vocabulary.texts(here.ids.tolist()))
    assert echoes == [True, *([False] if echo == "refused" else []), False]  # what was written is known already
    assert len(branch[-1].state["ids"]) == len(trace) + 2
    if echo != "told":
        assert len(frames) == PARAMS.length + 1
        assert (trace.surprise[: len(trace.prompt)] == -1).all()
        return
    assert len(frames) == PARAMS.length + 2
    assert len(trace.prompt) == n_prompt + 1  # the opening
    np.testing.assert_allclose(trace.surprise[2 : n_prompt + 1], here.surprise[1:n_prompt], atol=1e-5)
    assert (trace.roll[: n_prompt + 1] == -1).all()
    assert trace.instead_of(1) is None
    assert trace.instead_of(2) is not None
    again = engine_of(served.address).vocabulary
    again.learn(frames[-1].state)
    assert "".join(again.texts(trace.ids.tolist())) == "".join(frames[-1].views["text"].pieces)


def told(text: str, value: float | None) -> ServedToken:
    return ServedToken(text.encode(), value)


def test_a_model_that_repeats_a_persons_words_has_written_them():
    """Its first word has a probability, as no first word of a text has; or nothing has any."""
    for first, after in ((-1.0, -2.0), (None, None)):
        echo, tokens = PromptEcho("Ha ha"), (told("Ha", first), told(" ha", -0.1), told("!", after))
        found: tuple[ServedToken, ...] = ()
        for token in tokens:
            echoed, more = echo.taken((token,))
            assert not echoed
            found += more
        assert found + echo.rest() == tokens


def test_a_repeated_prompt_ends_in_the_midst_of_an_event():
    echo, tokens = PromptEcho("Ha ha"), (told("Ha", None), told(" ha", -0.1), told("!", -2.0))
    assert echo.taken(tokens) == (tokens[:2], tokens[2:])
    assert echo.taken(tokens) == ((), tokens)
    assert PromptEcho("Ha ho").taken(tokens) == ((), tokens)
    cut = PromptEcho("Ha ha ha")
    assert cut.taken(tokens[:2]) == ((), ())
    assert cut.rest() == tokens[:2]


WHOLE = (
    b"".join(
        b"data: "
        + json.dumps({"choices": [{"text": text, "logprobs": {"tokens": [text], "token_logprobs": [-1]}}]}).encode()
        + b"\r\n\n"
        for text in ("Eins", " zw\u00f6lf", " \u5b57\U0001f600")
    )
    + b"data: [DONE]\n\n"
)


def heard(data: bytes) -> list[bytes]:
    """The tokens in a stream of events, or those before its first fault."""
    stream, reader, found = io.BytesIO(data), AnswerReader(), []
    with contextlib.suppress(UserError):
        for one in events(stream.readline):
            found += [token.piece for token in reader.part(one).tokens]
    return found


def test_a_stream_that_is_cut_anywhere_gives_what_was_whole():
    whole = heard(WHOLE)
    assert len(whole) == 3
    for end in range(len(WHOLE)):
        found = heard(WHOLE[:end])
        assert found == whole[: len(found)]
        assert len(found) >= WHOLE[:end].count(b"\n\n") - 1


@pytest.mark.parametrize(
    "value",
    ["[" * 100_000, '{"choices": ' * 50_000, '"' + "x" * (1 << 20), "1" * 5000, '{"choices": [{"text": 1e999}]}'],
)
def test_an_event_that_is_too_deep_or_too_long_is_a_sentence(value):
    with pytest.raises(UserError):
        AnswerReader().part(next(iter(events(io.BytesIO(f"data: {value}\n\n".encode()).readline))))


@given(st.data())
def test_broken_bytes_of_a_sound_stream_break_nothing(data):
    broken = bytearray(WHOLE)
    for _ in range(data.draw(st.integers(1, 6))):
        broken[data.draw(st.integers(0, len(WHOLE) - 1))] = data.draw(st.integers(0, 255))
    heard(bytes(broken))


def test_a_branch_goes_on_from_the_forced_word_and_knows_what_it_had(own):
    with serving(OwnModel(own)) as served:
        engine = engine_of(served.address)
        frame = written(engine)[-1]
        place = len(frame.state["ids"]) - 4
        trace = TextTrace(frame.state)
        found = trace.instead_of(place)
        assert found is not None
        other = next(int(one) for one in found.ids if one != trace.ids[place])
        branch = written(engine, start=state_with(frame.state, place, other))
        sent = served.asked[-1].body["prompt"]
    told = TextTrace(branch[0].state)
    at = int(np.flatnonzero(found.ids == other)[0])
    assert told.surprise[place] == pytest.approx(-found.log_probabilities[at] / math.log(2), rel=1e-5)
    assert told.roll[place] == -1
    assert sent == "".join(engine.vocabulary.texts(told.ids.tolist()))
    assert len(branch[-1].state["ids"]) == len(frame.state["ids"])


def test_a_recording_and_a_saved_text_need_no_server(own):
    with serving(OwnModel(own)) as served:
        frame = written(engine_of(served.address))[-1]
    text = "".join(frame.views["text"].pieces)
    other = engine_of(served.address)  # which has heard nothing, of a server that is gone
    again = written(other, replace(PARAMS, length=0), frame.state)[0]
    assert "".join(again.views["text"].pieces) == text
    saved = start_from_json(json.loads(json.dumps(text_to_json(TextTrace(frame.state)))))
    kept = written(engine_of(served.address), replace(PARAMS, length=0), saved)[0]
    assert "".join(kept.views["text"].pieces) == text


def test_a_server_that_only_chats_says_so_and_one_without_logprobs_too(own):
    with serving(OwnModel(own, has_completions=False, has_logprobs=False)) as served:
        trace = TextTrace(written(engine_of(served.address))[-1].state)
        asked = [(one.path, one.body.get("top_logprobs")) for one in served.asked]
    assert trace.told == Told.AS_QUESTION | Told.NOTHING
    assert (trace.surprise == -1).all()
    assert [path for path, _ in asked] == ["/v1/completions"] * 0 + [path for path, _ in asked]
    assert asked[-1] == ("/v1/chat/completions", None)


def test_fewer_alternatives_are_taken_where_a_server_tells_no_more(own):
    with serving(OwnModel(own, most=5)) as served:
        engine = engine_of(served.address)
        written(engine)
        n_asked = len(served.asked)
        trace = TextTrace(written(engine)[-1].state)
        assert len(served.asked) == n_asked + 1  # it is remembered
    found = trace.instead_of(len(trace) - 1)
    assert found is not None
    assert len(found.ids) == 5


def test_nothing_is_sent_for_an_empty_text_or_without_a_wish(own):
    with serving(OwnModel(own)) as served:
        engine = engine_of(served.address)
        assert len(written(engine, replace(PARAMS, prompt=" "))) == 1
        assert len(written(engine, replace(PARAMS, length=0))) == 1
        assert not served.asked


def answer(body: bytes, status: int = 200, kind: str = "application/json", **headers: str) -> Any:
    return lambda handler, _: send(handler, status, body, kind, **headers)


REFUSALS = {
    "401": (answer(b'{"error": {"message": "no"}}', 401), "asks for a key"),
    "404": (answer(b"", 404), "no such interface"),
    "429": (answer(b"", 429), "too many requests"),
    "500": (answer(b"", 500), "failed"),
    "a page": (answer(b"<html><b>hi</b></html>", kind="text/html"), "cannot be read"),
    "no object": (answer(b"[1]"), "cannot be read"),
    "no JSON": (answer(b"{"), "cannot be read"),
    "no choices": (answer(b'{"choices": 3}'), "cannot be read"),
    "deep": (answer(b"[" * 100_000), "cannot be read"),
    "its own error": (answer(b'{"error": {"message": "<b>out\\nof memory</b>"}}'), "out"),
    "elsewhere": (answer(b"", 307, Location=f"http{TO}127.0.0.2:9/v1/x"), "another place"),
    "elsewhere for good": (answer(b"", 301, Location="/v1/other"), "another place"),
}


@pytest.mark.parametrize("name", REFUSALS)
def test_what_goes_wrong_is_one_sentence(name):
    reply, words = REFUSALS[name]
    with serving(reply) as served, pytest.raises(UserError, match=words) as caught:
        written(engine_of(served.address))
    assert "\n" not in str(caught.value)


def part(text: str, **more: Any) -> dict[str, Any]:
    return {"choices": [{"text": text, **more}]}


def test_a_server_that_dies_in_the_midst_leaves_what_it_wrote():
    def dies(handler, _):
        begin_events(handler)
        event(handler, part("One"))
        event(handler, part(" two"))

    frames: list[Any] = []
    with serving(dies) as served, pytest.raises(UserError, match="broke off"):
        frames.extend(engine_of(served.address).generate(PARAMS))
    assert len(frames) == 3


def test_a_stream_without_done_is_whole_if_it_says_why_it_ended():
    def ends(handler, _):
        begin_events(handler)
        event(handler, part("One", finish_reason="stop"))
        chunk(handler, b"")

    with serving(ends) as served:
        frame = written(engine_of(served.address))[-1]
    assert frame.views["text"].pieces[-2:] == ("One", "")


@pytest.mark.parametrize("first", [b"", b"data: {"])
def test_a_server_that_stalls_is_given_up(first):
    may_end = threading.Event()

    def stalls(handler, _):
        begin_events(handler)
        if first:
            chunk(handler, first)
        may_end.wait(20)

    with serving(stalls) as served:
        try:
            with pytest.raises(UserError, match="nothing for too long"):
                written(engine_of(served.address, QUICK))
        finally:
            may_end.set()


def test_to_stop_closes_the_connection_at_once_and_others_have_their_turn():
    gone = threading.Event()

    def waits(handler, _):
        begin_events(handler)
        event(handler, part("One"))
        handler.connection.settimeout(20)
        if handler.connection.recv(1) == b"":
            gone.set()

    with serving(waits) as served:
        steps: Any = engine_of(served.address, Patience()).generate_with_pauses(PARAMS)
        while (frame := next(steps)) is None or "text" not in frame.changes:
            pass
        assert next(steps) is None
        steps.close()
        assert gone.wait(20)


def test_a_server_that_is_busy_is_asked_again():
    tries = []

    def busy(handler, _):
        tries.append(1)
        if len(tries) < 3:
            send(handler, 503, b"")
            return
        begin_events(handler)
        event(handler, part("One", finish_reason="stop"))
        end_events(handler)

    with serving(busy) as served:
        assert "One" in written(engine_of(served.address))[-1].views["text"].pieces


def test_nobody_there_is_said():
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        with pytest.raises(UserError, match="No server answers"):
            written(engine_of(f"127.0.0.1:{free.getsockname()[1]}"))


LIES = {
    "above one": {"tokens": ["One"], "token_logprobs": [0.5], "top_logprobs": [{"One": -1}]},
    "no number": {"tokens": ["One"], "token_logprobs": ["x"], "top_logprobs": [{"One": -1}]},
    "not a number": {"tokens": ["One"], "token_logprobs": [float("nan")], "top_logprobs": [{"One": -1}]},
    "more than all": {"tokens": ["One"], "token_logprobs": [-1], "top_logprobs": [{"a": -0.1, "b": -0.1}]},
    "other lengths": {"tokens": ["One"], "token_logprobs": [-1, -2], "top_logprobs": []},
    "another text": {"tokens": ["O", "x"], "token_logprobs": [-1, -1], "top_logprobs": [{}, {}]},
}


@pytest.mark.parametrize("name", LIES)
def test_what_cannot_be_true_is_left_out_and_said(name):
    def lies(handler, _):
        begin_events(handler)
        event(handler, part("One", logprobs=LIES[name], finish_reason="stop"))
        end_events(handler)

    with serving(lies) as served:
        trace = TextTrace(written(engine_of(served.address))[-1].state)
    assert trace.told is not None
    assert Told.DOUBTFUL in trace.told


def test_tokens_of_a_megabyte_and_endless_lines_are_bounded():
    def long(handler, _):
        begin_events(handler)
        event(handler, part("x" * 900_000))
        event(handler, part("x" * 1_200_000))
        end_events(handler)

    with serving(long) as served, pytest.raises(UserError, match="far more"):
        written(engine_of(served.address), replace(PARAMS, length=4000))


def test_no_more_tokens_are_taken_than_were_asked_for():
    def many(handler, _):
        begin_events(handler)
        for _ in range(1000):
            event(handler, part(" a"))

    with serving(many) as served:
        frames = written(engine_of(served.address))
    assert len(frames) == PARAMS.length + 1


def test_broken_letters_are_shown_as_such():
    def broken(handler, _):
        begin_events(handler)
        chunk(handler, b'data: {"choices": [{"text": "a\xff", "finish_reason": "stop"}]}\n\n')
        end_events(handler)

    with serving(broken) as served:
        assert "a\ufffd" in written(engine_of(served.address))[-1].views["text"].pieces


def test_the_key_goes_to_the_server_and_nowhere_else(own, monkeypatch):
    monkeypatch.setenv("SOME_KEY", f" {KEY}\n")
    with serving(OwnModel(own, key=KEY)) as served:
        engine = engine_of(served.address, key_from="SOME_KEY")
        frame = written(engine)[-1]
        assert KEY not in repr(frame) + repr(vars(engine))
        monkeypatch.setenv("SOME_KEY", KEY[:-1])
        with pytest.raises(UserError, match="does not accept the key") as caught:
            written(engine)
        assert KEY[:-1] not in str(caught.value)
        monkeypatch.delenv("SOME_KEY")
        with pytest.raises(UserError, match="SOME_KEY"):
            written(engine)
    card = ServerConnector().card(contact({"address": served.address, "key_from": "SOME_KEY"}), "m", "m")
    assert KEY not in json.dumps(card)


@pytest.mark.parametrize("key", ["", "a b", "a\nb", "ä", "x" * 5000])
def test_a_key_that_is_none_is_refused_without_being_said(key):
    with pytest.raises(UserError) as caught:
        checked_key(key)
    assert not key or key not in str(caught.value)


def test_models_are_listed(own):
    with serving(OwnModel(own)) as served:
        place = contact({"address": served.address})
        assert result_of(ServerConnector().models_at(place)) == ["shakespeare"]


def test_a_conversation_is_one_text_and_back():
    said = (Message("system", "Be brief."), Message("user", "Why?"))
    text = written_down(said)
    assert messages_in(text) == [{"role": one.role, "content": one.content} for one in said]
    assert messages_in(text + "Because")[-1] == {"role": "assistant", "content": "Because"}


@pytest.mark.parametrize(
    ("text", "found"),
    [
        ("localhost:8080", f"http{TO}localhost:8080/v1"),
        (f"https{TO}api.some.example/v1/chat/completions", f"https{TO}api.some.example/v1"),
        ("Some.Example", f"https{TO}some.example/v1"),
        ("192.168.0.7:1234/api/v1/", f"http{TO}192.168.0.7:1234/api/v1"),
        ("[::1]:8000", f"http{TO}[::1]:8000/v1"),
    ],
)
def test_addresses_are_read(text, found):
    assert str(read_address(text)) == found


@pytest.mark.parametrize(
    "text", ["", "ftp://a/v1", "a b", "user:word@host", "host\\@evil", "host:0", "host:99999", "h?x=1", "x" * 999]
)
def test_what_is_no_address_is_refused(text):
    with pytest.raises(UserError):
        read_address(text)


def test_a_person_is_asked_once_a_server_and_again_for_another_key():
    consent, plain = Consent(Settings()), contact({"address": "some.example"})
    with_key = contact({"address": "some.example/other", "key_from": "SOME_KEY"})
    consent.let_reach(plain)
    assert consent.may_reach(contact({"address": f"https{TO}some.example/v2"}))
    assert not consent.may_reach(with_key)
    assert not consent.may_reach(contact({"address": f"http{TO}some.example"}))
    assert SERVERS_ALLOWED.default == []


@given(st.lists(st.binary(max_size=60) | st.sampled_from([b"data: {}\n", b"\n", b"data: [DONE]\n", b":\n"])))
def test_no_stream_breaks_the_reader(lines):
    source = iter(lines)
    reader = AnswerReader()
    try:
        for one in events(lambda _: next(source, b"")):
            reader.part(one)
    except UserError:
        pass


JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=5) | st.integers(),
    lambda inner: (
        st.lists(inner, max_size=4)
        | st.dictionaries(st.sampled_from(["token", "logprob", "top_logprobs", "bytes", "content", "tokens"]), inner)
    ),
    max_leaves=12,
)


@given(JSON, JSON, st.text(max_size=6))
def test_no_log_probabilities_break_the_reader(logprobs, delta, text):
    reader = AnswerReader()
    for choice in ({"text": text, "logprobs": logprobs}, {"delta": delta, "logprobs": {"content": logprobs}}):
        try:
            for token in reader.part({"choices": [choice]}).tokens:
                assert token.log_probability is None or -100 <= token.log_probability <= 0
                assert len(token.piece) <= 4096
        except UserError:
            pass


def test_a_connection_says_nothing_of_its_key():
    assert KEY not in repr(ServerConnection(read_address("some.example"), KEY))
    assert not Path(KEY).exists()
