"""Writes a conversation the way a model learnt to read it, by the template that it brings along.

A template is a small program in Jinja's language by a stranger. It runs in a process of its own, in Jinja's sandbox,
with bounds on time, memory and what it may write; it sees the messages and the names of special tokens, nothing else.
"""

import json
import subprocess
import sys
from collections.abc import Mapping, Sequence
from dataclasses import asdict, dataclass
from typing import Any, Final, Literal, TypeAlias

from studio.core.child import child_command, child_environment
from studio.core.container.source import printable
from studio.core.error import UserError
from studio.core.translation import N_

Role: TypeAlias = Literal["system", "user", "assistant"]
MAX_TEMPLATE: Final = 256_000
MAX_OUTPUT: Final = 2_000_000
LIMIT_S: Final = 10.0
"""Most of it is what a busy computer takes to start a process."""
_MAX_MEMORY_BYTES: Final = 512 << 20
_MAX_CPU_S: Final = 2
_TROUBLES: Final = {
    "refused": N_("The chat template says: “{detail}”."),
    "broken": N_("The chat template of this model cannot be used: “{detail}”."),
    "long": N_("The chat template of this model never stops writing."),
}


@dataclass(frozen=True)
class Message:
    """Something that was said, and by whom."""

    role: Role
    content: str


@dataclass(frozen=True)
class ChatTemplate:
    """The template of a model.

    Attributes:
        source: in Jinja's language.
        tokens: the names of special tokens by their role ("bos_token"), which the template writes.
    """

    source: str
    tokens: Mapping[str, str]

    def prompt(self, messages: Sequence[Message], limit_s: float = LIMIT_S) -> str:
        """The text of a conversation up to where the model's answer begins.

        Raises:
            UserError: the template is broken, refuses the messages, or exceeds the bounds.
        """
        if len(self.source) > MAX_TEMPLATE:
            raise UserError(_TROUBLES["long"])
        wish = {
            "source": self.source,
            "tokens": dict(self.tokens),
            "messages": [asdict(one) for one in messages],
        }
        answer = _asked(json.dumps(wish), limit_s)
        if "text" in answer:
            return str(answer["text"])
        trouble = _TROUBLES.get(str(answer.get("trouble")), _TROUBLES["broken"])
        raise UserError(
            trouble.format(detail=printable(str(answer.get("detail", "")))), N_("Write plain text instead.")
        )


def _asked(wish: str, limit_s: float) -> dict[str, Any]:
    """What the other process answers."""
    try:
        done = subprocess.run(
            child_command(f"{__name__}:render_wish"),
            input=wish.encode(),
            env=child_environment(),
            stdout=subprocess.PIPE,
            stderr=subprocess.DEVNULL,
            timeout=limit_s,
            check=False,
        )
    except subprocess.TimeoutExpired:
        return {"trouble": "long"}
    try:
        answer = json.loads(done.stdout)
    except ValueError:
        return {"trouble": "long"}  # ended by the system, for its memory or its time
    return answer if isinstance(answer, dict) else {}


def render_wish() -> None:
    """What the other process does: read a wish from its input, answer with the text or with what is the matter."""
    _bound_process()
    wish = json.loads(sys.stdin.buffer.read())
    try:
        text = _rendered(wish["source"], wish["tokens"], wish["messages"])
        answer = {"text": text} if len(text) <= MAX_OUTPUT else {"trouble": "long"}
    except _RefusalError as error:
        answer = {"trouble": "refused", "detail": str(error)}
    except (MemoryError, RecursionError, OverflowError):
        answer = {"trouble": "long"}
    except Exception as error:  # whatever a stranger's template runs into
        answer = {"trouble": "broken", "detail": str(error)}
    sys.stdout.buffer.write(json.dumps(answer).encode())


class _RefusalError(Exception):
    """The template does not take these messages."""


def _bound_process() -> None:
    try:
        import resource
    except ImportError:  # Windows: the time is all that is bounded there
        return
    resource.setrlimit(resource.RLIMIT_AS, (_MAX_MEMORY_BYTES, _MAX_MEMORY_BYTES))
    resource.setrlimit(resource.RLIMIT_CPU, (_MAX_CPU_S, _MAX_CPU_S))


def _rendered(source: str, tokens: dict[str, str], messages: list[dict[str, str]]) -> str:
    """The same settings as those of the `transformers` library, for which templates are written."""
    import jinja2
    from jinja2.ext import loopcontrols
    from jinja2.sandbox import ImmutableSandboxedEnvironment

    class Sandbox(ImmutableSandboxedEnvironment):
        """Powers and repetitions of text could make huge values at once."""

        intercepted_binops = frozenset(("**", "*"))

        def call_binop(self, context: Any, operator: str, left: Any, right: Any) -> Any:
            if operator == "**" or not all(isinstance(one, int | float) for one in (left, right)):
                raise jinja2.exceptions.SecurityError(N_("it multiplies something that is not a number"))
            return super().call_binop(context, operator, left, right)

    environment = Sandbox(trim_blocks=True, lstrip_blocks=True, extensions=[loopcontrols, _generation_tag()])
    environment.filters["tojson"] = _to_json
    environment.globals["raise_exception"] = _refuse
    environment.globals["strftime_now"] = _date
    template = environment.from_string(source)
    return template.render(messages=messages, add_generation_prompt=True, tools=None, documents=None, **tokens)


def _generation_tag() -> Any:
    """Templates mark what the model is to say with a tag of its own; it writes what is in it."""
    from jinja2.ext import Extension

    class Generation(Extension):
        """The tag "generation"."""

        tags = {"generation"}  # noqa: RUF012 - as the base class has it

        def parse(self, parser: Any) -> Any:
            next(parser.stream)
            return parser.parse_statements(("name:endgeneration",), drop_needle=True)

    return Generation


def _to_json(value: Any, indent: int | None = None, **_: Any) -> str:
    return json.dumps(value, ensure_ascii=False, indent=indent)


def _refuse(message: str) -> str:
    raise _RefusalError(message)


def _date(pattern: str) -> str:
    """Today; a template may write the date into the system's message."""
    import datetime as dt

    return dt.datetime.now().astimezone().strftime(pattern[:60])
