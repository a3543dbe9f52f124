"""Turns the rows of several `bench --json` in turn into the table of docs/figures.md.

    python -m tests.bench.table ROWS.json ROWS.json …

A figure is within its budget by its median, and is judged only where there are five of it.
"""

import json
import sys
from pathlib import Path
from typing import Any

from tests.bench.suite import median_rows

HEADER = "| figure | measured | budget | | against | circumstances |\n|---|---|---|---|---|---|"
VERDICTS = {True: "within", False: "**missed**", None: ""}


def table(rows: list[dict[str, Any]]) -> str:
    """A Markdown table, one line a row."""
    return "\n".join([HEADER, *(_line(row) for row in rows)])


def _line(row: dict[str, Any]) -> str:
    value = "not measured" if row["value"] is None else f"{row['value']:.4g} {row['unit']}"
    budget = "" if row["budget"] is None else f"{row['budget']:g} {row['unit']}"
    cells = (
        f"`{row['name']}`",
        value,
        budget,
        VERDICTS[row["within"]],
        row["peer"] or "",
        row["note"].replace("\n", "<br>"),
    )
    return f"| {' | '.join(cells)} |"


if __name__ == "__main__":
    print(table(median_rows([json.loads(Path(name).read_text("utf-8")) for name in sys.argv[1:]])))
