// WebGL2: 16-bit numbers stay integers in their textures; the window is applied to each pixel that is shown.
const vertexText = `#version 300 es
uniform vec4 u_rect;   // on the pane: x0 y0 x1 y1, -1 … 1
uniform vec4 u_part;   // of the texture: row0 column0 row1 column1, in texels
out vec2 v_at;         // column, row
void main() {
  vec2 corner = vec2(gl_VertexID & 1, gl_VertexID >> 1);
  v_at = mix(u_part.yx, u_part.wz, corner.yx);
  gl_Position = vec4(mix(u_rect.xy, u_rect.zw, corner), 0, 1);
}`;

const fragmentText = `#version 300 es
precision highp float;
precision highp int;
precision highp usampler2D;
precision highp sampler2D;
uniform usampler2D u_main, u_low;
uniform sampler2D u_pseudo, u_materials, u_curves;
uniform vec2 u_texels;    // columns, rows of the texture to a pixel
uniform ivec2 u_size;     // columns, rows
uniform vec2 u_meaning;   // value = x * number + y
uniform vec3 u_window;    // low, high, 1 / gamma
uniform bool u_log, u_inverse;
uniform int u_colours;    // 0 grey, 1 pseudo, 2 materials
in vec2 v_at;
out vec4 o_colour;

float texel(usampler2D plane, ivec2 at) { return float(texelFetch(plane, clamp(at, ivec2(0), u_size - 1), 0).r); }

float between(usampler2D plane) {  // enlarged: between the four texels around
  vec2 at = v_at - 0.5, share = fract(at);
  ivec2 first = ivec2(floor(at));
  float above = mix(texel(plane, first), texel(plane, first + ivec2(1, 0)), share.x);
  float below = mix(texel(plane, first + ivec2(0, 1)), texel(plane, first + ivec2(1, 1)), share.x);
  return mix(above, below, share.y);
}

float mean(usampler2D plane) {  // made smaller: over all texels that the pixel covers
  ivec2 count = clamp(ivec2(ceil(u_texels - 0.01)), 1, 8);
  vec2 step = u_texels / vec2(count), first = v_at - 0.5 * u_texels + 0.5 * step;
  float sum = 0.0;
  for (int y = 0; y < count.y; ++y)
    for (int x = 0; x < count.x; ++x) sum += texel(plane, ivec2(floor(first + step * vec2(x, y))));
  return sum / float(count.x * count.y);
}

float value(usampler2D plane) {
  vec2 off = abs(u_texels - 1.0);
  float number = max(off.x, off.y) < 0.001 ? texel(plane, ivec2(floor(v_at)))
      : max(u_texels.x, u_texels.y) < 1.0 ? between(plane) : mean(plane);
  return number * u_meaning.x + u_meaning.y;
}

float attenuation(usampler2D plane) {  // -ln t; noise does not speckle the colours
  vec2 step = 2.0 * max(u_texels, vec2(1.0));
  float sum = 0.0;
  for (int y = -1; y <= 1; ++y)
    for (int x = -1; x <= 1; ++x)
      sum -= log(max(texel(plane, ivec2(floor(v_at + step * vec2(x, y)))) * u_meaning.x + u_meaning.y, 0.0005));
  return sum / 9.0;  // smoothed behind the logarithm: edges get no rim of a third material
}

float curve(int material, float high) {
  float at = clamp(high, 0.0, 8.0) * 50.0;
  int i = min(int(at), 399);
  float first = texelFetch(u_curves, ivec2(i, material), 0).r, next = texelFetch(u_curves, ivec2(i + 1, material), 0).r;
  return mix(first, next, at - float(i));
}

float place(float high, float low) {  // core/picture/colours/materials.hpp
  float organic = curve(0, high), inorganic = curve(1, high), metal = curve(2, high);
  float first = inorganic - organic, second = metal - inorganic;
  if (abs(first) < 1e-6 || abs(second) < 1e-6) return 1.0;
  float over = (low - inorganic) / second;
  return clamp(over > 0.0 ? 1.0 + over : (low - organic) / first, 0.0, 2.0);
}

float brightness(float v) {
  float low = u_log ? max(u_window.x, 0.0005) : u_window.x, high = max(u_window.y, low * 1.0001 + 1e-6);
  float inside = clamp(v, low, high);
  float share = u_log ? log(inside / low) / log(high / low) : (inside - low) / (high - low);
  if (u_window.z != 1.0) share = pow(clamp(share, 0.0, 1.0), u_window.z);
  return u_inverse ? 1.0 - share : share;
}

void main() {
  float bright = brightness(value(u_main));
  vec3 colour = vec3(bright);
  if (u_colours == 1) colour = texelFetch(u_pseudo, ivec2(int(bright * 255.0 + 0.5), 0), 0).rgb;
  if (u_colours == 2) {
    float high = attenuation(u_main), through = exp(-high);
    float certainty = clamp((high - 0.03) / 0.15, 0.0, 1.0) * clamp((through - 0.003) / 0.003, 0.0, 1.0);
    vec2 at = vec2(bright, place(high, attenuation(u_low)) / 2.0) * 63.0;
    vec3 hue = texelFetch(u_materials, ivec2(at + 0.5), 0).rgb;
    colour = mix(colour, hue, certainty);
  }
  o_colour = vec4(colour, 1);
}`;

const picture = byId('picture');
let gl = null, program = null, place = {}, colours = {};

function shader(type, text) {
  const own = gl.createShader(type);
  gl.shaderSource(own, text);
  gl.compileShader(own);
  return own;
}

function texture(format, width, height, kind, type, data) {
  const own = gl.createTexture();
  gl.bindTexture(gl.TEXTURE_2D, own);
  gl.pixelStorei(gl.UNPACK_ALIGNMENT, 1);
  gl.texImage2D(gl.TEXTURE_2D, 0, format, width, height, 0, kind, type, data);
  for (const side of [gl.TEXTURE_MIN_FILTER, gl.TEXTURE_MAG_FILTER]) gl.texParameteri(gl.TEXTURE_2D, side, gl.NEAREST);
  for (const side of [gl.TEXTURE_WRAP_S, gl.TEXTURE_WRAP_T]) gl.texParameteri(gl.TEXTURE_2D, side, gl.CLAMP_TO_EDGE);
  return own;
}

const planeTexture = ({numbers, rows, columns}) =>
    texture(gl.R16UI, columns, rows, gl.RED_INTEGER, gl.UNSIGNED_SHORT, numbers);

// False where the browser has no WebGL2. The graphics process compiles while the page hands it its first textures: nothing is
// asked of it here.
function beginGpu() {
  gl = picture.getContext('webgl2', {alpha: false, antialias: false, depth: false, powerPreference: 'high-performance'});
  if (!gl || gl.getParameter(gl.MAX_TEXTURE_SIZE) < 2048) return false;
  program = gl.createProgram();
  gl.attachShader(program, shader(gl.VERTEX_SHADER, vertexText));
  gl.attachShader(program, shader(gl.FRAGMENT_SHADER, fragmentText));
  gl.linkProgram(program);
  return true;
}

// Waits for the graphics process.
function endGpu() {
  if (!gl.getProgramParameter(program, gl.LINK_STATUS) && !gl.isContextLost())
    throw new Error([gl.getProgramInfoLog(program), ...gl.getAttachedShaders(program).map(own => gl.getShaderInfoLog(own))].join('\n'));
  place = {};
  for (const name of ['rect', 'part', 'main', 'low', 'pseudo', 'materials', 'curves', 'texels', 'size', 'meaning', 'window', 'log',
                      'inverse', 'colours'])
    place[name] = gl.getUniformLocation(program, `u_${name}`);
  colours.pseudo = texture(gl.RGB8, 256, 1, gl.RGB, gl.UNSIGNED_BYTE, bytesOf('pseudo'));
  colours.materials = texture(gl.RGB8, 64, 64, gl.RGB, gl.UNSIGNED_BYTE, bytesOf('materials'));
  const none = new Float32Array(3 * 401);
  colours.none = texture(gl.R32F, 401, 3, gl.RED, gl.FLOAT, none);
  colours.curves = model.views.map((view, i) => view.low
      ? texture(gl.R32F, 401, 3, gl.RED, gl.FLOAT, new Float32Array(bytesOf(`c${i}`).slice().buffer)) : colours.none);
}

function useTexture(unit, own, at) {
  gl.activeTexture(gl.TEXTURE0 + unit);
  gl.bindTexture(gl.TEXTURE_2D, own);
  gl.uniform1i(at, unit);
}

// What all pieces of a pane have in common.
function beginPane(view, rect) {
  const own = windowOf(view), mode = lens.colours === 'materials' && !view.low ? 'grey' : lens.colours;
  gl.useProgram(program);
  gl.viewport(rect.x, picture.height - rect.y - rect.height, rect.width, rect.height);
  useTexture(2, colours.pseudo, place.pseudo);
  useTexture(3, colours.materials, place.materials);
  useTexture(4, colours.curves[view.index], place.curves);
  gl.uniform2f(place.meaning, view.slope, view.intercept);
  gl.uniform3f(place.window, own.low, own.high, 1 / lens.gamma);
  gl.uniform1i(place.log, isLog(own) ? 1 : 0);
  gl.uniform1i(place.inverse, lens.inverse ? 1 : 0);
  gl.uniform1i(place.colours, ['grey', 'pseudo', 'materials'].indexOf(mode));
}

// A texture of `factor` rows and columns a texel, of which `part` is laid over `rect` of the pane (-1 … 1).
function drawPiece(planes, size, rect, part, texels) {
  useTexture(0, planes[0], place.main);
  useTexture(1, planes[1] ?? planes[0], place.low);
  gl.uniform2i(place.size, size.columns, size.rows);
  gl.uniform4f(place.rect, ...rect);
  gl.uniform4f(place.part, ...part);
  gl.uniform2f(place.texels, ...texels);
  gl.drawArrays(gl.TRIANGLE_STRIP, 0, 4);
}
