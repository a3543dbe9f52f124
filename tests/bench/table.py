"""The table of docs/figures.md: written, read back, and held against what is measured now."""

import json
from collections.abc import Sequence
from pathlib import Path
from typing import Any, Final

Row = dict[str, Any]

ABOUT: Final = """# Measured figures

`main.py bench --repeat 5 --write docs/figures.md` writes this table; rows that it did not measure stay as they were.
Noise is the distance between the quartiles of what was repeated; where it is missing, nothing was.

"""
COLUMNS: Final = ("figure", "value", "unit", "budget", "", "against", "its value", "noise", "date", "machine")
VERDICTS: Final = {True: "within", False: "**missed**", None: ""}
SIGNS: Final = {True: "≥", False: "≤"}


def merged(path: Path, rows: Sequence[Row], date: str, machine: str) -> str:
    """The text of the table with these rows in place of their older selves; one without a value replaces none."""
    found = {row["name"]: row for row in read_rows(path)} if path.exists() else {}
    found |= {row["name"]: {**row, "date": date, "machine": machine} for row in rows if row["value"] is not None}
    return ABOUT + table([found[name] for name in sorted(found)])


def table(rows: Sequence[Row]) -> str:
    """A Markdown table, one line a row."""
    return "".join(map(_line, (COLUMNS, ["---"] * len(COLUMNS), *map(_cells, rows))))


def _line(cells: Sequence[str]) -> str:
    return f"| {' | '.join(cell.replace('|', '/') for cell in cells)} |\n"


def _cells(row: Row) -> tuple[str, ...]:
    budget = "" if row["budget"] is None else f"{SIGNS[row['is_floor']]} {row['budget']:g}"
    value, peer_value, noise = (_text(row[name]) for name in ("value", "peer_value", "noise"))
    start = (f"`{row['name']}`", value, row["unit"], budget, VERDICTS[row["within"]], row["peer"] or "")
    return (*start, peer_value, noise, row["date"], row["machine"])


def _text(number: float | None) -> str:
    """Four figures, and all that stand before the point."""
    return "" if number is None else f"{number:.0f}" if abs(number) >= 1000 else f"{number:.4g}"


def read_rows(path: Path) -> list[Row]:
    """The rows of such a table, or of the JSON that `bench --json` prints; ValueError where the file is neither."""
    text = path.read_text("utf-8")
    if text.lstrip().startswith("["):
        rows = json.loads(text)
        if not all(isinstance(row, dict) and {"name", "value"} <= row.keys() for row in rows):
            raise ValueError("not the rows of benchmarks")
        return rows
    _, found, rest = text.partition(_line(COLUMNS))
    if not found:
        raise ValueError("no table of benchmarks")
    lines = rest.splitlines()[1:]
    return [_row([cell.strip() for cell in line.split("|")[1:-1]]) for line in lines]


def _row(cells: Sequence[str]) -> Row:
    name, value, unit, budget, verdict, peer, peer_value, noise, date, machine = cells
    return {
        "name": name.strip("`"),
        "value": _number(value),
        "unit": unit,
        "budget": _number(budget.lstrip("≥≤ ")),
        "is_floor": budget.startswith("≥"),
        "within": {word: within for within, word in VERDICTS.items()}.get(verdict),
        "peer": peer or None,
        "peer_value": _number(peer_value),
        "noise": _number(noise),
        "date": date,
        "machine": machine,
    }


def _number(text: str) -> float | None:
    return float(text) if text else None


def compared(rows: Sequence[Row], earlier: Sequence[Row]) -> list[str]:
    """What got worse and what got better by more than its noise, the larger of both; then what nobody knows.

    Rows that were measured once on both sides have no noise: a difference is told, and not judged.
    """
    before = {row["name"]: row for row in earlier if row["value"] is not None}
    found: dict[str, list[str]] = {"worse": [], "better": [], "other, and how much it varies is unknown": []}
    for row in rows:
        old = before.get(row["name"])
        if old is None or row["value"] is None or row["value"] == old["value"]:
            continue
        gain = (row["value"] - old["value"]) * (1 if row["is_floor"] else -1)
        noises = [one["noise"] for one in (row, old) if one.get("noise") is not None]
        if noises and abs(gain) <= max(noises):
            continue
        word = ("better" if gain > 0 else "worse") if noises else list(found)[-1]
        noise = f", noise {max(noises):.3g}" if noises else ""
        found[word].append(f"  {row['name']}: {old['value']:.4g} → {row['value']:.4g} {row['unit']}{noise}")
    counted = {word: lines or ["  nothing"] for word, lines in found.items()}
    return [line for word, lines in counted.items() for line in (f"{word}:", *lines)]
