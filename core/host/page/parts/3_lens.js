// How numbers become brightness: the rules of core/picture/drawing/window.hpp. All views of transmission share a window;
// any other view has its own.
const lens = {scale: 'log', gamma: 1, inverse: false, colours: 'grey'};
const least = {log: 0.0005, linear: -0.05}, most = 1.25;  // of a window of transmission

const windows = new Map();  // domain -> {low, high, automatic, sample}
function windowOf(view) {
  const domain = view.canonical ? 'transmission' : view.name;
  if (!windows.has(domain))
    windows.set(domain, {low: 0.002, high: 1, automatic: true, sample: [], canonical: view.canonical});
  return windows.get(domain);
}

const valueOf = (view, stored) => view.slope * stored + view.intercept;
const isLog = own => own.canonical && lens.scale === 'log';

// Where a window is moved evenly: -ln t or the value itself.
const toScale = (own, value) => isLog(own) ? Math.log(Math.max(value, least.log)) : value;
const fromScale = (own, at) => isLog(own) ? Math.exp(at) : at;

function rangeOf(own) {  // of the scale that can be chosen
  if (own.canonical) return [toScale(own, least[lens.scale]), toScale(own, most)];
  const sample = own.sample;
  if (sample.length === 0) return [0, 1];
  const first = sample[0], last = sample[sample.length - 1];
  return last > first ? [first, last] : [first - 1, first + 1];
}

const clamped = (value, low, high) => Math.min(Math.max(value, low), high);

function fitWindow(own) {
  const sample = own.sample;
  if (sample.length === 0) return;
  const quantile = share => sample[Math.floor(share * (sample.length - 1))];
  own.low = quantile(0.005);
  own.high = quantile(0.995);
  if (own.canonical) {
    own.high = clamped(own.high, 0.02, 1.2);
    own.low = isLog(own) ? clamped(own.low, 0.002, own.high / 5) : clamped(own.low, -0.02, own.high * 0.9);
  } else if (!(own.high > own.low)) {
    [own.low, own.high] = rangeOf(own);
  }
}

// Some of a view's numbers, for the automatic window and the histogram.
function addSample(view, numbers) {
  const own = windowOf(view), step = Math.max(1, Math.floor(numbers.length / 60000)), more = [];
  for (let i = 0; i < numbers.length; i += step) more.push(valueOf(view, numbers[i]));
  own.sample = own.sample.concat(more).sort((a, b) => a - b);
  own.histograms = {};
  if (own.automatic) fitWindow(own);
}

// Keeps low below high and both in range; the least width is a thousandth of the scale.
function setWindow(own, low, high) {
  const [first, last] = rangeOf(own), narrow = (last - first) / 1000;
  const width = clamped(toScale(own, high) - toScale(own, low), narrow, last - first);
  const middle = clamped((toScale(own, low) + toScale(own, high)) / 2, first, last);
  own.low = fromScale(own, middle - width / 2);
  own.high = fromScale(own, middle + width / 2);
  own.automatic = false;
}

function moveWindow(own, level, width) {  // both in shares of the scale
  const [first, last] = rangeOf(own), span = last - first;
  const low = toScale(own, own.low), high = toScale(own, own.high), grown = (high - low) * Math.exp(width);
  const middle = (low + high) / 2 + level * span;
  setWindow(own, fromScale(own, middle - grown / 2), fromScale(own, middle + grown / 2));
}

function brightnessOf(own, value) {
  const low = isLog(own) ? Math.max(own.low, least.log) : own.low, high = Math.max(own.high, low * 1.0001 + 1e-6);
  const inside = clamped(value, low, high);
  const share = isLog(own) ? Math.log(inside / low) / Math.log(high / low) : (inside - low) / (high - low);
  const bright = Math.pow(share, 1 / lens.gamma);
  return lens.inverse ? 1 - bright : bright;
}

// Straight in -ln t between the curve's points (decisions/0032); null where nothing gets through any more.
function steelOf(view, transmission) {
  const points = view.steel;
  if (points.length < 2) return undefined;
  if (!(transmission >= points[points.length - 1][0])) return null;
  if (transmission >= points[0][0]) return 0;
  let i = 1;
  while (points[i][0] > transmission) ++i;
  const [t0, mm0] = points[i - 1], [t1, mm1] = points[i];
  return mm0 + (mm1 - mm0) * Math.log(t0 / transmission) / Math.log(t0 / t1);
}

function percent(transmission) {
  const value = transmission * 100;
  return `${number(value, Math.abs(value) < 9.95 ? 2 : 1)} %`;
}

function meaning(view, value) {  // as a person reads it
  if (view.canonical) return percent(value);
  const unit = model.texts[language][`unit_${view.unit}`];
  return unit ? `${figures(value)} ${unit}` : figures(value);
}
