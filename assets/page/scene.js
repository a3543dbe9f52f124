"use strict";
// A scene of Gaussian splats that is walked around: sorted by distance here, drawn as soft ellipses by WebGL 2.
const byId = id => document.getElementById(id), parse = id => JSON.parse(byId(id).textContent);
const about = parse("about"), words = about.words, canvas = byId("scene"), turnButton = byId("turn"), homeButton = byId("home");
const clamp = (n, low, high) => Math.min(Math.max(n, low), high);
const make = name => byId("stage").appendChild(Object.assign(document.createElement("div"), { className: name }));
const cross = (a, b) => [a[1] * b[2] - a[2] * b[1], a[2] * b[0] - a[0] * b[2], a[0] * b[1] - a[1] * b[0]];
const dot = (a, b) => a[0] * b[0] + a[1] * b[1] + a[2] * b[2];
const scaled = (a, n) => a.map(one => one * n), plus = (a, b) => a.map((one, i) => one + b[i]);
const PER_ROW = 128, TEXELS = 4, NEAR = .01, STEEPEST = 1.54, STILL_MS = 150, SLOW_MS = 55, FAST_MS = 22;

const vertexText = `#version 300 es
precision highp float; precision highp int; precision highp sampler2D; precision highp isampler2D;
uniform sampler2D numbers; uniform isampler2D sheen;
uniform mat3 axes; uniform vec3 eye; uniform vec2 middle; uniform float focal, sheenStep, near; uniform int nSheen;
in uint id; out vec2 place; out vec4 colour;
vec4 number(int i) { return texelFetch(numbers, ivec2(int(id) % ${PER_ROW} * ${TEXELS} + i, int(id) / ${PER_ROW}), 0); }
vec3 sheenOf(int i) { return vec3(texelFetch(sheen, ivec2(int(id) % ${PER_ROW} * nSheen + i, int(id) / ${PER_ROW}), 0).rgb) * sheenStep; }
vec3 seen(vec3 base, vec3 d) {
  float x = d.x, y = d.y, z = d.z, xx = x * x, yy = y * y, zz = z * z;
  vec3 sum = base;
  if (nSheen >= 3) sum += .48860251 * (-y * sheenOf(0) + z * sheenOf(1) - x * sheenOf(2));
  if (nSheen >= 8) sum += 1.09254843 * (x * y * sheenOf(3) - y * z * sheenOf(4) - x * z * sheenOf(6))
    + .31539157 * (2. * zz - xx - yy) * sheenOf(5) + .54627422 * (xx - yy) * sheenOf(7);
  if (nSheen >= 15) sum += .59004359 * (-y * (3. * xx - yy) * sheenOf(8) - x * (xx - 3. * yy) * sheenOf(14))
    + 2.89061144 * x * y * z * sheenOf(9) + .37317633 * z * (2. * zz - 3. * xx - 3. * yy) * sheenOf(11)
    - .45704580 * (4. * zz - xx - yy) * (y * sheenOf(10) + x * sheenOf(12)) + 1.44530572 * z * (xx - yy) * sheenOf(13);
  return max(sum, 0.);
}
void main() {
  vec4 first = number(0), second = number(1), third = number(2), fourth = number(3);
  vec3 away = first.xyz - eye, local = away * axes;
  float depth = -local.z, opacity = first.w;
  gl_Position = vec4(0., 0., 2., 1.);
  if (depth < near || opacity * 255. <= 1.) return;
  vec2 at = focal * local.xy / depth, limit = 1.3 * middle * depth / focal, bent = clamp(local.xy, -limit, limit);
  mat3 spread = mat3(second.x, second.y, second.z, second.y, second.w, third.x, second.z, third.x, third.y);
  vec3 right = focal / depth * axes[0] + focal * bent.x / (depth * depth) * axes[2];
  vec3 up = focal / depth * axes[1] + focal * bent.y / (depth * depth) * axes[2];
  float a = dot(right, spread * right) + .3, b = dot(right, spread * up), c = dot(up, spread * up) + .3;
  float mean = .5 * (a + c), apart = length(vec2(.5 * (a - c), b)), most = mean + apart, least = max(mean - apart, .1);
  vec2 along = apart < 1e-6 ? vec2(1., 0.) : abs(b) < 1e-9 ? (a >= c ? vec2(1., 0.) : vec2(0., 1.)) : normalize(vec2(b, most - a));
  float reach = sqrt(2. * log(255. * opacity));
  place = reach * vec2(gl_VertexID & 1, gl_VertexID >> 1) * 2. - reach;
  colour = vec4(seen(vec3(third.z, third.w, fourth.x), normalize(away)), opacity);
  vec2 moved = at + place.x * sqrt(most) * along + place.y * sqrt(least) * vec2(-along.y, along.x);
  gl_Position = vec4(moved / middle, 0., 1.);
}`;
const fragmentText = `#version 300 es
precision highp float;
in vec2 place; in vec4 colour; out vec4 shown;
void main() {
  float opacity = min(.99, colour.a * exp(-.5 * dot(place, place)));
  if (opacity < 1. / 255.) discard;
  shown = vec4(colour.rgb * opacity, opacity);
}`;

const bytesOf = text => Uint8Array.from(atob(text), letter => letter.charCodeAt(0)).buffer;
function readSplats(packed) {  // places, and the texels that the shader reads
  const n = packed.n, rows = Math.ceil(n / PER_ROW), numbers = new Float32Array(rows * PER_ROW * TEXELS * 4);
  const centres = new Uint16Array(bytesOf(packed.centres)), sizes = new Int16Array(bytesOf(packed.sizes));
  const turns = new Int8Array(bytesOf(packed.turns)), colours = new Int16Array(bytesOf(packed.colours));
  const opacities = new Uint8Array(bytesOf(packed.opacities)), places = new Float32Array(n * 3);
  for (let i = 0; i < n; i++) {
    const [w, x, y, z] = turns.subarray(4 * i, 4 * i + 4), length = Math.hypot(w, x, y, z) ** 2 || 1;
    const rotation = [1 - 2 * (y * y + z * z) / length, 2 * (x * y - w * z) / length, 2 * (x * z + w * y) / length,
      2 * (x * y + w * z) / length, 1 - 2 * (x * x + z * z) / length, 2 * (y * z - w * x) / length,
      2 * (x * z - w * y) / length, 2 * (y * z + w * x) / length, 1 - 2 * (x * x + y * y) / length];
    const variances = [0, 1, 2].map(axis => Math.exp(2 * sizes[3 * i + axis] / packed.size_steps));
    const spread = (a, b) => [0, 1, 2].reduce((sum, k) => sum + rotation[3 * a + k] * rotation[3 * b + k] * variances[k], 0);
    for (let axis = 0; axis < 3; axis++) places[3 * i + axis] = packed.low[axis] + centres[3 * i + axis] * packed.steps[axis];
    numbers.set([...places.subarray(3 * i, 3 * i + 3), opacities[i] / 255, spread(0, 0), spread(0, 1), spread(0, 2), spread(1, 1),
      spread(1, 2), spread(2, 2), ...Array.from(colours.subarray(3 * i, 3 * i + 3), one => one / packed.colour_steps)], i * TEXELS * 4);
  }
  const given = new Int8Array(bytesOf(packed.sheen)), sheen = new Int8Array(Math.max(1, rows * PER_ROW * packed.n_sheen) * 4);
  for (let i = 0; i < n * packed.n_sheen; i++) sheen.set(given.subarray(3 * i, 3 * i + 3), 4 * i);
  return { n, rows, numbers, places, sheen, nSheen: packed.n_sheen, sheenStep: packed.sheen_step };
}

function painter(gl, splats) {
  const program = gl.createProgram();
  for (const [kind, text] of [[gl.VERTEX_SHADER, vertexText], [gl.FRAGMENT_SHADER, fragmentText]]) {
    const shader = gl.createShader(kind);
    gl.shaderSource(shader, text);
    gl.compileShader(shader);
    if (!gl.getShaderParameter(shader, gl.COMPILE_STATUS)) throw new Error(gl.getShaderInfoLog(shader));
    gl.attachShader(program, shader);
  }
  gl.linkProgram(program);
  gl.useProgram(program);
  const at = name => gl.getUniformLocation(program, name);
  function texture(unit, inner, outer, type, width, data) {
    gl.activeTexture(gl.TEXTURE0 + unit);
    gl.bindTexture(gl.TEXTURE_2D, gl.createTexture());
    for (const name of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, name, gl.NEAREST);
    gl.texImage2D(gl.TEXTURE_2D, 0, inner, width, data.length / 4 / width, 0, outer, type, data);
  }
  texture(0, gl.RGBA32F, gl.RGBA, gl.FLOAT, PER_ROW * TEXELS, splats.numbers);
  texture(1, gl.RGBA8I, gl.RGBA_INTEGER, gl.BYTE, splats.nSheen ? PER_ROW * splats.nSheen : 1, splats.sheen);
  gl.uniform1i(at("numbers"), 0);
  gl.uniform1i(at("sheen"), 1);
  gl.uniform1i(at("nSheen"), splats.nSheen);
  gl.uniform1f(at("sheenStep"), splats.sheenStep);
  gl.enable(gl.BLEND);
  gl.blendFunc(gl.ONE, gl.ONE_MINUS_SRC_ALPHA);
  const id = gl.getAttribLocation(program, "id");
  gl.bindBuffer(gl.ARRAY_BUFFER, gl.createBuffer());
  gl.enableVertexAttribArray(id);
  gl.vertexAttribIPointer(id, 1, gl.UNSIGNED_INT, 0, 0);
  gl.vertexAttribDivisor(id, 1);
  const order = sorter(splats);
  return (view, share) => {
    const n = Math.ceil(splats.n * share);
    gl.viewport(0, 0, canvas.width, canvas.height);
    gl.clearColor(...about.background, 1);
    gl.clear(gl.COLOR_BUFFER_BIT);
    gl.uniformMatrix3fv(at("axes"), false, [...view.right, ...view.up, ...view.back]);
    gl.uniform3fv(at("eye"), view.eye);
    gl.uniform2f(at("middle"), canvas.width / 2, canvas.height / 2);
    gl.uniform1f(at("focal"), view.focal * canvas.height);
    gl.uniform1f(at("near"), view.near);
    gl.bufferData(gl.ARRAY_BUFFER, order(view, n), gl.DYNAMIC_DRAW);
    gl.drawArraysInstanced(gl.TRIANGLE_STRIP, 0, 4, n);
  };
}

function sorter({ n: most, places }) {  // the first n, far to near, by counting
  const bins = 1 << 16, counts = new Uint32Array(bins + 1), keys = new Uint16Array(most), order = new Uint32Array(most), depths = new Float32Array(most);
  return ({ back: [x, y, z] }, n) => {
    let low = Infinity, high = -Infinity;
    for (let i = 0; i < n; i++) {
      const depth = depths[i] = x * places[3 * i] + y * places[3 * i + 1] + z * places[3 * i + 2];
      low = Math.min(low, depth);
      high = Math.max(high, depth);
    }
    counts.fill(0);
    const per = (bins - 1) / Math.max(high - low, 1e-9);
    for (let i = 0; i < n; i++) {
      keys[i] = (depths[i] - low) * per;
      counts[keys[i] + 1]++;
    }
    for (let i = 0; i < bins; i++) counts[i + 1] += counts[i];
    for (let i = 0; i < n; i++) order[counts[keys[i]]++] = i;
    return order.subarray(0, n);
  };
}

// The camera: where it looks, from which side, how far away.
const upward = about.up === "y" ? [0, 1, 0] : [0, 0, 1], across = about.up === "y" ? [0, 0, 1] : [1, 0, 0], third = cross(upward, across);
const camera = {};
function goHome() {
  const back = about.camera.back;
  const lying = { pivot: about.camera.pivot, distance: about.camera.distance, azimuth: Math.atan2(dot(back, third), dot(back, across)) };
  Object.assign(camera, lying, { height: clamp(Math.asin(clamp(dot(back, upward), -1, 1)), -STEEPEST, STEEPEST) });
}
function viewNow() {
  const { azimuth, height, pivot, distance } = camera, level = Math.cos(height);
  const out = plus(scaled(across, Math.cos(azimuth)), scaled(third, Math.sin(azimuth)));
  const back = plus(scaled(out, level), scaled(upward, Math.sin(height))), right = cross(upward, out);
  const focal = .5 / Math.tan(about.camera.fov / 2);
  return { back, right, up: cross(back, right), eye: plus(pivot, scaled(back, distance)), focal, near: NEAR * about.camera.distance };
}
function orbit(x, y) {
  camera.azimuth -= x;
  camera.height = clamp(camera.height + y, -STEEPEST, STEEPEST);
}
function zoom(times) { camera.distance = clamp(camera.distance * times, .05 * about.camera.distance, 20 * about.camera.distance); }
function pan(x, y) {  // in pixels: what is under the hand stays there
  const { right, up, focal } = viewNow(), unit = camera.distance / (focal * canvas.clientHeight);
  camera.pivot = plus(camera.pivot, plus(scaled(right, -x * unit), scaled(up, y * unit)));
}

const pins = about.notes.map(note => ({ at: note.point, dot: make("dot"), note: Object.assign(make("note"), { textContent: note.words }) }));
const ruler = about.ruler && { ends: about.ruler.points, line: make("line"), dots: [make("dot"), make("dot")], note: Object.assign(make("note"), { textContent: about.ruler.words }) };
function placeOf(point, view) {  // in pixels of the page, null behind the camera
  const away = plus(point, scaled(view.eye, -1)), depth = -dot(away, view.back), f = view.focal * canvas.clientHeight / depth;
  return depth <= 0 ? null : [canvas.clientWidth / 2 + f * dot(away, view.right), canvas.clientHeight / 2 - f * dot(away, view.up)];
}
function put(element, at, x = 0, y = 0) {
  element.hidden = !at;
  if (at) element.style.transform = `translate(${at[0] + x}px, ${at[1] + y}px)`;
}
function showNotes(view) {
  for (const pin of pins) {
    const at = placeOf(pin.at, view);
    put(pin.dot, at, -5, -5);
    put(pin.note, at, 10, -11);
  }
  if (!ruler) return;
  const [a, b] = ruler.ends.map(end => placeOf(end, view)), both = a && b;
  ruler.dots.forEach((one, i) => put(one, [a, b][i], -5, -5));
  put(ruler.note, b, 10, -11);
  put(ruler.line, both, 0, 0);
  if (!both) return;
  ruler.line.style.width = `${Math.hypot(b[0] - a[0], b[1] - a[1])}px`;
  ruler.line.style.transform = `translate(${a[0]}px, ${a[1] - 1}px) rotate(${Math.atan2(b[1] - a[1], b[0] - a[0])}rad)`;
}

// Pictures: as coarse as they must be while something moves, whole and of full size when it rests.
let paint = null, effort = 1, asked = 0, before = 0, still = 0, isTurning = false;
function show(effort) {
  const ratio = Math.min(devicePixelRatio, 2) * clamp(effort, .4, 1), width = Math.max(1, Math.round(canvas.clientWidth * ratio)), height = Math.max(1, Math.round(canvas.clientHeight * ratio));
  if (canvas.width !== width || canvas.height !== height) Object.assign(canvas, { width, height });
  const view = viewNow();
  paint(view, clamp(2 * effort, .1, 1));
  showNotes(view);
  canvas.dataset.pictures = 1 + +(canvas.dataset.pictures || 0);
}
function draw(now) {
  const took = now - before;
  if (before && (took > SLOW_MS || took < FAST_MS)) effort = clamp(effort * clamp(Math.sqrt(SLOW_MS / took), .5, 1.1), .05, 1);
  before = now;
  asked = 0;
  if (isTurning) orbit(-Math.min(took, 100) * .0004, 0);
  show(effort);
  clearTimeout(still);
  if (isTurning) return ask();
  still = setTimeout(() => { before = 0; show(1); canvas.dataset.rests = 1 + +(canvas.dataset.rests || 0); }, STILL_MS);
}
function ask() { asked ||= paint && requestAnimationFrame(draw); }
function turn(to) {
  isTurning = to;
  turnButton.textContent = to ? words.stop : words.turn;
  ask();
}

const hands = new Map();
canvas.addEventListener("pointerdown", event => {
  turn(false);
  canvas.setPointerCapture(event.pointerId);
  hands.set(event.pointerId, [event.clientX, event.clientY]);
});
canvas.addEventListener("pointermove", event => {
  const old = hands.get(event.pointerId);
  if (!old) return;
  const at = [event.clientX, event.clientY], x = at[0] - old[0], y = at[1] - old[1];
  if (hands.size > 1) {
    const other = [...hands].find(([id]) => id !== event.pointerId)[1], apart = one => Math.hypot(one[0] - other[0], one[1] - other[1]);
    zoom(Math.max(apart(old), 1) / Math.max(apart(at), 1));
    pan(x / 2, y / 2);
  } else if (event.shiftKey || event.buttons > 1) pan(x, y);
  else orbit(x * .008, y * .008);
  hands.set(event.pointerId, at);
  ask();
});
for (const name of ["pointerup", "pointercancel"]) canvas.addEventListener(name, event => hands.delete(event.pointerId));
canvas.addEventListener("contextmenu", event => event.preventDefault());
canvas.addEventListener("wheel", event => {
  event.preventDefault();
  zoom(Math.exp(clamp(event.deltaY, -200, 200) * .0015));
  ask();
}, { passive: false });
const keys = {
  ArrowLeft: () => orbit(-.1, 0), ArrowRight: () => orbit(.1, 0), ArrowUp: () => orbit(0, .1), ArrowDown: () => orbit(0, -.1),
  "+": () => zoom(.9), "-": () => zoom(1 / .9), Home: goHome, " ": () => turn(!isTurning),
};
addEventListener("keydown", event => {
  if (!(event.key in keys) || event.ctrlKey || event.metaKey || (event.key === " " && event.target.tagName === "BUTTON")) return;
  event.preventDefault();
  keys[event.key]();
  ask();
});
addEventListener("resize", ask);
turnButton.addEventListener("click", () => turn(!isTurning));
homeButton.addEventListener("click", () => { goHome(); ask(); });

goHome();
turnButton.textContent = words.turn;
homeButton.textContent = words.home;
canvas.setAttribute("aria-label", about.title);
const gl = canvas.getContext("webgl2", { antialias: false, preserveDrawingBuffer: true });
byId("hint").textContent = gl ? words.drag : words.no_webgl;
if (gl) {
  paint = painter(gl, readSplats(parse("splats")));
  ask();
}
