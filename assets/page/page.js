"use strict";
// A page is a stage with a number of places: pictures, the tokens of a text, or the seconds of a sound.
const byId = id => document.getElementById(id), parse = id => JSON.parse(byId(id).textContent);
const about = parse("about"), words = about.words, sound = parse("sound");
const at = byId("at"), play = byId("play"), caption = byId("caption"), hint = byId("hint");
const clamp = (n, low, high) => Math.min(Math.max(n, low), high);
const accent = () => getComputedStyle(play).backgroundColor;
const make = (name, parent, more) => parent.appendChild(Object.assign(document.createElement(name), more));

let index = 0, playing = 0, audio = null;
function show(to) {
  at.value = index = to;
  caption.textContent = stage.show(to);
  at.setAttribute("aria-valuetext", caption.textContent);
}
function stop() {
  cancelAnimationFrame(playing);
  playing = 0;
  if (stage.isSound) audio.pause();
  play.textContent = words.play;
}
function start() {
  play.textContent = words.pause;
  stage.start(index);
  const began = performance.now();
  const turn = now => {
    const to = stage.at(Math.max(0, now - began) / 1000);
    if (to === null) return stop();
    if (to !== index) show(to);
    playing = requestAnimationFrame(turn);
  };
  playing = requestAnimationFrame(turn);
}
const move = to => { stop(); show(to); };

const ring = (n, wave) => Math.round((n - 1) / 2 * (1 + .8 * wave));  // round and round the middle of a grid
function clock(n, fps, isLooped) {  // where one is after some seconds, null behind the end
  let from = 0;
  return {
    start(number) { from = !isLooped && number === n - 1 ? 0 : number; },
    at(seconds) {
      const number = from + Math.floor(seconds * fps);
      return number < n ? number : isLooped ? number % n : null;
    },
  };
}

function film(frames) {  // pictures in time, or in space where they have columns
  const n = frames.length, columns = about.columns || n, rows = n / columns, isGrid = rows > 1;
  const canvas = make("canvas", byId("stage"), { id: "picture", width: about.width, height: about.height }), images = new Map();
  canvas.setAttribute("role", "img");
  byId("stage").className = isGrid ? "grid" : "";
  function image(number) {
    if (!images.has(number)) {
      const one = new Image();
      one.onload = () => { if (number === index) draw(one); if (map) drawCell(number); };
      one.src = "data:image/webp;base64," + frames[number][1];
      images.set(number, one);
    }
    return images.get(number);
  }
  const draw = one => canvas.getContext("2d").drawImage(one, 0, 0, canvas.width, canvas.height);
  function beside(number, across, down) {
    if (!isGrid) return about.is_looped ? ((number + across) % n + n) % n : clamp(number + across, 0, n - 1);
    const to = number % columns + across;
    const column = about.is_round ? (to % columns + columns) % columns : clamp(to, 0, columns - 1);
    return clamp(Math.floor(number / columns) + down, 0, rows - 1) * columns + column;
  }
  const cell = 24, map = isGrid && make("canvas", byId("stage"), { id: "map", width: columns * cell, height: rows * cell });
  function drawCell(number) {
    const x = number % columns * cell, y = Math.floor(number / columns) * cell, pen = map.getContext("2d");
    const one = image(number);
    if (one.complete) pen.drawImage(one, x, y, cell, cell);
    if (number === index) {
      Object.assign(pen, { strokeStyle: accent(), lineWidth: 4 }).strokeRect(x + 2, y + 2, cell - 4, cell - 4);
    }
  }
  if (map) {
    map.setAttribute("aria-hidden", "true");
    frames.forEach((frame, number) => image(number));
    const go = event => {
      const box = map.getBoundingClientRect();
      const column = Math.floor((event.clientX - box.left) / box.width * columns);
      const row = Math.floor((event.clientY - box.top) / box.height * rows);
      move(clamp(row, 0, rows - 1) * columns + clamp(column, 0, columns - 1));
    };
    map.onpointerdown = event => { map.setPointerCapture(event.pointerId); go(event); };
    map.onpointermove = event => { if (map.hasPointerCapture(event.pointerId)) go(event); };
  }
  onDrag(canvas, (start, across, down) => move(beside(start, Math.round(across * columns), Math.round(down * rows))));
  let shown = 0;  // before
  return {
    n, beside, isGrid, canvas, first: isGrid ? Math.floor(rows / 2) * columns + Math.floor(columns / 2) : sound ? n - 1 : 0,
    hint: isGrid ? words.drag_grid : n > 1 ? words.drag : "",
    show(number) {
      const one = image(number);
      if (one.complete) draw(one);
      if (!isGrid) for (let ahead = 1; ahead < 5; ahead++) image(beside(number, ahead, 0));
      if (map) { drawCell(shown); drawCell(number); }
      shown = number;
      canvas.setAttribute("aria-label", about.title + ", " + frames[number][0]);
      return frames[number][0];
    },
    ...isGrid ? { start() {}, at: seconds => ring(rows, Math.sin(seconds / 1.5)) * columns + ring(columns, Math.cos(seconds / 1.5)) }
      : clock(n, about.fps, about.is_looped),
  };
}

function wave(frames) {  // one picture of a sound: a drag on it, and the slider, are its time
  const seen = film(frames), n = 1000;
  onDrag(seen.canvas, (start, across) => { move(clamp(start + Math.round(across * n), 0, n)); seek(); });
  const seek = () => { audio.currentTime = index / n * (audio.duration || 0); };
  audio.onloadedmetadata = () => show(0);
  at.addEventListener("input", seek);
  return {
    ...seen, n: n + 1, isSound: true, hint: words.drag, first: 0,
    beside: (number, across) => clamp(number + 10 * across, 0, n),
    show(number) {
      seen.show(0);
      const pen = seen.canvas.getContext("2d");
      Object.assign(pen, { fillStyle: accent() }).fillRect(number / n * seen.canvas.width - 1, 0, 3, seen.canvas.height);
      return (number / n * (audio.duration || 0)).toFixed(2) + " s";
    },
    start() { seek(); audio.play(); },
    at: () => audio.ended ? null : Math.round(audio.currentTime / audio.duration * n) || 0,
  };
}

function reading(tokens) {  // a text, token by token
  const text = make("div", byId("stage"), { id: "text" }), rows = byId("instead");
  const percent = share => (100 * share).toPrecision(3) + " %";
  const spans = tokens.map((token, number) => {
    const span = make("span", text, { textContent: token.text }), bits = token.surprise_bits;
    if (bits !== null && bits < about.expected) span.style.background = "rgba(96,165,250," + .16 * (1 - bits / about.expected) + ")";
    const strength = Math.min((bits - about.surprising) / (about.most - about.surprising), 1);
    if (strength > 0) span.style.background = "rgba(251,113,133," + .62 * strength + ")";
    return Object.assign(span, { onclick: () => move(number), onmouseenter: () => { caption.textContent = tell(number); } });
  });
  function tell(number) {
    const token = tokens[number], bits = token.surprise_bits;
    rows.replaceChildren(...token.instead.map(([word, share]) => {
      const row = document.createElement("tr");
      const shown = [word.trim() || (word.includes("\n") ? "↵" : "␣"), "", percent(share)];
      const cells = shown.map(said => make("td", row, { textContent: said }));
      cells[1].className = "bar";
      make("div", cells[1]).style.width = 100 * share / token.instead[0][1] + "%";
      return row;
    }));
    const said = bits === null ? words.first : words.likely.replace("{share}", percent(Math.pow(2, -bits))).replace("{bits}", bits.toFixed(1));
    return "“" + token.text.trim() + "”: " + said;
  }
  const n = spans.length;
  return {
    n, hint: words.click, first: n - 1,
    beside: (number, across) => clamp(number + across, 0, n - 1),
    show(number) {
      spans.forEach((span, place) => { span.className = place > number ? "later" : place === number ? "here" : ""; });
      return tell(number);
    },
    ...clock(n, 8, false),
  };
}

function onDrag(canvas, moved) {  // tells how far a pointer went, as shares of the picture
  let held = null;
  canvas.onpointerdown = event => {
    canvas.setPointerCapture(event.pointerId);
    held = [event.clientX, event.clientY, index];
  };
  canvas.onpointermove = event => {
    const box = canvas.getBoundingClientRect();
    if (held) moved(held[2], (event.clientX - held[0]) / box.width, (event.clientY - held[1]) / box.height);
  };
  canvas.onpointerup = canvas.onpointercancel = () => { held = null; };
}

if (sound) {
  audio = make("audio", byId("stage"), { src: sound, controls: true });
  audio.setAttribute("aria-label", words.sound);
}
const data = parse(about.kind), isWave = sound && data.length === 1;
const stage = about.kind === "tokens" ? reading(data) : isWave ? wave(data) : film(data);
if (stage.isSound) audio.controls = false;
else if (audio) byId("stage").append(audio);
Object.assign(at, { max: stage.n - 1 }).setAttribute("aria-label", words.place);
hint.textContent = stage.hint;
at.addEventListener("input", () => move(+at.value));
play.onclick = () => playing ? stop() : start();
document.addEventListener("keydown", event => {
  if (event.ctrlKey || event.altKey || event.metaKey || event.target === audio) return;
  const ways = { ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1], Home: [-stage.n, -stage.n], End: [stage.n, stage.n] };
  const way = ways[event.key];
  if (way && (way[0] || stage.isGrid)) move(stage.beside(index, ...way));
  else if (event.key === " " && event.target !== play) play.onclick();
  else return;
  event.preventDefault();
});
play.textContent = words.play;
show(stage.first || 0);
if (data.length > 1 && !sound && about.kind === "frames" && !matchMedia("(prefers-reduced-motion: reduce)").matches) start();
