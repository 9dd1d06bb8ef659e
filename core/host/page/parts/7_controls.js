// Drag, wheel, touch, keys and buttons. Each control says its key; each key has a control.
let drag = 'move';
let wanted = false;

function redraw() {
  if (wanted) return;
  wanted = true;
  requestAnimationFrame(time => {
    wanted = false;
    drawNow(time);
  });
}

function changed() {
  writeControls();
  redraw();
}

const activeWindow = () => active ? windowOf(active.view) : null;

function writeControls() {
  const own = activeWindow();
  for (const button of document.querySelectorAll('[data-scale]')) {
    press(button, button.dataset.scale === lens.scale);
    button.disabled = own !== null && !own.canonical;
  }
  for (const button of document.querySelectorAll('[data-colours]')) {
    press(button, button.dataset.colours === lens.colours);
    button.hidden = button.dataset.colours === 'materials' && !views.some(view => view.low);
  }
  for (const button of document.querySelectorAll('[data-drag]')) press(button, button.dataset.drag === drag);
  press(byId('inverse'), lens.inverse);
  press(byId('lock'), locked);
  press(byId('automatic'), own?.automatic ?? false);
  picture.classList.toggle('window', drag === 'window');
  for (const button of document.querySelectorAll('[data-view]')) press(button, views[button.dataset.view].shown);
  if (own) writeSliders(own);
  writeLegend();
}

function writeSliders(own) {
  const [first, last] = rangeOf(own), low = toScale(own, own.low), high = toScale(own, own.high);
  byId('level').value = 1000 * ((low + high) / 2 - first) / (last - first);
  byId('width').value = 1000 * (high - low) / (last - first);
  byId('gamma').value = 100 * Math.log(lens.gamma) / Math.log(5);
  byId('gamma-value').textContent = number(lens.gamma, 2);
  byId('level').setAttribute('aria-valuetext', meaning(active.view, fromScale(own, (low + high) / 2)));
  byId('width').setAttribute('aria-valuetext', `${meaning(active.view, own.low)} – ${meaning(active.view, own.high)}`);
  byId('low').textContent = endWord(own.low);
  byId('middle').textContent = word(own.canonical ? 'transmission' : `quantity_${active.view.quantity}`);
  byId('high').textContent = endWord(own.high);
  drawHistogram(own);
}

// "12 %", with millimetres of steel beside it where the device was calibrated.
function endWord(value) {
  const {view} = active, steel = view.canonical ? steelOf(view, value) : undefined;
  if (steel === undefined) return meaning(view, value);
  return `${meaning(view, value)} · ${steel === null ? word('opaque') : `${number(steel)} mm`}`;
}

// How often each value comes, in the colours that it is shown in; outside the window darker.
function histogramOf(own, bins) {
  const key = `${lens.scale}${bins}`, [first, last] = rangeOf(own);
  if (own.histograms?.[key]) return own.histograms[key];
  const counts = new Float32Array(bins);
  for (const value of own.sample)
    counts[clamped(Math.floor((toScale(own, value) - first) / (last - first) * bins), 0, bins - 1)] += 1;
  const tallest = Math.sqrt(Math.max(1, ...counts));
  (own.histograms ??= {})[key] = counts.map(count => Math.sqrt(count) / tallest);
  return own.histograms[key];
}

function colourWord(bright) {
  const at = Math.round(clamped(bright, 0, 1) * 255);
  if (lens.colours !== 'pseudo') return `rgb(${at} ${at} ${at})`;
  return `rgb(${bytesOf('pseudo').slice(3 * at, 3 * at + 3).join(' ')})`;
}

function drawHistogram(own) {
  const canvas = byId('histogram'), ratio = window.devicePixelRatio || 1, pen = canvas.getContext('2d');
  const width = canvas.width = Math.max(1, Math.round(canvas.clientWidth * ratio));
  const height = canvas.height = Math.max(1, Math.round(canvas.clientHeight * ratio)), ramp = Math.round(9 * ratio);
  const [first, last] = rangeOf(own), counts = histogramOf(own, Math.max(16, Math.round(width / (2 * ratio))));
  const x = value => (toScale(own, value) - first) / (last - first) * width;
  const low = x(own.low), high = x(own.high), bin = width / counts.length, room = height - ramp - 2 * ratio;
  counts.forEach((count, i) => {
    pen.fillStyle = (i + 0.5) * bin < low || (i + 0.5) * bin > high ? '#39444e' : '#78bde0';
    pen.fillRect(i * bin, room * (1 - count), Math.max(1, bin - ratio / 2), room * count);
  });
  for (let i = 0; i < width; ++i) {
    pen.fillStyle = colourWord(brightnessOf(own, fromScale(own, first + (i + 0.5) / width * (last - first))));
    pen.fillRect(i, height - ramp, 1, ramp);
  }
  pen.fillStyle = '#e4e9ed';
  for (const at of [low, high]) pen.fillRect(Math.round(at - ratio / 2), 0, Math.max(1, Math.round(ratio)), height);
}

function writeLegend() {
  const legend = byId('legend'), show = lens.colours === 'materials';
  legend.hidden = !show;
  if (!show) return;
  const names = ['organic', 'inorganic', 'metal'], bytes = bytesOf('materials');
  legend.replaceChildren(...names.map((name, material) => {
    const canvas = element('canvas', {width: 64, height: 1, 'aria-hidden': 'true'}), pen = canvas.getContext('2d');
    for (let i = 0; i < 64; ++i) {
      const at = 3 * (Math.round(material * 31.5) * 64 + i);
      pen.fillStyle = `rgb(${bytes.slice(at, at + 3).join(' ')})`;
      pen.fillRect(i, 0, 1, 1);
    }
    return element('span', {}, canvas, word(name));
  }), element('span', {}, word('materials_note')));
}

// ---- What each control does

function setScale(scale) {
  lens.scale = scale;
  for (const own of windows.values()) {
    if (own.automatic) fitWindow(own);
    else if (own.canonical) setWindow(own, own.low, own.high);
  }
  changed();
}

function setColours(colours_) {
  lens.colours = colours_;
  changed();
}

function nextColours() {
  const all = views.some(view => view.low) ? ['grey', 'pseudo', 'materials'] : ['grey', 'pseudo'];
  setColours(all[(all.indexOf(lens.colours) + 1) % all.length]);
}

function setInverse(inverse) {
  lens.inverse = inverse;
  changed();
}

function setGamma(gamma) {
  lens.gamma = clamped(Math.abs(gamma - 1) < 0.02 ? 1 : gamma, 0.2, 5);
  changed();
}

function automatic() {
  const own = activeWindow();
  if (!own) return;
  own.automatic = true;
  fitWindow(own);
  changed();
}

function shiftWindow(level, width) {
  const own = activeWindow();
  if (!own) return;
  moveWindow(own, level, width);
  changed();
}

function setDrag(kind) {
  drag = kind;
  changed();
}

function setLocked(own) {
  if (own && active) Object.assign(camera, cameraOf(active.view));
  if (!own) for (const view of views) view.camera = {...cameraOf(view)};
  locked = own;
  fitPanes();
  changed();
}

function zoomMiddle(factor) {
  if (!active) return;
  const {rect} = active;
  zoomAt(active, factor, rect.x + rect.width / 2, rect.y + rect.height / 2);
  changed();
}

function panActive(x, y) {  // in shares of the pane
  if (!active) return;
  pan(active, -x * active.rect.width, -y * active.rect.height);
  changed();
}

function toggleView(index) {
  const shown = views.filter(view => view.shown);
  if (views[index].shown && shown.length === 1) return;
  views[index].shown = !views[index].shown;
  layOut();
  changed();
  pump();
}

const keys = {
  l: () => setScale(lens.scale === 'log' ? 'linear' : 'log'),
  c: nextColours,
  i: () => setInverse(!lens.inverse),
  a: automatic,
  g: () => setGamma(lens.gamma * 1.1),
  h: () => setGamma(lens.gamma / 1.1),
  w: () => setDrag(drag === 'move' ? 'window' : 'move'),
  k: () => setLocked(!locked),
  '0': () => { seeAll(); changed(); },
  '1': () => { if (active) oneToOne(active); changed(); },
  '+': () => zoomMiddle(1.25),
  '=': () => zoomMiddle(1.25),
  '-': () => zoomMiddle(0.8),
  ',': () => shiftWindow(-0.01, 0),
  '.': () => shiftWindow(0.01, 0),
  '[': () => shiftWindow(0, -0.06),
  ']': () => shiftWindow(0, 0.06),
};
const arrows = {ArrowLeft: [-1, 0], ArrowRight: [1, 0], ArrowUp: [0, -1], ArrowDown: [0, 1]};

function onKey(event) {
  if (event.ctrlKey || event.metaKey || event.altKey || event.target.matches?.('input')) return;
  if (arrows[event.key] && event.target === picture) {
    const [x, y] = arrows[event.key];
    if (event.shiftKey) shiftWindow(-y * 0.01, x * 0.06);  // up: brighter things, right: wider
    else panActive(x * 0.08, y * 0.08);
  } else if (keys[event.key.toLowerCase()]) {
    keys[event.key.toLowerCase()]();
  } else {
    return;
  }
  event.preventDefault();
}

// ---- Pointers

const pointers = new Map();  // id -> {x, y} in device pixels
let gesture = null;          // 'move' or 'window'

function pointOf(event) {
  const box = picture.getBoundingClientRect(), ratio = picture.width / box.width;
  return {x: (event.clientX - box.left) * ratio, y: (event.clientY - box.top) * ratio};
}

function onDown(event) {
  const point = pointOf(event), pane = paneAt(point.x, point.y);
  if (!pane || event.button > 2) return;
  active = pane;
  picture.setPointerCapture(event.pointerId);
  pointers.set(event.pointerId, point);
  gesture = event.button === 2 || event.shiftKey ? 'window' : drag;
  picture.classList.toggle('moving', gesture === 'move');
  changed();
}

function onMove(event) {
  const point = pointOf(event), before = pointers.get(event.pointerId);
  if (!before) {
    const pane = paneAt(point.x, point.y);
    cursor = pane ? {pane, ...rowColumnAt(pane, point.x, point.y)} : null;
    writeSpot();
    return redraw();
  }
  if (pointers.size === 2) pinch(event.pointerId, point);
  else if (gesture === 'window') moveByDrag(point.x - before.x, point.y - before.y);
  else pan(active, point.x - before.x, point.y - before.y);
  pointers.set(event.pointerId, point);
  if (event.pointerType === 'touch' && pointers.size === 1) {
    cursor = {pane: active, ...rowColumnAt(active, point.x, point.y)};
    writeSpot();
  }
  changed();
}

function moveByDrag(x, y) {  // right: wider; up: brighter things
  const {rect} = active, own = activeWindow();
  moveWindow(own, -y / Math.max(200, rect.height) * 0.8, x / rect.width * 2.5);
}

function pinch(id, point) {
  const [other] = [...pointers].filter(([own]) => own !== id).map(([, at]) => at), before = pointers.get(id);
  const apart = at => Math.hypot(at.x - other.x, at.y - other.y);
  zoomAt(active, apart(point) / Math.max(1, apart(before)), (point.x + other.x) / 2, (point.y + other.y) / 2);
  pan(active, (point.x - before.x) / 2, (point.y - before.y) / 2);
}

function onUp(event) {
  pointers.delete(event.pointerId);
  picture.classList.remove('moving');
  pump();
}

function onWheel(event) {
  const point = pointOf(event), pane = paneAt(point.x, point.y);
  if (!pane) return;
  event.preventDefault();
  active = pane;
  zoomAt(pane, Math.exp(-event.deltaY * (event.deltaMode === 1 ? 0.05 : 0.0016)), point.x, point.y);
  changed();
  pump();
}

// On the histogram: the nearer end follows the pointer.
function dragHistogram(event) {
  if (event.type === 'pointermove' && event.buttons === 0) return;
  const own = activeWindow(), box = byId('histogram').getBoundingClientRect();
  if (!own) return;
  byId('histogram').setPointerCapture(event.pointerId);
  const [first, last] = rangeOf(own), at = first + clamped((event.clientX - box.left) / box.width, 0, 1) * (last - first);
  const low = toScale(own, own.low), high = toScale(own, own.high);
  if (Math.abs(at - low) < Math.abs(at - high)) setWindow(own, fromScale(own, Math.min(at, high)), own.high);
  else setWindow(own, own.low, fromScale(own, Math.max(at, low)));
  changed();
}

function slide() {
  const own = activeWindow();
  if (!own) return;
  const [first, last] = rangeOf(own), span = (last - first) / 1000;
  const middle = first + byId('level').value * span, half = byId('width').value * span / 2;
  setWindow(own, fromScale(own, middle - half), fromScale(own, middle + half));
  changed();
}

function listen() {
  picture.addEventListener('pointerdown', onDown);
  picture.addEventListener('pointermove', onMove);
  for (const name of ['pointerup', 'pointercancel']) picture.addEventListener(name, onUp);
  picture.addEventListener('pointerleave', () => { cursor = null; writeSpot(); redraw(); });
  picture.addEventListener('wheel', onWheel, {passive: false});
  picture.addEventListener('dblclick', event => { const {x, y} = pointOf(event); zoomAt(active, 2, x, y); changed(); pump(); });
  picture.addEventListener('contextmenu', event => event.preventDefault());
  document.addEventListener('keydown', event => { onKey(event); pump(); });
  for (const name of ['pointerdown', 'pointermove']) byId('histogram').addEventListener(name, dragHistogram);
  for (const id of ['level', 'width']) byId(id).addEventListener('input', slide);
  byId('gamma').addEventListener('input', () => setGamma(5 ** (byId('gamma').value / 100)));
  for (const button of document.querySelectorAll('[data-scale]')) button.addEventListener('click', () => setScale(button.dataset.scale));
  for (const button of document.querySelectorAll('[data-colours]'))
    button.addEventListener('click', () => setColours(button.dataset.colours));
  for (const button of document.querySelectorAll('[data-drag]')) button.addEventListener('click', () => setDrag(button.dataset.drag));
  const on = (id, act) => byId(id).addEventListener('click', () => { act(); pump(); });
  on('inverse', keys.i);
  on('automatic', automatic);
  on('fit', keys['0']);
  on('one', keys['1']);
  on('in', keys['+']);
  on('out', keys['-']);
  on('lock', keys.k);
  if (views.length > 1) {
    byId('lock').hidden = byId('views').hidden = false;
    views.forEach((view, i) => {
      const button = element('button', {type: 'button', 'data-view': i}, view.name);
      button.addEventListener('click', () => toggleView(i));
      byId('views').append(button);
    });
  }
}
