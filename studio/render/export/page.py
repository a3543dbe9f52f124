"""Writes a text as one HTML file that replays without the program: chips, a slider, a play button."""

import html
import json
from pathlib import Path
from string import Template
from typing import Final

from studio.core.atomic import atomic_write
from studio.core.container.metadata import xml_text
from studio.core.recording.clip import Clip
from studio.core.text.token import EXPECTED_BITS, MOST_BITS, SURPRISING_BITS
from studio.render.export.option import Export, ExportOptions
from studio.render.export.token_row import plain_rows, reading_rows

_PAGE: Final = Template("""<!DOCTYPE html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width">
<title>$title</title>
<style>
body { margin: 0; background: #101216; color: #e6e9ef; font: 15px/1.5 Inter, system-ui, sans-serif; }
main { max-width: 52rem; margin: 2rem auto; padding: 0 1rem; }
#text { font: 19px/2 "JetBrains Mono", ui-monospace, monospace; white-space: pre-wrap; min-height: 12rem; }
#text span { border-radius: 3px; padding: .3em 0; cursor: default; }
#text span.later { visibility: hidden; }
#text span.here { outline: 2px solid #60a5fa; }
#bar { display: flex; gap: 1rem; align-items: center; margin: 1rem 0; }
#bar input { flex: 1; }
button { background: #60a5fa; color: #07182e; border: 0; border-radius: 6px; padding: .4rem 1rem; font: inherit; }
table { border-spacing: .5rem .15rem; }
td.bar { width: 16rem; } td.bar div { background: #60a5fa; height: .7rem; border-radius: 3px; min-width: 2px; }
footer, #about { color: #8f98a8; }
</style>
</head>
<body>
<div hidden>$made_from</div>
<main>
<div id="text"></div>
<div id="bar"><button id="play">Play</button><input id="at" type="range" min="1" value="1" aria-label="Token"></div>
<p id="about"></p>
<table id="instead"></table>
<footer>$footer</footer>
</main>
<script type="application/json" id="tokens">$data</script>
<script>
const tokens = JSON.parse(document.getElementById("tokens").textContent);
const text = document.getElementById("text"), at = document.getElementById("at");
const spans = tokens.map((token, index) => {
  const span = document.createElement("span"), bits = token.surprise_bits;
  span.textContent = token.text;
  if (bits !== null && bits < $expected) {
    span.style.background = "rgba(96,165,250," + .16 * (1 - bits / $expected) + ")";
  }
  if (bits !== null && bits > $surprising) {
    const strength = Math.min((bits - $surprising) / ($most - $surprising), 1);
    span.style.background = "rgba(251,113,133," + .62 * strength + ")";
  }
  span.onclick = () => show(index + 1);
  span.onmouseenter = () => tell(index);
  text.append(span);
  return span;
});
at.max = spans.length;
function percent(share) { return (100 * share).toPrecision(3) + " %"; }
function tell(index) {
  const token = tokens[index], bits = token.surprise_bits, rows = document.getElementById("instead");
  const said = bits === null ? "stands first" :
    percent(Math.pow(2, -bits)) + " likely, " + bits.toFixed(1) + " bits of surprise";
  document.getElementById("about").textContent = "“" + token.text.trim() + "”: " + said;
  rows.replaceChildren(...token.instead.map(([word, share]) => {
    const row = document.createElement("tr"), bar = document.createElement("div");
    const cells = [word.trim() || (word.includes("\\n") ? "↵" : "␣"), "", percent(share)].map(words => {
      const cell = document.createElement("td");
      cell.textContent = words;
      return cell;
    });
    bar.style.width = 100 * share / token.instead[0][1] + "%";
    cells[1].className = "bar";
    cells[1].append(bar);
    row.append(...cells);
    return row;
  }));
}
function show(n) {
  at.value = n;
  spans.forEach((span, index) => {
    span.className = index >= n ? "later" : index === n - 1 ? "here" : "";
  });
  tell(n - 1);
}
let timer = null;
function stop() { clearInterval(timer); timer = null; document.getElementById("play").textContent = "Play"; }
document.getElementById("play").onclick = () => {
  if (timer) { stop(); return; }
  if (+at.value >= spans.length) show(1);
  document.getElementById("play").textContent = "Pause";
  timer = setInterval(() => { if (+at.value >= spans.length) stop(); else show(+at.value + 1); }, 120);
};
at.oninput = () => show(+at.value);
show(spans.length);
</script>
</body>
</html>
""")


def write_page(clip: Clip, path: Path, options: ExportOptions) -> Export:
    """Write the text at the end of the range as a page that loads nothing; it names the model and its settings."""
    rows = yield from reading_rows(clip, options)
    text = "".join(row.piece for row in rows)
    data = json.dumps(plain_rows(rows), ensure_ascii=False)
    page = _PAGE.substitute(
        title=html.escape(text.strip()[:60] or clip.info.model_id),
        made_from=xml_text(clip.made_from()),
        footer=html.escape(f"{clip.info.model_id} · seed {clip.info.seed} · Manifold Studio"),
        data=data.replace("<", "\\u003c"),
        expected=EXPECTED_BITS,
        surprising=SURPRISING_BITS,
        most=MOST_BITS,
    )
    atomic_write(path, page.encode())
    return path
