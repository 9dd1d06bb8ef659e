// Numbers of planes, from the data blocks that follow this script: tile_code.hpp says how they are coded.
const coded = new Map();  // id -> bytes, still deflated; their text is dropped from the page

const fromBase64 = Uint8Array.fromBase64 ? text => Uint8Array.fromBase64(text) : text => {
  const letters = atob(text), bytes = new Uint8Array(letters.length);
  for (let i = 0; i < letters.length; ++i) bytes[i] = letters.charCodeAt(i);
  return bytes;
};

// A block is whole once something stands behind it.
function hasArrived(id) {
  if (coded.has(id)) return true;
  const block = byId(id);
  return block !== null && (block.nextElementSibling !== null || document.readyState !== 'loading');
}

function bytesOf(id) {
  if (!coded.has(id)) {
    const block = byId(id);
    coded.set(id, fromBase64(block.textContent));
    block.remove();
  }
  return coded.get(id);
}

async function inflate(bytes) {
  const stream = new Blob([bytes]).stream().pipeThrough(new DecompressionStream('deflate-raw'));
  return new Uint8Array(await new Response(stream).arrayBuffer());
}

function joined(split, rows, columns) {
  const count = rows * columns, numbers = new Uint16Array(count);
  if (split.length !== 2 * count) throw new Error('tile');
  for (let row = 0, at = 0; row < rows; ++row) {
    let left = 0;
    for (let column = 0; column < columns; ++column, ++at) {
      const folded = split[at] | split[count + at] << 8;
      left = left + ((folded >>> 1) ^ -(folded & 1)) & 0xFFFF;
      numbers[at] = left;
    }
  }
  return numbers;
}

async function numbersOf(id, rows, columns) { return joined(await inflate(bytesOf(id)), rows, columns); }

// A quarter of rows and columns, each the mean of what its box holds, as package/overview.hpp says.
function quartered({numbers, rows, columns}) {
  const own = {rows: Math.ceil(rows / 4), columns: Math.ceil(columns / 4)};
  own.numbers = new Uint16Array(own.rows * own.columns);
  for (let row = 0; row < own.rows; ++row)
    for (let column = 0; column < own.columns; ++column) {
      const rowEnd = Math.min(4 * row + 4, rows), columnEnd = Math.min(4 * column + 4, columns);
      let sum = 0;
      for (let r = 4 * row; r < rowEnd; ++r)
        for (let c = 4 * column; c < columnEnd; ++c) sum += numbers[r * columns + c];
      const count = (rowEnd - 4 * row) * (columnEnd - 4 * column);
      own.numbers[row * own.columns + column] = Math.floor((sum + (count >> 1)) / count);
    }
  return own;
}
