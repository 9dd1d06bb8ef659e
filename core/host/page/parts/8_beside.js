// Beside the pictures: radiation over time, photographs, what is not in the page, the record.
const kinds = {1: 'gamma_kind', 2: 'neutron', 3: 'spectrum', 4: 'dose_rate'};
const strokes = ['', '5 3', '1.5 3', '8 3 1.5 3'];  // panels differ by dashes too, not by colour alone

const colourOf = (kind, i) => `hsl(${kind === 2 ? 272 : kind === 3 ? 150 : 201} ${70 - 8 * (i >> 2)}% ${74 - 9 * (i % 4)}%)`;

// [x, value] of a series; pieces follow one another.
function pointsOf(series) {
  if (series.kind === 3) {
    const [first] = series.pieces;
    return first.values.map((value, i) => [energyAt(series.energy, i * series.group), value]);
  }
  return series.pieces.flatMap(piece => piece.values.map((value, i) => [piece.start + i * piece.step, value]))
      .sort((a, b) => a[0] - b[0]);
}

const energyAt = (terms, channel) =>
    terms.length < 2 ? channel : terms.reduceRight((sum, term) => sum * channel + term, 0);

// A plot of some series with the same axes. Spectra count in logarithms, so that a weak line is seen.
function plot(list, kind) {
  const width = 330, height = kind === 3 ? 130 : 110, left = 38, bottom = 18, top = 6;
  const lines = list.map(pointsOf), all = lines.flat();
  const first = Math.min(...all.map(point => point[0])), last = Math.max(...all.map(point => point[0]), first + 1e-9);
  const most = Math.max(...all.map(point => point[1]), 1e-9), log = kind === 3;
  const x = at => left + (at - first) / (last - first) * (width - left - 4);
  const y = value => height - bottom - (log ? Math.log1p(value) / Math.log1p(most) : value / most) * (height - bottom - top);
  const own = svg('svg', {viewBox: `0 0 ${width} ${height}`, role: 'img', 'aria-label': plotWord(list, kind, most)});
  for (const share of [0, 0.5, 1]) {
    const value = log ? Math.expm1(share * Math.log1p(most)) : share * most;
    own.append(svg('line', {class: 'grid', x1: left, x2: width, y1: y(value), y2: y(value)}),
               svg('text', {x: left - 5, y: y(value) + 4, 'text-anchor': 'end'}, figures(value)));
  }
  const unit = kind === 3 ? (list[0].energy.length > 1 ? 'keV' : word('channel')) : 's';
  own.append(svg('text', {x: left, y: height - 4}, `${figures(first)} ${unit}`),
             svg('text', {x: width - 2, y: height - 4, 'text-anchor': 'end'}, `${figures(last)} ${unit}`));
  lines.forEach((points, i) => {
    if (points.length === 1) points = [[first, points[0][1]], [last, points[0][1]]];
    own.append(svg('polyline', {class: 'curve', stroke: colourOf(kind, i), 'stroke-dasharray': strokes[i % 4],
                                points: points.map(point => `${x(point[0]).toFixed(1)},${y(point[1]).toFixed(1)}`).join(' ')}));
  });
  return own;
}

function plotWord(list, kind, most) {
  const panels = list.map(series => series.panel).filter(Boolean).join(', ');
  return `${word(kinds[kind] ?? 'radiation')} ${panels}: ${word('peak', {value: `${figures(most)} ${unitOf(list[0])}`})}`;
}

const unitOf = series => model.texts[language][`unit_${series.unit}`] ?? '';

function figureOf(list, kind) {
  const most = Math.max(...list.flatMap(pointsOf).map(point => point[1]), 0);
  const title = [word(kinds[kind] ?? 'radiation'), unitOf(list[0])].filter(Boolean).join(' · ');
  const caption = element('figcaption', {}, element('span', {}, title),
                          list.some(series => series.alarm) ? element('b', {}, word('alarm'))
                                                            : element('span', {}, word('peak', {value: figures(most)})));
  const names = element('div', {class: 'keyline'}, ...list.map((series, i) => {
    const line = element('i');
    line.style.borderTopColor = colourOf(kind, i);
    line.style.borderTopStyle = i % 4 ? (i % 4 === 2 ? 'dotted' : 'dashed') : 'solid';
    const marks = [series.alarm ? word('alarm') : '', series.fault ? word('fault') : ''].filter(Boolean).join(', ');
    return element('span', {}, line, series.panel || word('panel'), marks ? ` (${marks})` : '');
  }));
  return element('figure', {}, caption, plot(list, kind), ...(list.length > 1 || list[0].panel ? [names] : []));
}

function writeRadiation() {
  const own = byId('radiation'), shown = model.readings.filter(series => !series.background);
  const figuresOf = [];
  for (const kind of [1, 2, 4]) {
    const units = new Set(shown.filter(series => series.kind === kind).map(series => series.unit));
    for (const unit of units) figuresOf.push(figureOf(shown.filter(series => series.kind === kind && series.unit === unit), kind));
  }
  for (const series of shown.filter(one => one.kind === 3)) figuresOf.push(figureOf([series], 3));
  own.hidden = figuresOf.length === 0;
  own.replaceChildren(own.firstElementChild, ...figuresOf);
}

// ---- Photographs: data of ours around bytes of theirs; the browser alone decodes them

const photoShown = [];
function writePhotos() {
  const own = byId('photos');
  own.hidden = model.photos.length === 0;
  model.photos.forEach((photo, i) => {
    if (!photoShown[i]) {
      const caption = element('figcaption', {}, element('span', {dir: 'auto'}, photo.name), element('span'));
      photoShown[i] = element('figure', {}, caption, element('img', {alt: '', decoding: 'async'}));
      own.append(photoShown[i]);
    }
    const [caption, image] = photoShown[i].children;
    caption.lastElementChild.textContent = word(`role_${photo.role}`);
    image.alt = `${word(`role_${photo.role}`)}: ${photo.name}`;
    if (!image.hasAttribute('src') && hasArrived(`photo${i}`))
      image.src = `data:${photo.type};base64,${byId(`photo${i}`).textContent}`;
  });
}

// ---- The record

function writeRecord() {
  const groups = new Map();
  for (const row of model.record[language]) groups.set(row[0], [...groups.get(row[0]) ?? [], row]);
  const open = [...document.querySelectorAll('#record details')].map(own => own.open);
  byId('record').lastElementChild.replaceChildren(...[...groups].map(([group, rows], i) => {
    const list = element('dl', {}, ...rows.flatMap(([, name, value, reason]) => [
      element('dt', {}, name),
      element('dd', {dir: 'auto', ...(reason ? {class: 'suspect'} : {})}, reason ? `${value}  ${word('suspect', {reason})}` : value),
    ]));
    const own = element('details', {}, element('summary', {}, group), list);
    own.open = open[i] ?? (i < 3 || rows.some(row => row[3]));
    return own;
  }));
  const notes = model.notes[language];
  byId('notes').hidden = notes.length === 0;
  byId('notes').lastElementChild.replaceChildren(...notes.map(note => element('li', {}, note)));
  byId('seal').replaceChildren(element('dt', {}, word('root')), element('dd', {}, model.seal.root), element('dt', {}, word('key')),
                               element('dd', {}, model.seal.key));
}

function writeTitle() {
  const {what, site, lane, utc, device} = model.title, place_ = [site, lane && word('lane', {lane})].filter(Boolean).join(' · ');
  byId('what').textContent = what || 'Garita';
  byId('where').textContent = [place_, device.trim(), utc && utc.replace('T', ' ').replace('Z', ' UTC')].filter(Boolean).join(' · ');
  byId('incomplete').hidden = !model.title.incomplete;
  byId('suspect').hidden = !model.title.suspect;
}

function writeBeside() {
  writeTitle();
  writeRadiation();
  writePhotos();
  writeRecord();
}
