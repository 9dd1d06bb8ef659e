#!/usr/bin/env python3
"""Reads a .garita package with nothing but Python's standard library and the zstd command.

    read_package.py FILE            prints `<view>/<channel> <sha256>` for each plane, as `garita verify FILE --planes` does
    read_package.py FILE --record   prints the fields of the record instead

Written from core/package/FORMAT.md alone: a second reader that keeps the first one honest. It checks the structure, every
hash, the root and Ed25519 signatures (ECDSA ones it does not, and says so on stderr). Planes that are kept by their hashes it
makes again from the raw ones, by the exact definition, and holds them against these hashes. Exit: 0 all hold, 1 something is
wrong, 4 the file ends early.
"""
import array
import hashlib
import math
import struct
import subprocess
import sys

MAGIC = bytes.fromhex("89474152495441" "0a")
SAMPLE_BYTES = {1: 1, 2: 2, 3: 2, 4: 4, 5: 4, 6: 8, 7: 4, 8: 8}
UNKNOWN = 2**64 - 1
NO_PART = 2**32 - 1


class Wrong(Exception):
    """Something in the file is not as the format or a signature says."""


class Torn(Exception):
    """The bytes end before the package does."""


def need(condition, place):
    if not condition:
        raise Wrong(place)


# ---- hashes

def sha256(*pieces):
    digest = hashlib.sha256()
    for piece in pieces:
        digest.update(piece)
    return digest.digest()


def leaf_hash(salt, path, value):
    return sha256(b"\0", salt, struct.pack("<I", len(path)), path, value)


def node_hash(left, right):
    return sha256(b"\1", left, right)


def tree_hash(hashes):
    """RFC 6962, 2.1: pair neighbours level by level; one left over moves up as it is."""
    if not hashes:
        return sha256()
    while len(hashes) > 1:
        pairs = [node_hash(hashes[i], hashes[i + 1]) for i in range(0, len(hashes) - 1, 2)]
        hashes = pairs + hashes[len(pairs) * 2:]
    return hashes[0]


# ---- Ed25519 (RFC 8032), slow and plain: for checking, never for signing

P = 2**255 - 19
L = 2**252 + 27742317777372353535851937790883648493
D = -121665 * pow(121666, P - 2, P) % P


def ed_add(a, b):
    x1, y1, z1, t1 = a
    x2, y2, z2, t2 = b
    e, f = (y1 - x1) * (y2 - x2) % P, (y1 + x1) * (y2 + x2) % P
    g, h = 2 * t1 * t2 * D % P, 2 * z1 * z2 % P
    p, q, r, s = f - e, h - g, h + g, f + e
    return p * q % P, r * s % P, q * r % P, p * s % P


def ed_multiply(scalar, point):
    result = (0, 1, 1, 0)
    while scalar:
        if scalar & 1:
            result = ed_add(result, point)
        point, scalar = ed_add(point, point), scalar >> 1
    return result


def ed_point(encoded):
    y = int.from_bytes(encoded, "little")
    sign, y = y >> 255, y & (2**255 - 1)
    x2 = (y * y - 1) * pow(D * y * y + 1, P - 2, P) % P
    x = pow(x2, (P + 3) // 8, P)
    if (x * x - x2) % P:
        x = x * pow(2, (P - 1) // 4, P) % P
    if y >= P or (x * x - x2) % P or (x == 0 and sign):
        return None
    x = P - x if x & 1 != sign else x
    return x, y, 1, x * y % P


def ed25519_holds(key, message, signature):
    base = ed_point((4 * pow(5, P - 2, P) % P).to_bytes(32, "little"))
    a, r = ed_point(key), ed_point(signature[:32])
    s = int.from_bytes(signature[32:], "little")
    if a is None or r is None or s >= L:
        return False
    k = int.from_bytes(hashlib.sha512(signature[:32] + key + message).digest(), "little") % L
    left, right = ed_multiply(s, base), ed_add(r, ed_multiply(k, a))
    return ((left[0] * right[2] - right[0] * left[2]) % P == 0 and
            (left[1] * right[2] - right[1] * left[2]) % P == 0)


# ---- values of heads and tails

class Take:
    def __init__(self, data, place):
        self.data, self.at, self.place = data, 0, place

    def numbers(self, layout):
        size = struct.calcsize("<" + layout)
        need(self.at + size <= len(self.data), self.place)
        values = struct.unpack_from("<" + layout, self.data, self.at)
        self.at += size
        return values

    def number(self, layout):
        return self.numbers(layout)[0]

    def bytes(self, size):
        need(self.at + size <= len(self.data), self.place)
        self.at += size
        return self.data[self.at - size:self.at]

    def end(self):
        need(self.at == len(self.data), self.place)


class Part:
    def __init__(self):
        self.kind, self.withheld, self.ended = None, 0, False
        self.head_offset = self.hide_offset = self.tail_offset = 0
        self.head_hash, self.tail_hash, self.hidden_root = None, bytes(32), None
        self.leaves = []  # (offset, hash)
        self.tiles = []   # value of each, None where withheld
        self.rows, self.short, self.size, self.holes = 0, False, 0, False
        self.name, self.fields = None, []
        self.content = hashlib.sha256()

    def root(self):
        if self.withheld == 2:
            return self.hidden_root
        body = self.hidden_root if self.withheld == 1 else tree_hash([h for _, h in self.leaves])
        return node_hash(self.head_hash, node_hash(body, self.tail_hash))

    def read_head(self, value, place, parts):
        take = Take(value, place)
        self.kind = take.number("I")
        if self.kind == 1:
            take.bytes(take.number("H"))
            take.end()
            need(all(part is self or part.kind != 1 for part in parts), place)
        elif self.kind in (2, 4):
            self.read_raster_head(take, place, parts)
        elif self.kind == 3:
            _, _, media, name = take.numbers("IIHH")
            take.bytes(media + name)
            take.end()
            need(media <= 1024 and name <= 1024, place)

    def read_raster_head(self, take, place, parts):
        (self.role, self.sample, self.columns, self.rows_of_slice, self.slices, tile_rows, flags, source, level,
         view, channel) = take.numbers("IIIQIIIIIHH")
        self.view, self.channel = take.bytes(view).decode(), take.bytes(channel).decode()
        if self.role == 4:
            self.measured, _, self.calibration, _ = take.numbers("IIQq")
        take.end()
        need(self.kind == 2 or self.role == 1, place)
        need(1 <= self.role <= 4 and self.sample in SAMPLE_BYTES and 1 <= self.columns <= 65536, place)
        need(tile_rows == 128 and flags <= 1, place)
        need((self.role == 3) == (level != 0) == (source != NO_PART), place)
        need(source == NO_PART or source < len(parts), place)
        known = self.rows_of_slice != UNKNOWN
        need(1 <= self.rows_of_slice <= 2**32 if known else self.slices == 1 and self.role != 4, place)
        self.rear_first = flags == 1
        self.tiles_of_slice = -(-self.rows_of_slice // 128) if known else 2**63

    def rows_of_place(self, ordinal):
        if self.rows_of_slice == UNKNOWN:
            return 128
        return min(128, self.rows_of_slice - ordinal % self.tiles_of_slice * 128)

    def read_leaf(self, ordinal, value, place):
        """value: None where withheld."""
        need(not self.short, place)
        self.holes = self.holes or value is None
        if self.kind == 1:
            if ordinal % 2 == 0:
                self.name = value
                need(value is None or 1 <= len(value) <= 1024, place)
            else:
                self.fields.append((self.name, value))
        elif self.kind in (2, 4):
            rows = self.rows_of_place(ordinal)
            if value is not None:
                codec, zero, stored = Take(value, place).numbers("HHI")
                need(zero == 0 and 1 <= stored <= rows, place)
                need((codec == 0) == (self.kind == 4) and (codec or len(value) == 40), place)
                self.short, rows = stored < rows, stored
            self.rows += rows
            self.tiles.append((rows, value))
        elif self.kind == 3 and value is not None:
            need(1 <= len(value) <= 2**20, place)
            self.short = len(value) < 2**20
            self.size += len(value)
            self.content.update(value)

    def read_tail(self, value, place):
        take = Take(value, place)
        leaves = take.number("Q")
        need(self.withheld == 1 or leaves == len(self.leaves), place)
        if self.kind == 1:
            need(leaves % 2 == 0, place)
        elif self.kind in (2, 4):
            rows = take.number("Q")
            whole, rest = divmod(rows, self.rows_of_slice)
            tiles = (whole * self.tiles_of_slice if whole else 0) + -(-rest // 128)
            need(tiles == leaves, place)
            need(self.rows_of_slice == UNKNOWN or self.slices == 0 or rows <= self.rows_of_slice * self.slices, place)
            shown = self.tiles and self.tiles[-1][1] is not None
            need(self.withheld == 1 or not shown or rows == self.rows, place)
            self.rows = rows
        elif self.kind == 3:
            size, digest = take.number("Q"), take.bytes(32)
            need(leaves == -(-size // 2**20), place)
            need(self.withheld or self.holes or (self.size == size and self.content.digest() == digest), place)
        if self.kind in (1, 2, 3, 4):
            take.end()
        self.ended = True


# ---- the file, front to back

class Package:
    def __init__(self, path):
        with open(path, "rb") as file:
            self.data = file.read()
        self.parts, self.checkpoints, self.key, self.unchecked = [], 0, None, False
        self.sealed = self.index = None
        self.read()

    def read(self):
        data = self.data
        need(data[:8] == MAGIC[:len(data)], "header")
        if len(data) < 64:
            raise Torn("header")
        version, _, size = struct.unpack_from("<HHI", data, 8)
        need(version == 1 and size == 64 and data[40:64] == bytes(24), "header")
        at, last = 64, None
        while last != b"FOOT":
            at, last = self.chunk(at)
        need(at == len(data), "bytes behind the end")

    def chunk(self, at):
        data, place = self.data, f"chunk at byte {at}"
        if len(data) - at < 32:
            raise Torn(place)
        kind, check, size, part, flags, ordinal = struct.unpack_from("<4s4sQIIQ", data, at)
        frame = data[at:at + 4] + bytes(4) + data[at + 8:at + 32]
        need(check == sha256(struct.pack("<Q", at), frame)[:4], place)
        if size > len(data) - at - 32:
            raise Torn(place)
        body = data[at + 32:at + 32 + size]
        place = f"{kind.decode()} of part {part}, {ordinal}, at byte {at}"
        need(flags == 0 or (flags == 1 and kind in (b"DATA", b"HIDE")), place)
        need((self.sealed is not None) == (kind in (b"INDX", b"FOOT")), place)
        if kind in (b"CKPT", b"SEAL", b"INDX", b"FOOT"):
            need(part == NO_PART, place)
        if kind == b"HEAD":
            self.head(at, part, ordinal, body, place)
        elif kind == b"DATA":
            self.leaf(at, part, ordinal, flags, body, place)
        elif kind == b"TAIL":
            self.tail(at, part, ordinal, body, place)
        elif kind == b"HIDE":
            self.hide(at, part, ordinal, flags, body, place)
        elif kind in (b"CKPT", b"SEAL"):
            self.statement(at, kind == b"SEAL", ordinal, body, place)
        elif kind == b"INDX":
            need(ordinal == 0 and self.index is None and body == self.right_index(), place)
            self.index = at
        elif kind == b"FOOT":
            check = sha256(data[self.index + 32:at])[:16] if self.index else b""
            need(ordinal == 0 and body == struct.pack("<QQ", self.index or 0, at + 64) + check, place)
        else:
            raise Wrong(place)
        return at + 32 + size, kind

    def checked_value(self, body, path, place):
        need(len(body) >= 48, place)
        need(leaf_hash(body[32:48], path, body[48:]) == body[:32], place)
        return body[48:]

    def open_part(self, number, place):
        need(number < len(self.parts) and not self.parts[number].ended, place)
        return self.parts[number]

    def head(self, at, number, ordinal, body, place):
        need(number == len(self.parts) < 8192 and ordinal == 0, place)
        part = Part()
        part.read_head(self.checked_value(body, b"part/%d" % number, place), place, self.parts)
        part.head_offset, part.head_hash = at, body[:32]
        self.parts.append(part)

    def leaf(self, at, number, ordinal, flags, body, place):
        part = self.open_part(number, place)
        need(ordinal == len(part.leaves) and not part.withheld, place)
        value = None
        if flags:
            need(len(body) == 32, place)
        else:
            path = b"part/%d/%d" % (number, ordinal)
            if part.kind == 1 and ordinal % 2:
                need(part.name is not None, place)
                path = part.name
            value = self.checked_value(body, path, place)
        part.read_leaf(ordinal, value, place)
        part.leaves.append((at, body[:32]))

    def tail(self, at, number, ordinal, body, place):
        part = self.open_part(number, place)
        need(ordinal == 0, place)
        part.read_tail(self.checked_value(body, b"part/%d/end" % number, place), place)
        part.tail_offset, part.tail_hash = at, body[:32]

    def hide(self, at, number, ordinal, flags, body, place):
        need(flags == 1 and len(body) == 32 and ordinal <= 1, place)
        if ordinal == 0:
            need(number == len(self.parts) < 8192, place)
            self.parts.append(Part())
            self.parts[number].ended = True
        else:
            part = self.open_part(number, place)
            need(not part.leaves and not part.withheld, place)
        part = self.parts[number]
        part.withheld, part.hide_offset, part.hidden_root = 2 - ordinal, at, body

    def root(self):
        value = self.data[:64] + struct.pack("<I", len(self.parts))
        return node_hash(leaf_hash(self.data[16:32], b"package", value), tree_hash([p.root() for p in self.parts]))

    def statement(self, at, seal, ordinal, body, place):
        take = Take(body, place)
        need(take.bytes(16) == b"garita.package/1", place)
        kind, algorithm, sequence, _, root = take.numbers("HHIq32s")
        key = take.bytes(take.number("H"))
        message, signature = body[:take.at], body[take.at:]
        need(kind == (2 if seal else 1) and root == self.root(), place)
        need(ordinal == (0 if seal else self.checkpoints), place)
        need(seal or sequence == self.checkpoints, place)
        need(self.key in (None, key), place)
        self.key = key
        if algorithm == 1:
            need(len(key) == 44 and len(signature) == 64 and ed25519_holds(key[-32:], message, signature), place)
        else:
            need(algorithm == 2 and len(key) == 120 and len(signature) == 96, place)
            self.unchecked = True
        if seal:
            need(all(part.ended for part in self.parts), place)
            self.sealed = at
        else:
            self.checkpoints += 1

    # What the file says of a plane that is to be made again.

    def raw(self, view, channel):
        for part in self.parts:
            if part.kind == 2 and part.role == 2 and (part.view, part.channel) == (view, channel):
                return part
        return None

    def calibration(self, number, measured, layout):
        """Its rows: numbers for each column."""
        for part in self.parts:
            if part.kind != 2 or part.role != 4 or (part.calibration, part.measured) != (number, measured):
                continue
            need({4: "I", 8: "d"}.get(part.sample) == layout, "calibration")
            if not part.withheld and not part.holes:
                layout = f"<{part.columns}{layout}"
                return [struct.unpack(layout, row) for rows in decode_tiles(part) for row in rows]
        raise NotMade

    def record_of(self, plane):
        """What the record says of its view and its channel: their fields, by name."""
        fields = {}
        for part in self.parts:
            fields.update((name.decode(), number_or_text(value)) for name, value in part.fields if name and value)
        for i in range(64):
            if fields.get(f"views[{i}].name") != plane.view:
                continue
            view = below(fields, f"views[{i}].")
            for j in range(16):
                channel = below(view, f"channels[{j}].")
                kind = channel.get("kind")
                if kind == "vendor":
                    kind = f"vendor_{channel.get('vendor_code', 0) - 2**31}"
                if plane.channel == kind:
                    return view, channel
        return None, None

    def right_index(self):
        out = [struct.pack("<QI", self.sealed, len(self.parts))]
        for part in self.parts:
            out.append(struct.pack("<IQQQQ", part.withheld, part.head_offset, part.hide_offset, part.tail_offset,
                                   len(part.leaves)))
            out.extend(struct.pack("<Q", at) + digest for at, digest in part.leaves)
        return b"".join(out)


def number_or_text(value):
    """A value of the record (core/record/leaf.hpp), as far as planes need it."""
    tag, rest = value[:1], value[1:]
    if tag in (b"i", b"u", b"d") and len(rest) == 8:
        return struct.unpack({b"i": "<q", b"u": "<Q", b"d": "<d"}[tag], rest)[0]
    return rest.decode("utf-8", "replace") if tag in (b"t", b"e") else rest


def below(fields, path):
    return {name[len(path):]: value for name, value in fields.items() if name.startswith(path)}


# ---- pixels

def unzstd(frames):
    return subprocess.run(["zstd", "-dcq"], input=frames, stdout=subprocess.PIPE, check=True).stdout


def unzstd_all(frames):
    """The contents of many frames, through one zstd. Each says how long it is."""
    contents = unzstd(b"".join(frames)) if frames else b""
    pieces, at = [], 0
    for frame in frames:
        size = content_size(frame)
        pieces.append(contents[at:at + size])
        at += size
    need(at == len(contents), "tile")
    return pieces


def content_size(frame):
    """From the frame's header (RFC 8878, 3.1.1.1)."""
    need(len(frame) >= 6 and frame[:4] == b"\x28\xb5\x2f\xfd" and frame[4] & 3 == 0, "tile")
    single, width = frame[4] >> 5 & 1, (0, 2, 4, 8)[frame[4] >> 6]
    width = width or single
    need(width > 0, "tile")
    size = int.from_bytes(frame[6 - single:6 - single + width], "little")
    return size + 256 if width == 2 else size


def decode_tiles(part):
    """The rows of each tile, as stored. The frames of all tiles go through one zstd."""
    tiles, frames = [], []
    for rows, value in part.tiles:
        take = Take(value, "tile")
        codec, _, _ = take.numbers("HHI")
        need(codec in (1, 2), f"codec {codec}")
        tile = (BytePlanes if codec == 1 else Predicted)(take, rows, part.columns, SAMPLE_BYTES[part.sample])
        tiles.append((tile, len(frames)))
        frames.extend(tile.frames)
    contents = unzstd_all(frames)
    row_bytes = part.columns * SAMPLE_BYTES[part.sample]
    for tile, first in tiles:
        pixels = tile.pixels(contents[first:first + len(tile.frames)])
        yield [bytes(pixels[i:i + row_bytes]) for i in range(0, len(pixels), row_bytes)]


class BytePlanes:
    """Codec 1."""

    def __init__(self, take, rows, columns, width):
        self.samples, self.width = rows * columns, width
        self.frames = [take.bytes(size) for size in take.numbers("I" * width)]
        take.end()

    def pixels(self, contents):
        tile = bytearray(self.samples * self.width)
        for byte, plane in enumerate(contents):
            need(len(plane) == self.samples, "tile")
            tile[byte::self.width] = plane
        return tile


# ---- codec 2 (core/codec/PREDICTIVE.md)

def signed(value):
    value &= 0xFFFF
    return value - 0x10000 if value & 0x8000 else value


def weighed(weight, difference):
    return (weight * signed(difference) + 0x4000) >> 15


class Predicted:
    """Codec 2: reads the code; pixels() wants the contents of its frames."""

    def __init__(self, take, rows, columns, width):
        need(width <= 2, "tile")
        self.rows, self.columns, self.width, self.frames = rows, columns, width, []
        self.kind = take.number("B")
        need(self.kind <= 3, "tile")
        if self.kind < 2:
            self.plain = take.bytes(rows * columns * width if self.kind == 0 else width)
        else:
            self.read(take)
        take.end()

    def read(self, take):
        if self.kind == 3:
            need(self.width == 2, "tile")
            self.values = take.number("H") + 1
            self.frames.append(take.bytes(take.number("I")))
        self.cells = []
        for left in range(0, self.columns, 256):
            mode = take.number("B")
            need(mode <= 3, "tile")
            self.cells.append((left, mode, take.numbers(("", "hhhhh", "hhhhh", "H")[mode])))
        sizes, used = [take.number("I")], take.number("H")
        need(used & 1 == 0, "tile")
        self.classes = [kind for kind in range(16) if used >> kind & 1]
        sizes.extend(take.numbers("I" * len(self.classes)))
        escapes = take.number("I")
        self.frames.extend(take.bytes(size) for size in sizes)
        self.escapes = list(take.numbers("H" * escapes))
        self.low = take.bytes(len(take.data) - take.at)

    def pixels(self, contents):
        if self.kind == 0:
            return self.plain
        if self.kind == 1:
            return self.plain * (self.rows * self.columns)
        table = self.table(contents.pop(0)) if self.kind == 3 else None
        self.blocks = iter(contents[0])
        self.symbols = {kind: iter(content) for kind, content in zip(self.classes, contents[1:])}
        self.low_at, self.next_escape = 0, iter(self.escapes)
        # Two columns lie to the left of each row, one to its right.
        tile = [[0, 0] + [0] * (self.columns + 1) for _ in range(self.rows)]
        try:
            for left, mode, numbers in self.cells:
                self.cell(tile, left, min(256, self.columns - left), mode, numbers)
            out = [row[2:-1] for row in tile]
            if table:
                out = [[table[rank] for rank in row] for row in out]
        except (StopIteration, IndexError, KeyError):
            raise Wrong("tile") from None
        ends = [self.blocks, self.next_escape, *self.symbols.values()]
        need(self.low_at == len(self.low) and all(next(end, None) is None for end in ends), "tile")
        if self.width == 1:
            return b"".join(bytes(value & 0xFF for value in row) for row in out)
        return b"".join(struct.pack("<%dH" % self.columns, *row) for row in out)

    def table(self, content):
        need(len(content) == 2 * self.values, "tile")
        values, value = [], 0
        for low, high in zip(content[:self.values], content[self.values:]):
            need(low or high or not values, "tile")
            value += low | high << 8
            values.append(value)
        need(value < 65536, "tile")
        return values

    def cell(self, tile, left, columns, mode, numbers):
        if mode == 3:
            for row in tile:
                row[left + 2:left + 2 + columns] = [numbers[0]] * columns
            return
        residuals = [[0] * columns for _ in range(self.rows)]
        for row in range(0, self.rows, 8):
            for column in range(0, columns, 32):
                self.block(residuals, row, min(8, self.rows - row), column, min(32, columns - column))
        for number, row in enumerate(tile):
            above = tile[number - 1] if number else None
            if left == 0 and number:
                row[0], row[1] = above[1], above[2]
            self.row(row, above, tile[number - 2] if number > 1 else above, left, residuals[number], mode, numbers)
            if left == 0 and number == 0:
                row[0] = row[1] = row[2]

    def block(self, residuals, top, rows, left, columns):
        code = next(self.blocks)
        k, kind = code & 15, code >> 4
        if kind == 0:
            need(k == 0, "tile")
            return
        runs = 2 if columns > 16 else 1
        size = -(-rows * runs * k // 16) * 32
        need(self.low_at + size <= len(self.low), "tile")
        words = struct.unpack_from("<%dH" % (size // 2), self.low, self.low_at)
        self.low_at += size
        lanes = [sum(word << 16 * i for i, word in enumerate(words[lane::16])) for lane in range(16)]
        for row in range(rows):
            for column in range(columns):
                high = next(self.symbols[kind])
                if high == 255:
                    high = next(self.next_escape)
                    need(high >= 255 and high < 1 << (16 - k), "tile")
                bits = lanes[column % 16] >> (row * runs + column // 16) * k & (1 << k) - 1
                z = high << k | bits
                residuals[top + row][left + column] = z >> 1 ^ (0xFFFF if z & 1 else 0)

    @staticmethod
    def row(row, above, above2, left, residuals, mode, weights):
        end = left + 2 + len(residuals)
        if above:  # what lies beyond the last column of a cell is not known yet: its last again
            beyond, above[end] = above[end], above[end - 1]
        for at, residual in enumerate(residuals, left + 2):
            w = row[at - 1]
            if not above:
                guess = w
            else:
                n, nw = above[at], above[at - 1]
                if mode == 0:
                    guess = w + n - min(max(nw, min(w, n)), max(w, n))
                else:
                    scale = 16 if mode == 2 else 1
                    taps = (w, nw, above[at + 1], row[at - 2], above2[at])
                    total = sum(weighed(weight, (tap - n) * scale) for weight, tap in zip(weights, taps))
                    guess = n + (signed(total + 4) >> 3 if mode == 2 else total)
            row[at] = guess + residual & 0xFFFF
        if above:
            above[end] = beyond


# ---- planes made again (FORMAT.md, "Made again")

class NotMade(Exception):
    """What a plane is made of is not there."""


def raw_format(part):
    need(part.sample in (1, 2, 4, 7), "raw plane")
    return {1: "B", 2: "H", 4: "I", 7: "f"}[part.sample]


def stored(value):
    return round(min(max(value, 0.0), 65535.0)) if not math.isnan(value) else 1024


def binary32(values):
    return array.array("f", values)  # rounds to nearest, ties to even, as the conversion in C does


class Maker:
    """Makes the tiles of one plane."""

    def __init__(self, package, plane):
        self.raw = package.raw(plane.view, plane.channel)
        self.doses = package.raw(plane.view, plane.channel + "-dose")
        view, channel = package.record_of(plane)
        if not self.raw or not view or any(part and (part.withheld or part.holes) for part in (self.raw, self.doses)):
            raise NotMade
        for part in filter(None, (self.raw, self.doses)):
            need(part.rows == plane.rows and len(part.tiles) == len(plane.tiles), "raw plane")
        need(self.raw.columns == plane.columns and plane.sample == 2, "raw plane")
        need(not self.doses or (self.doses.columns == 1 and self.doses.sample == 4), "doses")
        self.plane, self.format = plane, raw_format(self.raw)
        self.turned = view.get("geometry.delivered_column_zero") in ("bottom", "right")
        self.line = {"raw_counts": self.counts, "transmission": self.transmission}.get(view.get("fidelity"))
        if not self.line:
            raise NotMade
        self.slope, self.intercept = view.get("slope", 1.0), view.get("intercept", 0.0)
        if view["fidelity"] == "raw_counts":
            self.calibrate(package, channel.get("calibration.id"))

    def calibrate(self, package, number):
        self.lines = []  # (d, g) of each row, or of all
        exact = self.format in "BH"
        dark, air = (package.calibration(number, measured, "I" if exact else "d") for measured in (1, 2))
        need(len(dark) == len(air), "calibration")
        for d, a in zip(dark, air):
            need(len(d) == len(a) == self.plane.columns, "calibration")
            gains = [57344 / (high - low) if high - low >= (256 if exact else 1) else 0.0 for low, high in zip(d, a)]
            self.lines.append((d, binary32(gains) if exact else gains))

    def counts(self, raw, dose, row):
        d, g = self.lines[row if len(self.lines) > 1 else 0]
        q = 65536 / dose
        if self.format in "BH":
            q = binary32([65536 / binary32([dose])[0]])[0]
            x = binary32(256 * value - dark for value, dark in zip(raw, d))
            v = binary32(value * q for value in binary32(map(float.__mul__, x, g)))
            return [stored(value) for value in binary32(value + 1024 for value in v)]
        return [stored((value - dark) * gain * q + 1024) if gain else 1024 for value, dark, gain in zip(raw, d, g)]

    def transmission(self, raw, _, row):
        return [stored((self.slope * value + self.intercept) * 57344 + 1024) for value in raw]

    def tiles(self):
        """The rows of each tile, as stored; each held against its hash."""
        doses = decode_tiles(self.doses) if self.doses else None
        for ordinal, raw in enumerate(decode_tiles(self.raw)):
            factors = [struct.unpack("<I", each)[0] for each in next(doses)] if doses else [65536] * len(raw)
            first = ordinal % self.plane.tiles_of_slice * 128
            rows = []
            for number, (line, dose) in enumerate(zip(raw, factors)):
                pixels = [1024] * self.plane.columns
                if dose:
                    pixels = self.line(struct.unpack(f"<{self.plane.columns}{self.format}", line), dose, first + number)
                rows.append(struct.pack(f"<{self.plane.columns}H", *(pixels[::-1] if self.turned else pixels)))
            name = f"plane {self.plane.view}/{self.plane.channel}, tile {ordinal}: made again, it is another"
            need(sha256(*rows) == self.plane.tiles[ordinal][1][8:], name)
            yield rows


def plane_sha256(part, tiles):
    digest, slice_rows = hashlib.sha256(), []

    def end_slice():
        for row in reversed(slice_rows) if part.rear_first else slice_rows:
            digest.update(row)
        slice_rows.clear()

    for ordinal, rows in enumerate(tiles):
        slice_rows.extend(rows)
        if (ordinal + 1) % part.tiles_of_slice == 0:
            end_slice()
    end_slice()
    return digest.hexdigest()


def print_planes(package):
    for part in package.parts:
        if part.kind not in (2, 4) or part.role > 2:
            continue
        name = f"{part.view}/{part.channel}" + ("/raw" if part.role == 2 else "")
        if part.withheld or part.holes:
            print(f"{name}: withheld", file=sys.stderr)
        elif part.kind == 2:
            print(name, plane_sha256(part, decode_tiles(part)))
        else:
            try:
                print(name, plane_sha256(part, Maker(package, part).tiles()))
            except NotMade:
                print(f"{name}: kept by its hash, and what it is made of is not there", file=sys.stderr)


def print_record(package):
    for part in package.parts:
        for name, value in part.fields:
            shown = "(withheld)" if value is None else value.decode("utf-8", "backslashreplace")
            print("(withheld)" if name is None else name.decode("utf-8", "backslashreplace"), shown)


def main(arguments):
    if not arguments or len(arguments) > 2 or arguments[1:] not in ([], ["--record"]):
        print(__doc__, file=sys.stderr)
        return 2
    try:
        package = Package(arguments[0])
        if package.unchecked:
            print("ECDSA signatures were not checked; all else was", file=sys.stderr)
        print_record(package) if arguments[1:] else print_planes(package)
    except Torn as error:
        print(f"{arguments[0]} ends early: {error}", file=sys.stderr)
        return 4
    except (Wrong, UnicodeDecodeError, subprocess.CalledProcessError) as error:
        print(f"{arguments[0]} is not as it was signed: {error}", file=sys.stderr)
        return 1
    return 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
