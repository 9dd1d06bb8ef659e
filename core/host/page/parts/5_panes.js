// The views on the stage, one below the other, or in two columns where short ones are seen larger so. Views that came of
// one passage are locked: the same place of the travel stands at the same x of its pane in all, at the same zoom.
const stage = byId('stage');
const shapeScan = 1;

const views = model.views.map((view, index) => {
  const metric = view.pitch[0] > 0 && view.pitch[1] > 0;
  const unit = metric ? view.pitch : [1, 1];
  return Object.assign(view, {index, metric, unit, length: view.rows * unit[0], height: view.columns * unit[1], shown: true,
                              isLocked: view.shape === shapeScan || model.views.length === 1, overviewPlanes: null});
});

const camera = {x: 0.5, y: 0.5, zoom: 1};  // of all locked panes; x and y are shares of length and height
let locked = true;
let panes = [];  // {view, rect in device pixels, camera, fit: pixels to a unit where all is to be seen}
let active = null;

const cameraOf = view => locked && view.isLocked ? camera : (view.camera ??= {x: 0.5, y: 0.5, zoom: 1});

function layOut() {
  const ratio = window.devicePixelRatio || 1, width = Math.max(1, Math.round(stage.clientWidth * ratio));
  const height = Math.max(1, Math.round(stage.clientHeight * ratio));
  for (const canvas of [picture, overlay]) {
    if (canvas.width !== width) canvas.width = width;
    if (canvas.height !== height) canvas.height = height;
  }
  const shown = views.filter(view => view.shown), gap = Math.round(2 * ratio);
  const [one, two] = [1, 2].map(across => rectsOf(shown, width, height, gap, across));
  const rects = shown.length > 1 && smallest(shown, two) > 1.2 * smallest(shown, one) ? two : one;
  panes = shown.map((view, i) => ({view, rect: rects[i], fit: 0}));
  fitPanes();
  if (!panes.includes(active)) active = panes.find(pane => pane.view === active?.view) ?? panes[0] ?? null;
}

// As many panes abreast as `across` says, the height given out by what the views need.
function rectsOf(shown, width, height, gap, across) {
  const rows = [];
  for (let i = 0; i < shown.length; i += across) rows.push(shown.slice(i, i + across));
  const weights = rows.map(row => Math.max(...row.map(view => clamped(view.height / view.length, 0.18, 1.1))));
  const all = weights.reduce((sum, weight) => sum + weight, 0), room = height - gap * (rows.length - 1);
  let y = 0;
  return rows.flatMap((row, number) => {
    const own = Math.max(1, number === rows.length - 1 ? height - y : Math.round(room * weights[number] / all)), top = y;
    const wide = Math.floor((width - gap * (row.length - 1)) / row.length);
    y += own + gap;
    return row.map((view, i) => ({x: i * (wide + gap), y: top, width: Math.max(1, wide), height: own}));
  });
}

// How long the shortest picture comes out.
const smallest = (shown, rects) =>
  Math.min(...shown.map((view, i) => Math.min(rects[i].width, rects[i].height * view.length / view.height)));

function fitPanes() {
  const space = 0.96;
  for (const {view, rect} of panes) view.fitAlone = space * Math.min(rect.width / view.length, rect.height / view.height);
  const together = panes.filter(pane => pane.view.isLocked);
  const length = Math.min(...together.map(({view}) => view.fitAlone * view.length));  // in pixels, of all alike
  for (const pane of panes)
    pane.fit = locked && pane.view.isLocked ? length / pane.view.length : pane.view.fitAlone;
}

const scaleOf = pane => pane.fit * cameraOf(pane.view).zoom;  // device pixels to a unit

// Device pixels of the pane <-> rows and columns of the view, both with fractions.
function rowColumnAt(pane, x, y) {
  const {view, rect} = pane, scale = scaleOf(pane), own = cameraOf(view);
  return {row: own.x * view.rows + (x - rect.x - rect.width / 2) / (scale * view.unit[0]),
          column: own.y * view.columns + (y - rect.y - rect.height / 2) / (scale * view.unit[1])};
}

function pointAt(pane, row, column) {
  const {view, rect} = pane, scale = scaleOf(pane), own = cameraOf(view);
  return {x: rect.x + rect.width / 2 + (row - own.x * view.rows) * scale * view.unit[0],
          y: rect.y + rect.height / 2 + (column - own.y * view.columns) * scale * view.unit[1]};
}

const paneAt = (x, y) => panes.find(({rect}) => x >= rect.x && x < rect.x + rect.width && y >= rect.y && y < rect.y + rect.height) ??
  null;

function keepInside(own) {
  own.x = clamped(own.x, 0, 1);
  own.y = clamped(own.y, 0, 1);
  own.zoom = clamped(own.zoom, 0.5, 4000);
}

function pan(pane, x, y) {  // by device pixels
  const {view} = pane, own = cameraOf(view), scale = scaleOf(pane);
  own.x -= x / (scale * view.length);
  own.y -= y / (scale * view.height);
  keepInside(own);
}

function zoomAt(pane, factor, x, y) {  // what is under x, y stays there
  const own = cameraOf(pane.view), before = rowColumnAt(pane, x, y);
  own.zoom *= factor;
  keepInside(own);
  const after = rowColumnAt(pane, x, y);
  own.x += (before.row - after.row) / pane.view.rows;
  own.y += (before.column - after.column) / pane.view.columns;
  keepInside(own);
}

function seeAll() {
  for (const view of views) Object.assign(cameraOf(view), {x: 0.5, y: 0.5, zoom: 1});
}

function oneToOne(pane) {  // a row or column a device pixel, whichever is larger
  const {view} = pane;
  cameraOf(view).zoom = 1 / (pane.fit * Math.min(view.unit[0], view.unit[1]));
}

// ---- Tiles

const [tileRows, tileColumns] = model.tile;

function tilesOf(view) {
  const tiles = [];
  for (let row = 0, i = 0; row < view.rows; row += tileRows, ++i)
    for (let column = 0, j = 0; column < view.columns; column += tileColumns, ++j)
      tiles.push({view, row, column, rows: Math.min(tileRows, view.rows - row),
                  columns: Math.min(tileColumns, view.columns - column), state: 'waiting', levels: [], numbers: null, used: 0,
                  ids: (view.low ? [0, 1] : [0]).map(channel => `t${view.index}-${channel}-${i}-${j}`)});
  return tiles;
}
for (const view of views) view.tiles = tilesOf(view);
const tiles = views.flatMap(view => view.tiles);

const heldMost = 400 * 2 ** 20;  // bytes of numbers that are held at once
let held = 0;
const bytesOfTile = tile => 2 * (tile.rows + 1) * (tile.columns + 1) * tile.ids.length;

function isVisible(tile) {
  const pane = panes.find(own => own.view === tile.view);
  if (!pane) return false;
  const first = pointAt(pane, tile.row, tile.column), end = pointAt(pane, tile.row + tile.rows, tile.column + tile.columns);
  const {rect} = pane;
  return end.x > rect.x && first.x < rect.x + rect.width && end.y > rect.y && first.y < rect.y + rect.height;
}

async function loadTile(tile) {
  tile.state = 'busy';
  const withNext = {rows: Math.min(tile.rows + 1, tile.view.rows - tile.row),
                    columns: Math.min(tile.columns + 1, tile.view.columns - tile.column)};
  const planes = await Promise.all(tile.ids.map(id => numbersOf(id, withNext.rows, withNext.columns)));
  tile.numbers = planes.map(numbers => ({numbers, ...withNext}));
  tile.state = 'ready';
  held += bytesOfTile(tile);
  if (gl) makeTextures(tile);
}

// Level 0 as it came; from level 1 on without the row and column that it shares with the next tiles.
function makeTextures(tile) {
  tile.levels = [tile.numbers.map(planeTexture)];
  tile.sizes = [tile.numbers[0]];
  let planes = tile.numbers.map(({numbers, columns}) => cut(numbers, columns, tile.rows, tile.columns));
  for (let level = 1; level < tile.view.level && level <= 4; ++level) {
    planes = planes.map(quartered);
    tile.levels.push(planes.map(planeTexture));
    tile.sizes.push({rows: planes[0].rows, columns: planes[0].columns});
  }
}

function cut(numbers, stride, rows, columns) {
  if (stride === columns && numbers.length === rows * columns) return {numbers, rows, columns};
  const own = new Uint16Array(rows * columns);
  for (let row = 0; row < rows; ++row) own.set(numbers.subarray(row * stride, row * stride + columns), row * columns);
  return {numbers: own, rows, columns};
}

function dropTile(tile) {
  for (const planes of tile.levels) for (const own of planes) gl?.deleteTexture(own);
  Object.assign(tile, {state: 'waiting', levels: [], numbers: null});
  held -= bytesOfTile(tile);
}

// What is seen comes first; the rest as long as there is room for it.
function nextTile() {
  const waiting = tiles.filter(tile => tile.state === 'waiting' && tile.ids.every(hasArrived));
  const seen = waiting.find(isVisible);
  if (seen) {
    const unseen = tiles.filter(tile => tile.state === 'ready' && !isVisible(tile)).sort((a, b) => a.used - b.used);
    while (held + bytesOfTile(seen) > heldMost && unseen.length > 0) dropTile(unseen.shift());
    return seen;
  }
  return waiting.find(tile => held + bytesOfTile(tile) <= heldMost) ?? null;
}

// ---- Drawing

async function loadOverview(view) {
  const [rows, columns] = view.overview;
  const planes = await Promise.all((view.low ? [0, 1] : [0]).map(channel => numbersOf(`o${view.index}-${channel}`, rows, columns)));
  addSample(view, planes[0]);
  view.overviewPlanes = planes.map(numbers => ({numbers, rows, columns}));
}

// Where rows and columns of a view lie on its pane, -1 … 1.
function onPane(pane, row, column, rows, columns) {
  const {rect} = pane, first = pointAt(pane, row, column), end = pointAt(pane, row + rows, column + columns);
  const x = at => 2 * (at - rect.x) / rect.width - 1, y = at => 1 - 2 * (at - rect.y) / rect.height;
  return [x(first.x), y(first.y), x(end.x), y(end.y)];
}

function drawPane(pane, time) {
  const {view} = pane, scale = scaleOf(pane);
  const perPixel = {rows: 1 / (scale * view.unit[0]), columns: 1 / (scale * view.unit[1])};
  const wanted = clamped(Math.floor(Math.log(Math.max(1, Math.min(perPixel.rows, perPixel.columns))) / Math.log(4)), 0, view.level);
  let drawn = false;
  beginPane(view, pane.rect);
  if (view.overviewTextures) {
    const factor = 4 ** view.level, {rows, columns} = view.overviewPlanes[0];
    drawPiece(view.overviewTextures, view.overviewPlanes[0], onPane(pane, 0, 0, view.rows, view.columns),
              [0, 0, view.rows / factor, view.columns / factor], [perPixel.columns / factor, perPixel.rows / factor]);
    drawn = rows * columns > 0;
  }
  if (view.overviewTextures && wanted >= view.level) return drawn;
  for (const tile of view.tiles) {
    if (tile.state !== 'ready' || !isVisible(tile)) continue;
    tile.used = time;
    drawTile(pane, tile, Math.min(wanted, tile.levels.length - 1), perPixel);
    drawn = true;
  }
  return drawn;
}

// Enlarged, a tile reaches to the middle of the row and column that it shares, so that no seam is seen.
function drawTile(pane, tile, level, perPixel) {
  const {view} = tile, factor = 4 ** level, half = level === 0 ? 0.5 : 0;
  const begin = [tile.row > 0 ? half : 0, tile.column > 0 ? half : 0];
  const end = [tile.rows + (tile.row + tile.rows < view.rows ? half : 0),
               tile.columns + (tile.column + tile.columns < view.columns ? half : 0)];
  drawPiece(tile.levels[level], tile.sizes[level],
            onPane(pane, tile.row + begin[0], tile.column + begin[1], end[0] - begin[0], end[1] - begin[1]),
            [begin[0] / factor, begin[1] / factor, end[0] / factor, end[1] / factor],
            [perPixel.columns / factor, perPixel.rows / factor]);
}

function drawPictures(time) {
  gl.disable(gl.SCISSOR_TEST);
  gl.clearColor(0.027, 0.035, 0.043, 1);
  gl.clear(gl.COLOR_BUFFER_BIT);
  return panes.map(pane => drawPane(pane, time)).some(Boolean);
}

// The number stored at a place, and at the low energy's; null where its tile is not there yet.
function storedAt(view, row, column) {
  const tile = view.tiles.find(own => row >= own.row && row < own.row + own.rows && column >= own.column &&
                                      column < own.column + own.columns);
  if (!tile?.numbers) return null;
  return tile.numbers.map(({numbers, columns}) => numbers[(row - tile.row) * columns + column - tile.column]);
}

const isMarked = (runs, at) => runs.some(([first, count]) => at >= first && at < first + count);
