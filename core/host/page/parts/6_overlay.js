// What stands over the pictures: their names, a scale, boxes of detections, the cursor's place in the other views; and, until
// the graphics card draws them, a sketch of the pictures themselves.
const overlay = byId('overlay');
let cursor = null;  // {pane, row, column}

function roundLength(most) {  // 1, 2 or 5 times a power of ten
  const power = 10 ** Math.floor(Math.log10(most) + 1e-9);
  return [5, 2].map(factor => factor * power).find(length => length <= most * (1 + 1e-9)) ?? power;
}

function lengthWord(metres) {
  return metres >= 1 ? `${number(metres)} m` : metres >= 0.01 ? `${number(metres * 100)} cm` : `${figures(metres * 1000)} mm`;
}

function label(pen, text, x, y, colour, ratio) {
  pen.font = `${12 * ratio}px system-ui, "Liberation Sans", sans-serif`;
  const width = pen.measureText(text).width, pad = 5 * ratio;
  pen.fillStyle = 'rgba(11,14,17,.78)';
  pen.beginPath();
  pen.roundRect(x, y, width + 2 * pad, 19 * ratio, 3 * ratio);
  pen.fill();
  pen.fillStyle = colour;
  pen.textBaseline = 'middle';
  pen.fillText(text, x + pad, y + 10 * ratio);
}

function viewWord(view) {
  const parts = [...new Set([view.name, word(`quantity_${view.quantity}`)])];
  if (view.energies[0] > 0) parts.push(view.energies.filter(kev => kev > 0).map(energyWord).join(' / '));
  if (view.slices > 1) parts.push(word('first_of', {count: view.slices}));
  if (view.averaged > 1) parts.push(word('averaged', {factor: view.averaged}));
  return parts.join(' · ');
}

const energyWord = kev => kev >= 1000 ? `${number(kev / 1000, kev % 1000 ? 1 : 0)} MeV` : `${number(kev)} keV`;

function drawScale(pen, pane, ratio) {
  const {view, rect} = pane;
  if (!(view.pitch[0] > 0)) return;
  const perMetre = scaleOf(pane) * view.unit[0] / view.pitch[0];
  const metres = roundLength(Math.min(rect.width * 0.22, 190 * ratio) / perMetre), length = metres * perMetre;
  const x = rect.x + 14 * ratio, y = rect.y + rect.height - 16 * ratio, thick = 4 * ratio;
  label(pen, lengthWord(metres), x - 5 * ratio, y - 22 * ratio, '#e4e9ed', ratio);
  pen.fillStyle = 'rgba(11,14,17,.78)';
  pen.fillRect(x - 2 * ratio, y - 2 * ratio, length + 4 * ratio, thick + 4 * ratio);
  pen.fillStyle = '#e4e9ed';
  pen.fillRect(x, y, length, thick);
  pen.fillStyle = '#2a323a';
  pen.fillRect(x + length / 2, y + ratio, length / 2 - ratio, thick - 2 * ratio);
}

function drawBoxes(pen, pane, ratio) {
  for (const box of pane.view.boxes) {
    const first = pointAt(pane, box.row, box.column), end = pointAt(pane, box.row + box.rows, box.column + box.columns);
    pen.lineWidth = 3.5 * ratio;
    pen.strokeStyle = 'rgba(11,14,17,.8)';
    pen.strokeRect(first.x, first.y, end.x - first.x, end.y - first.y);
    pen.lineWidth = 1.5 * ratio;
    pen.strokeStyle = '#ff9c8f';
    pen.strokeRect(first.x, first.y, end.x - first.x, end.y - first.y);
    label(pen, [word(`category_${box.category}`), box.label].filter(Boolean).join(' · '), first.x, first.y - 21 * ratio, '#ff9c8f', ratio);
  }
}

// The same place of the travel, in the other locked views.
function drawCursor(pen, pane, ratio) {
  if (!cursor || cursor.pane.view === pane.view || !pane.view.isLocked || !cursor.pane.view.isLocked || !locked) return;
  const {x} = pointAt(pane, cursor.row / cursor.pane.view.rows * pane.view.rows, 0);
  pen.fillStyle = 'rgba(236,192,108,.85)';
  pen.fillRect(Math.round(x), pane.rect.y, Math.max(1, Math.round(ratio)), pane.rect.height);
}

function drawOverlay() {
  const pen = overlay.getContext('2d'), ratio = window.devicePixelRatio || 1;
  pen.clearRect(0, 0, overlay.width, overlay.height);
  for (const pane of panes) {
    const {rect} = pane;
    pen.save();
    pen.beginPath();
    pen.rect(rect.x, rect.y, rect.width, rect.height);
    pen.clip();
    drawBoxes(pen, pane, ratio);
    drawCursor(pen, pane, ratio);
    drawScale(pen, pane, ratio);
    label(pen, viewWord(pane.view), rect.x + 9 * ratio, rect.y + 9 * ratio, pane === active && panes.length > 1 ? '#78bde0' : '#e4e9ed',
          ratio);
    pen.restore();
    pen.fillStyle = '#2a323a';  // between panes; beyond the last ones there is no canvas
    pen.fillRect(rect.x, rect.y + rect.height, rect.width, Math.round(2 * ratio));
    pen.fillRect(rect.x + rect.width, rect.y, Math.round(2 * ratio), rect.height);
  }
}

// ---- The sketch

// The overview in greys, a pixel for each of its numbers: x is the row, y the column.
function greysOf(view) {
  const own = windowOf(view), {numbers, rows, columns} = view.overviewPlanes[0], shades = new Uint8Array(65536);
  for (let i = 0; i < shades.length; ++i) shades[i] = Math.round(255 * brightnessOf(own, valueOf(view, i)));
  const image = new ImageData(rows, columns), words = new Uint32Array(image.data.buffer);
  for (let row = 0, at = 0; row < rows; ++row)
    for (let column = 0; column < columns; ++column, ++at) words[column * rows + row] = 0xFF000000 | 0x010101 * shades[numbers[at]];
  return image;
}

// The graphics process takes its time to begin and to compile; overviews are there before, and a processor draws them as well.
// False where no view has one.
function drawSketch() {
  drawOverlay();
  const pen = overlay.getContext('2d'), sheet = element('canvas'), sketched = panes.filter(({view}) => view.overviewPlanes);
  pen.imageSmoothingQuality = 'high';
  pen.globalCompositeOperation = 'destination-over';  // below the names
  for (const pane of sketched) {
    const {view, rect} = pane, factor = 4 ** view.level, image = greysOf(view);
    const first = pointAt(pane, 0, 0), end = pointAt(pane, view.rows, view.columns);
    [sheet.width, sheet.height] = [image.width, image.height];
    sheet.getContext('2d').putImageData(image, 0, 0);
    pen.save();
    pen.beginPath();
    pen.rect(rect.x, rect.y, rect.width, rect.height);
    pen.clip();
    pen.drawImage(sheet, 0, 0, view.rows / factor, view.columns / factor, first.x, first.y, end.x - first.x, end.y - first.y);
    pen.restore();
  }
  pen.globalCompositeOperation = 'source-over';
  return sketched.length > 0;
}

// ---- The line below: what is under the cursor

function writeSpot() {
  const spot = byId('spot'), parts = [];
  const add = (name, value) => parts.push(element('span', {}, `${name} `, element('b', {}, value)));
  spot.replaceChildren();
  if (!cursor) return spot.append(word('spot_none'));
  const {view} = cursor.pane, row = Math.floor(cursor.row), column = Math.floor(cursor.column);
  if (row < 0 || column < 0 || row >= view.rows || column >= view.columns) return spot.append(word('spot_none'));
  add(word('view'), view.name);
  add(word('row'), number(row));
  add(word('column'), number(column));
  const stored = storedAt(view, row, column);
  if (!stored) parts.push(element('span', {}, word('loading')));
  else if (isMarked(view.dead, column)) parts.push(element('span', {}, word('dead')));
  else if (isMarked(view.lost, row)) parts.push(element('span', {}, word('lost')));
  else describeSpot(view, stored, add);
  if (view.metric) add(word('place'), `${number(cursor.row * view.pitch[0], 2)} m · ${number(cursor.column * view.pitch[1], 2)} m`);
  spot.append(...parts);
}

function describeSpot(view, stored, add) {
  const value = valueOf(view, stored[0]);
  add(word(view.canonical ? 'transmission' : 'value'), meaning(view, value));
  const steel = view.canonical ? steelOf(view, value) : undefined;
  if (steel !== undefined) add(word('steel'), steel === null ? word('opaque') : `${number(steel, steel < 9.95 ? 1 : 0)} mm`);
  if (view.low) add(word('low_energy'), percent(valueOf(view, stored[1])));
  if (view.slope !== 1 || view.intercept !== 0) add(word('stored'), number(stored[0]));
}
