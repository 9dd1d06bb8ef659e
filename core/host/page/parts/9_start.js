// The beginning, and what goes on: overviews first, then tiles as they come.
let firstPixel = null;  // milliseconds from the page's beginning until its first picture stood on the screen
let canDraw = false, pumping = false, isReady = false;
let tellReady = null;
const ready = new Promise(resolve => { tellReady = resolve; });
const pause = milliseconds => new Promise(resolve => setTimeout(resolve, milliseconds));

function drawNow(time) {
  if (!canDraw || gl.isContextLost()) return;
  const drawn = drawPictures(time);
  drawOverlay();
  if (drawn) shown();
}

// Fulfilled when what has just been drawn stands on the screen: it was handed there before the next frame but one begins.
async function shown() {
  if (firstPixel !== null) return;
  firstPixel = 0;
  await new Promise(resolve => requestAnimationFrame(() => requestAnimationFrame(resolve)));
  firstPixel = performance.now();
  document.documentElement.dataset.firstPixelMs = firstPixel.toFixed(1);
}

function writeProgress() {
  const waiting = tiles.filter(tile => tile.state !== 'ready').length, isMissing = waiting > 0 && !isReady;
  byId('progress').textContent = isMissing ? word('progress', {percent: Math.floor(100 * (1 - waiting / tiles.length))}) : '';
}

// Takes tiles from the page as they arrive, two at a time, what is seen first.
async function pump() {
  if (pumping || !gl) return;
  pumping = true;
  for (let tile = nextTile(); tile; tile = nextTile()) {
    const more = [tile];
    tile.state = 'busy';
    const second = nextTile();
    if (second) more.push(second);
    await Promise.all(more.map(loadTile));
    for (const {view, numbers} of more)
      if (view.level === 0 && numbers) addSample(view, numbers[0].numbers);
    writeProgress();
    changed();
    await pause(0);  // hands and eyes come before speed
  }
  pumping = false;
  if (document.readyState !== 'loading' && !isReady) {
    isReady = true;
    writeProgress();
    tellReady();
  }
}

function watchArrivals() {
  let asked = false;
  const arrivals = new MutationObserver(() => {
    if (asked) return;
    asked = true;
    setTimeout(() => { asked = false; pump(); }, 20);
  });
  arrivals.observe(document.body, {childList: true});
  whenWhole(() => {
    arrivals.disconnect();
    writePhotos();
    setTimeout(pump, 25);
  });
}

// Once the last block has arrived.
function whenWhole(act) {
  if (document.readyState === 'loading') document.addEventListener('DOMContentLoaded', act);
  else act();
}

function say(id) {
  byId('sorry').dataset.text = id;
  byId('sorry').hidden = false;
  byId('tools').hidden = byId('readout').hidden = true;
  for (const canvas of [picture, overlay]) canvas.hidden = true;
}

function restore() {  // the graphics card forgot everything: bytes are still here
  takeUpGpu();
  for (const tile of tiles) if (tile.state === 'ready') makeTextures(tile);
  redraw();
}

function withoutPictures(id) {
  gl = null;
  say(id);
  writeTexts();
  whenWhole(() => { writePhotos(); tellReady(); });
}

// False where the browser has no WebGL2.
function takeUpGpu() {
  if (!beginGpu()) return false;
  for (const view of views) if (view.overviewPlanes) view.overviewTextures = view.overviewPlanes.map(planeTexture);
  endGpu();
  return true;
}

async function start() {
  onLanguage.push(() => { writeBeside(); writeSpot(); writeProgress(); writeControls(); redraw(); });
  writeTexts();
  if (views.length === 0) return withoutPictures('no_pictures');
  if (typeof DecompressionStream === 'undefined') return withoutPictures('no_webgl');
  layOut();
  await Promise.all(views.filter(view => view.level > 0).map(loadOverview));
  writeControls();
  layOut();  // what is written there takes room
  if (drawSketch()) await Promise.race([shown(), pause(document.hidden ? 0 : 1000)]);  // hidden pages have no frames
  if (!takeUpGpu()) return withoutPictures('no_webgl');
  canDraw = true;
  layOut();
  drawNow(performance.now());
  listen();
  new ResizeObserver(() => { layOut(); changed(); pump(); }).observe(stage);
  picture.addEventListener('webglcontextlost', event => event.preventDefault());
  picture.addEventListener('webglcontextrestored', restore);
  watchArrivals();
  setTimeout(pump, 50);
}

// For tests, and for whoever automates a browser: the picture as the page draws it, at 1:1.
window.garita = {
  ready,
  get firstPixelMs() { return firstPixel; },
  get language() { return language; },
  set(options) {
    const {low, high, view, ...own} = options;
    Object.assign(lens, own);
    if (low !== undefined) Object.assign(windowOf(views[view ?? 0]), {low, high, automatic: false});
    changed();
  },
  get panes() { return panes.map(({view}) => ({view: view.name, ...cameraOf(view)})); },
  get window() { return {...windowOf(active.view), sample: undefined, histograms: undefined, ...lens}; },
  stored: (view, row, column) => storedAt(views[view], row, column),
  pixel(view, row, column) {
    const kept = {...camera}, wasActive = active, pane = panes.find(own => own.view === views[view]);
    active = pane;
    const own = cameraOf(pane.view), before = {...own};
    oneToOne(pane);
    const {rect} = pane, middle = {x: rect.x + Math.floor(rect.width / 2), y: rect.y + Math.floor(rect.height / 2)};
    own.x = (row + 0.5 - (middle.x + 0.5 - rect.x - rect.width / 2) / (scaleOf(pane) * pane.view.unit[0])) / pane.view.rows;
    own.y = (column + 0.5 - (middle.y + 0.5 - rect.y - rect.height / 2) / (scaleOf(pane) * pane.view.unit[1])) / pane.view.columns;
    drawPictures(0);
    const rgba = new Uint8Array(4);
    gl.readPixels(middle.x, picture.height - 1 - middle.y, 1, 1, gl.RGBA, gl.UNSIGNED_BYTE, rgba);
    Object.assign(own, before);
    Object.assign(camera, kept);
    active = wasActive;
    redraw();
    return [...rgba];
  },
};

start();
