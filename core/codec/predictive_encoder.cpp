// Codec 2, writing. PREDICTIVE.md says what each step means; this is the code of a tile:
//
//   kind     u8                 0 stored, 1 constant, 2 coded, 3 coded as ranks of a table
//   0:       samples            1: one sample
//   3 only:  u16 values - 1, u32 size, frame        differences of the values, low bytes, then high bytes
//   cells    for each 256 columns: u8 mode; modes 1, 2: i16 × 5 weights; mode 3: u16 value
//   sizes    u32 of the block frame; u16 classes used, u32 size for each of them; u32 escapes
//   frames   blocks (u8 each: k | class << 4), then the symbols of each class used
//   escapes  u16 each
//   low bits to the end
#include <algorithm>
#include <cstring>

#include "core/codec/blocks.hpp"
#include "core/codec/buffer.hpp"
#include "core/codec/frames.hpp"
#include "core/codec/predictive.hpp"
#include "core/codec/predictor_fit.hpp"
#include "core/codec/value_table.hpp"

namespace garita::codec {
namespace {

// Fewer values in a tile are likely to lie at even distances.
constexpr size_t fewest_values_without_runs = 4096;

class PredictiveEncoder final : public Encoder {
 public:
  PredictiveEncoder(std::unique_ptr<FrameWriter> frames, const Kernels& kernels)
      : frames_(std::move(frames)), kernels_(kernels), cell_(new CellBuffer) {}

  Id id() const override { return Id::predictive; }

  base::Result<void> encode(base::Bytes pixels, const Shape& shape, std::vector<std::byte>& out) override {
    if (!is_valid(shape) || shape.sample_bytes > 2 || pixels.size() != size_bytes(shape))
      return base::Error{base::Outcome::no, "codec.shape", {}};
    shape_ = shape;
    head_.clear();
    const bool constant = std::memcmp(pixels.data(), pixels.data() + shape.sample_bytes,
                                      pixels.size() - shape.sample_bytes) == 0;
    if (constant) return store(TileKind::constant, pixels.data(), shape.sample_bytes, out);
    if (!code(pixels.data())) return base::Error{base::Outcome::no, "codec.encoder", {}};
    if (head_.size() + body_.size() + low_.size() > pixels.size())
      return store(TileKind::stored, pixels.data(), pixels.size(), out);
    const size_t size = out.size() + head_.size() + body_.size() + low_.size();
    if (size > out.capacity()) out.reserve(std::max(size, 2 * out.capacity()));
    for (const Buffer* part : {&head_, &body_, &low_}) {
      const base::Bytes bytes = part->bytes();
      out.insert(out.end(), bytes.begin(), bytes.end());
    }
    return {};
  }

 private:
  static base::Result<void> store(TileKind kind, const std::byte* bytes, size_t size,
                                  std::vector<std::byte>& out) {
    out.push_back(static_cast<std::byte>(kind));
    out.insert(out.end(), bytes, bytes + size);
    return {};
  }

  bool code(const std::byte* pixels) {
    for (Buffer* part : {&body_, &low_, &blocks_, &escapes_}) part->clear();
    for (Buffer& symbols : symbols_) symbols.clear();
    ranked_ = shape_.sample_bytes == 2 && table_.collect(pixels, shape_.rows, shape_.columns);
    head_.put(static_cast<uint8_t>(ranked_ ? TileKind::ranks : TileKind::coded));
    if (ranked_ && !put_table()) return false;
    for (uint32_t from = 0; from < shape_.columns; from += cell_columns)
      code_cell(pixels, from, std::min(cell_columns, shape_.columns - from));
    return put_frames();
  }

  bool put_table() {
    const auto& values = table_.values();
    std::vector<uint8_t> bytes(values.size() * 2);
    for (size_t i = 0; i < values.size(); ++i) {
      const auto difference = static_cast<uint16_t>(values[i] - (i > 0 ? values[i - 1] : 0));
      bytes[i] = static_cast<uint8_t>(difference);
      bytes[values.size() + i] = static_cast<uint8_t>(difference >> 8);
    }
    head_.put(static_cast<uint16_t>(values.size() - 1));
    body_.clear();
    const size_t size = frames_->append(
        base::Bytes(bytes.data(), bytes.size()),
        values.size() < fewest_values_without_runs ? Content::runs : Content::halves, kernels_, body_);
    head_.put(static_cast<uint32_t>(size));
    if (size > 0) std::memcpy(head_.room(size), body_.data(), size), head_.grow(size);
    body_.clear();
    return size > 0;
  }

  void code_cell(const std::byte* pixels, uint32_t from, uint32_t columns) {
    const bool constant = load(pixels, from, columns);
    const Predictor predictor = constant ? Predictor{Mode::constant, {}, cell_->row(0)[0]}
                                         : fitted(*cell_, shape_.rows, columns, kernels_);
    head_.put(static_cast<uint8_t>(predictor.mode));
    if (predictor.mode == Mode::constant) return head_.put(predictor.value);
    if (predictor.mode != Mode::median)
      for (const int16_t weight : predictor.weights) head_.put(static_cast<uint16_t>(weight));
    for (uint32_t row = 0; row < shape_.rows; row += block_rows)
      code_strip(predictor, row, std::min(block_rows, shape_.rows - row), columns, from == 0);
  }

  // Copies columns of the tile into the cell, and makes their surroundings. True where all are the same.
  bool load(const std::byte* pixels, uint32_t from, uint32_t columns) {
    bool constant = true;
    for (uint32_t row = 0; row < shape_.rows; ++row) {
      fetch_ahead(pixels, row, from + columns);
      uint16_t* to = cell_->row(static_cast<int>(row));
      if (from > 0) std::memcpy(to - 2, to + cell_columns - 2, 4);
      load_row(pixels + (size_t{row} * shape_.columns + from) * shape_.sample_bytes, columns, to);
      to[columns] = to[columns - 1];
      constant = constant && to[0] == cell_->row(0)[0] && std::memcmp(to, to + 1, 2 * (columns - 1)) == 0;
    }
    if (from == 0) make_left(*cell_, shape_.rows);
    make_above(*cell_);
    return constant;
  }

  // The next cell's part of a row: pieces so short are not foreseen by the machine.
  void fetch_ahead(const std::byte* pixels, uint32_t row, uint32_t from) const {
    const uint32_t width = shape_.sample_bytes;
    const uint32_t bytes = std::min(cell_columns, shape_.columns - from) * width;
    const std::byte* at = pixels + (size_t{row} * shape_.columns + from) * width;
    for (uint32_t i = 0; i < bytes; i += 64) __builtin_prefetch(at + i);
  }

  void load_row(const std::byte* from, uint32_t columns, uint16_t* to) const {
    if (shape_.sample_bytes == 1) {
      for (uint32_t i = 0; i < columns; ++i) to[i] = std::to_integer<uint16_t>(from[i]);
      return;
    }
    copy_samples(to, from, columns);
    if (!ranked_) return;
    const uint16_t* const ranks = table_.ranks();
    uint32_t i = 0;
    for (; i + 4 <= columns; i += 4) {
      const uint32_t a = to[i], b = to[i + 1], c = to[i + 2], d = to[i + 3];
      const uint64_t four =
          uint64_t{ranks[a]} | uint64_t{ranks[b]} << 16 | uint64_t{ranks[c]} << 32 | uint64_t{ranks[d]} << 48;
      std::memcpy(to + i, &four, sizeof four);
    }
    for (; i < columns; ++i) to[i] = ranks[to[i]];
  }

  void code_strip(const Predictor& predictor, uint32_t row, uint32_t rows, uint32_t columns,
                  bool first_cell) {
    const uint32_t top = row == 0 ? 1 : 0;
    if (top) code_top(columns, first_cell);
    if (rows > top)
      kernels_.predict(cell_->row(static_cast<int>(row + top)), predictor, rows - top, columns,
                       z_.data() + top * cell_columns);
    if (columns % block_columns != 0) clear_beyond(rows, columns);
    std::array<BlockMeasure, cell_columns / block_columns> measures;
    kernels_.measure(z_.data(), rows, columns, 32767, measures.data());
    for (uint32_t block = 0; block * block_columns < columns; ++block)
      code_block(block, rows, std::min(block_columns, columns - block * block_columns), measures[block]);
  }

  void clear_beyond(uint32_t rows, uint32_t columns) {
    const uint32_t end = (columns + block_columns - 1) / block_columns * block_columns;
    for (uint32_t row = 0; row < rows; ++row)
      std::fill(z_.begin() + row * cell_columns + columns, z_.begin() + row * cell_columns + end,
                uint16_t{0});
  }

  // The first row of a tile has only its left to be predicted from; the first sample of all, nothing.
  void code_top(uint32_t columns, bool first_cell) {
    const uint16_t* row = cell_->row(0);
    for (uint32_t column = 0; column < columns; ++column) {
      const uint16_t left = column == 0 && first_cell ? uint16_t{0} : row[static_cast<int>(column) - 1];
      const auto residual = static_cast<uint16_t>(row[column] - left);
      z_[column] = static_cast<uint16_t>((residual << 1) ^ (residual & 0x8000 ? 0xFFFF : 0));
    }
  }

  void code_block(uint32_t block, uint32_t rows, uint32_t columns, const BlockMeasure& measure) {
    if (measure.most == 0) return blocks_.put(uint8_t{0});
    const uint16_t* z = z_.data() + block * block_columns;
    const BlockCode code = code_of(z, rows, columns, measure, kernels_);
    blocks_.put(code.byte());
    Buffer& symbols = symbols_[code.kind];
    auto* low = reinterpret_cast<std::byte*>(low_.room(block_rows * block_columns * 2 + 32));
    const bool escapes =
        kernels_.split(z, code.k, rows, columns, symbols.room(block_rows * block_columns + 32), low);
    symbols.grow(size_t{rows} * columns);
    low_.grow(low_bytes(code.k, rows, columns));
    if (escapes) put_escapes(z, code.k, rows, columns);
  }

  void put_escapes(const uint16_t* z, uint32_t k, uint32_t rows, uint32_t columns) {
    for (uint32_t row = 0; row < rows; ++row) {
      for (uint32_t column = 0; column < columns; ++column) {
        const uint32_t high = static_cast<uint32_t>(z[row * cell_columns + column]) >> k;
        if (high >= 255) escapes_.put(static_cast<uint16_t>(high));
      }
    }
  }

  bool put_frames() {
    const size_t blocks = frames_->append(blocks_.bytes(), Content::runs, kernels_, body_);
    head_.put(static_cast<uint32_t>(blocks));
    uint16_t used = 0;
    for (size_t kind = 1; kind < symbols_.size(); ++kind)
      if (symbols_[kind].size() > 0) used = static_cast<uint16_t>(used | 1u << kind);
    head_.put(used);
    bool done = blocks > 0;
    for (size_t kind = 1; kind < symbols_.size(); ++kind) {
      if (symbols_[kind].size() == 0) continue;
      const size_t size =
          frames_->append(symbols_[kind].bytes(),
                          kind <= last_class_of_runs ? Content::runs : Content::symbols, kernels_, body_);
      head_.put(static_cast<uint32_t>(size));
      done = done && size > 0;
    }
    head_.put(static_cast<uint32_t>(escapes_.size() / 2));
    if (escapes_.size() > 0) {
      std::memcpy(body_.room(escapes_.size()), escapes_.data(), escapes_.size());
      body_.grow(escapes_.size());
    }
    return done;
  }

  std::unique_ptr<FrameWriter> frames_;
  const Kernels& kernels_;
  std::unique_ptr<CellBuffer> cell_;
  ValueTable table_;
  Shape shape_;
  bool ranked_ = false;
  alignas(64) std::array<uint16_t, block_rows * cell_columns> z_{};
  Buffer head_, body_, low_, blocks_, escapes_;
  std::array<Buffer, classes> symbols_;
};

}  // namespace

base::Result<std::unique_ptr<Encoder>> make_predictive_encoder(const Kernels& kernels) {
  auto frames = FrameWriter::create();
  if (!frames) return base::Error{base::Outcome::no, "codec.encoder", {}};
  return std::unique_ptr<Encoder>(std::make_unique<PredictiveEncoder>(std::move(frames), kernels));
}

}  // namespace garita::codec
