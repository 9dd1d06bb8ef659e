// Codec 2, reading (predictive_encoder.cpp draws the code). All that comes from the code is checked before it
// is used: what the block bytes ask for must be what the streams hold, to the last byte.
#include <algorithm>
#include <cstring>
#include <numeric>

#include "core/codec/blocks.hpp"
#include "core/codec/frames.hpp"
#include "core/codec/predictive.hpp"
#include "core/codec/value_table.hpp"

namespace garita::codec {
namespace {

constexpr size_t slack = 32;  // that kernels may read beyond the symbols

// Takes numbers and pieces from the front of the code.
class Input {
 public:
  explicit Input(base::Bytes code) : at_(code.data()), left_(code.size()) {}

  template <typename T>
  bool number(T& value) {
    const std::byte* from = nullptr;
    if (!piece(sizeof(T), from)) return false;
    uint64_t sum = 0;
    for (size_t i = 0; i < sizeof(T); ++i) sum |= std::to_integer<uint64_t>(from[i]) << (8 * i);
    value = static_cast<T>(sum);
    return true;
  }
  bool piece(uint64_t size, const std::byte*& from) {
    if (size > left_) return false;
    from = at_;
    at_ += size;
    left_ -= size;
    return true;
  }
  size_t left() const { return left_; }

 private:
  const std::byte* at_;
  size_t left_;
};

class PredictiveDecoder final : public Decoder {
 public:
  PredictiveDecoder(std::unique_ptr<FrameReader> frames, const Kernels& kernels)
      : frames_(std::move(frames)), kernels_(kernels), cell_(new CellBuffer) {}

  base::Result<void> decode(base::Bytes code, const Shape& shape, std::span<std::byte> out) override {
    if (!is_valid(shape) || shape.sample_bytes > 2 || out.size() != size_bytes(shape))
      return base::Error{base::Outcome::no, "codec.shape", {}};
    shape_ = shape;
    if (!decode(Input(code), out)) return base::Error{base::Outcome::no, "codec.damaged", {}};
    return {};
  }

 private:
  bool decode(Input input, std::span<std::byte> out) {
    uint8_t kind = 0;
    if (!input.number(kind) || kind > static_cast<uint8_t>(TileKind::ranks)) return false;
    if (kind == static_cast<uint8_t>(TileKind::stored)) return stored(input, out);
    if (kind == static_cast<uint8_t>(TileKind::constant)) return constant(input, out);
    table_.clear();
    if (kind == static_cast<uint8_t>(TileKind::ranks) && !read_table(input)) return false;
    return read_cells(input) && read_blocks(input) && read_streams(input) && rebuild(out);
  }

  static bool stored(Input& input, std::span<std::byte> out) {
    const std::byte* from = nullptr;
    if (input.left() != out.size() || !input.piece(out.size(), from)) return false;
    std::memcpy(out.data(), from, out.size());
    return true;
  }

  bool constant(Input& input, std::span<std::byte> out) const {
    const std::byte* from = nullptr;
    if (input.left() != shape_.sample_bytes || !input.piece(shape_.sample_bytes, from)) return false;
    for (size_t i = 0; i < out.size(); ++i) out[i] = from[i % shape_.sample_bytes];
    return true;
  }

  bool read_table(Input& input) {
    uint16_t last = 0;
    uint32_t size = 0;
    const std::byte* frame = nullptr;
    if (shape_.sample_bytes != 2 || !input.number(last) || !input.number(size) || !input.piece(size, frame))
      return false;
    const size_t count = size_t{last} + 1;
    std::vector<uint8_t> bytes(count * 2);  // at most 128 KiB
    if (!frames_->read(base::Bytes(frame, size), bytes.data(), bytes.size())) return false;
    table_.resize(value_count);
    values_ = static_cast<uint32_t>(count);
    uint32_t value = 0;
    for (size_t i = 0; i < count; ++i) {
      const uint32_t difference = bytes[i] | uint32_t{bytes[count + i]} << 8;
      value += difference;
      if ((i > 0 && difference == 0) || value >= value_count) return false;
      table_[i] = static_cast<uint16_t>(value);
    }
    return true;
  }

  bool read_cells(Input& input) {
    const size_t count = (shape_.columns + cell_columns - 1) / cell_columns;
    cells_.assign(count, {});
    for (Predictor& cell : cells_) {
      uint8_t mode = 0;
      if (!input.number(mode) || mode > static_cast<uint8_t>(Mode::constant)) return false;
      cell.mode = static_cast<Mode>(mode);
      if (cell.mode == Mode::constant && !input.number(cell.value)) return false;
      if (cell.mode == Mode::linear || cell.mode == Mode::fine)
        for (int16_t& weight : cell.weights)
          if (!input.number(weight)) return false;
    }
    return true;
  }

  uint32_t columns_of(size_t cell) const {
    return std::min<uint32_t>(cell_columns, shape_.columns - static_cast<uint32_t>(cell) * cell_columns);
  }

  // Calls step(rows, columns) for each block of a cell, in the order of the code.
  template <typename Step>
  void each_block(size_t cell, Step step) const {
    const uint32_t columns = columns_of(cell);
    for (uint32_t row = 0; row < shape_.rows; row += block_rows)
      for (uint32_t column = 0; column < columns; column += block_columns)
        step(std::min(block_rows, shape_.rows - row), std::min(block_columns, columns - column));
  }

  size_t blocks_of(size_t cell) const {
    return size_t{(shape_.rows + block_rows - 1) / block_rows} *
           ((columns_of(cell) + block_columns - 1) / block_columns);
  }

  // The block bytes, and from them how much each stream must hold.
  bool read_blocks(Input& input) {
    size_t count = 0;
    for (size_t cell = 0; cell < cells_.size(); ++cell)
      if (cells_[cell].mode != Mode::constant) count += blocks_of(cell);
    block_frame_ = {};
    uint32_t size = 0;
    if (!input.number(size)) return false;
    block_frame_size_ = size;
    blocks_.resize(count);
    return true;
  }

  bool count_streams() {
    symbols_of_.fill(0);
    low_bytes_ = 0;
    const uint8_t* block = blocks_.data();
    bool good = true;
    for (size_t cell = 0; cell < cells_.size(); ++cell) {
      if (cells_[cell].mode == Mode::constant) continue;
      each_block(cell, [&](uint32_t rows, uint32_t columns) {
        const BlockCode code = BlockCode::from(*block++);
        good = good && (code.kind != 0 || code.k == 0);
        symbols_of_[code.kind] += rows * columns;
        low_bytes_ += low_bytes(code.k, rows, columns);
      });
    }
    symbols_of_[0] = 0;
    return good;
  }

  bool read_streams(Input& input) {
    uint16_t used = 0;
    std::array<uint32_t, classes> sizes{};
    uint32_t escapes = 0;
    const std::byte* frame = nullptr;
    if (!input.number(used) || (used & 1) != 0) return false;
    for (size_t kind = 1; kind < classes; ++kind)
      if (used >> kind & 1 && !input.number(sizes[kind])) return false;
    if (!input.number(escapes) || !input.piece(block_frame_size_, frame)) return false;
    if (!frames_->read(base::Bytes(frame, block_frame_size_), blocks_.data(), blocks_.size())) return false;
    if (!count_streams()) return false;
    symbols_.resize(std::accumulate(symbols_of_.begin(), symbols_of_.end(), size_t{0}) + slack);
    uint8_t* to = symbols_.data();
    for (size_t kind = 1; kind < classes; ++kind) {
      next_symbols_[kind] = to;
      if ((used >> kind & 1) != (symbols_of_[kind] > 0)) return false;
      if (symbols_of_[kind] == 0) continue;
      if (!input.piece(sizes[kind], frame)) return false;
      if (!frames_->read(base::Bytes(frame, sizes[kind]), to, symbols_of_[kind])) return false;
      to += symbols_of_[kind];
    }
    escapes_left_ = escapes;
    return input.piece(uint64_t{escapes} * 2, escapes_) && input.left() == low_bytes_ &&
           input.piece(low_bytes_, low_);
  }

  bool rebuild(std::span<std::byte> out) {
    next_block_ = blocks_.data();
    for (size_t cell = 0; cell < cells_.size(); ++cell) {
      const uint32_t columns = columns_of(cell);
      if (cell > 0) carry_left();
      if (cells_[cell].mode == Mode::constant)
        fill(cells_[cell].value, columns, cell == 0);
      else if (!rebuild_cell(cells_[cell], columns, cell == 0))
        return false;
      if (!store(out, static_cast<uint32_t>(cell) * cell_columns, columns)) return false;
    }
    return escapes_left_ == 0;
  }

  // The last two columns of a cell lie to the left of the next one.
  void carry_left() {
    for (int row = 0; row < static_cast<int>(shape_.rows); ++row)
      std::memcpy(cell_->row(row) - 2, cell_->row(row) + cell_columns - 2, 4);
  }

  void fill(uint16_t value, uint32_t columns, bool) {
    for (int row = 0; row < static_cast<int>(shape_.rows); ++row)
      std::fill_n(cell_->row(row), columns, value);
  }

  bool rebuild_cell(const Predictor& predictor, uint32_t columns, bool first_cell) {
    for (uint32_t row = 0; row < shape_.rows; row += block_rows)
      for (uint32_t column = 0; column < columns; column += block_columns)
        if (!join(cell_->row(static_cast<int>(row)) + column, std::min(block_rows, shape_.rows - row),
                  std::min(block_columns, columns - column)))
          return false;
    rebuild_top(columns, first_cell);
    if (shape_.rows > 1) kernels_.rebuild(cell_->row(0), predictor, 1, shape_.rows, columns, first_cell);
    return true;
  }

  void rebuild_top(uint32_t columns, bool first_cell) {
    uint16_t* row = cell_->row(0);
    uint16_t sum = first_cell ? uint16_t{0} : row[-1];
    for (uint32_t column = 0; column < columns; ++column)
      row[column] = sum = static_cast<uint16_t>(sum + row[column]);
    row[columns] = row[columns - 1];
    if (first_cell) row[-1] = row[-2] = row[0];
    make_above(*cell_);
  }

  bool join(uint16_t* residuals, uint32_t rows, uint32_t columns) {
    const BlockCode code = BlockCode::from(*next_block_++);
    if (code.kind == 0) {
      for (uint32_t row = 0; row < rows; ++row)
        std::memset(residuals + row * CellBuffer::stride, 0, size_t{columns} * 2);
      return true;
    }
    const uint8_t* symbols = next_symbols_[code.kind];
    const bool escapes = kernels_.join(symbols, low_, code.k, rows, columns, residuals);
    if (escapes && !take_escapes(symbols, code.k, rows, columns, residuals)) return false;
    next_symbols_[code.kind] += rows * columns;
    low_ += low_bytes(code.k, rows, columns);
    return true;
  }

  // Puts right what was joined with 255 in place of its high bits.
  bool take_escapes(const uint8_t* symbols, uint32_t k, uint32_t rows, uint32_t columns,
                    uint16_t* residuals) {
    for (uint32_t row = 0; row < rows; ++row) {
      for (uint32_t column = 0; column < columns; ++column) {
        if (*symbols++ != 255) continue;
        if (escapes_left_ == 0) return false;
        --escapes_left_;
        const uint32_t high = std::to_integer<uint32_t>(escapes_[0]) | std::to_integer<uint32_t>(escapes_[1])
                                                                           << 8;
        escapes_ += 2;
        if (high < 255 || high >> (16 - k) != 0) return false;
        uint16_t& residual = residuals[row * CellBuffer::stride + column];
        const auto z = static_cast<uint16_t>((residual << 1) ^ (residual & 0x8000 ? 0xFFFF : 0));
        const auto right = static_cast<uint16_t>(high << k | (z & ((1u << k) - 1)));
        residual = static_cast<uint16_t>((right >> 1) ^ (right & 1 ? 0xFFFF : 0));
      }
    }
    return true;
  }

  bool store(std::span<std::byte> out, uint32_t from, uint32_t columns) {
    bool good = true;
    for (uint32_t row = 0; row < shape_.rows; ++row) {
      const uint16_t* samples = cell_->row(static_cast<int>(row));
      std::byte* to = out.data() + (size_t{row} * shape_.columns + from) * shape_.sample_bytes;
      if (!table_.empty())
        good = good && store_ranks(samples, columns, to);
      else if (shape_.sample_bytes == 2)
        copy_samples(to, samples, columns);
      else
        for (uint32_t i = 0; i < columns; ++i) to[i] = static_cast<std::byte>(samples[i]);
    }
    return good;
  }

  // The table has a value for each rank that samples of 16 bits can be; those that it should not have are
  // found out together.
  bool store_ranks(const uint16_t* ranks, uint32_t columns, std::byte* to) const {
    const uint16_t* const table = table_.data();
    const uint32_t last = values_ - 1;
    uint32_t beyond = 0, i = 0;  // the top bit: some rank was greater than the last
    for (; i + 4 <= columns; i += 4) {
      const uint32_t a = ranks[i], b = ranks[i + 1], c = ranks[i + 2], d = ranks[i + 3];
      beyond |= ((last - a) | (last - b)) | ((last - c) | (last - d));
      const uint64_t four =
          uint64_t{table[a]} | uint64_t{table[b]} << 16 | uint64_t{table[c]} << 32 | uint64_t{table[d]} << 48;
      std::memcpy(to + 2 * size_t{i}, &four, sizeof four);
    }
    for (; i < columns; ++i) {
      beyond |= last - ranks[i];
      std::memcpy(to + 2 * size_t{i}, &table[ranks[i]], 2);
    }
    return beyond >> 31 == 0;
  }

  std::unique_ptr<FrameReader> frames_;
  const Kernels& kernels_;
  std::unique_ptr<CellBuffer> cell_;
  Shape shape_;
  std::vector<uint16_t> table_;  // value_count of them, or none
  uint32_t values_ = 0;          // that the tile uses
  std::vector<Predictor> cells_;
  std::vector<uint8_t> blocks_, symbols_;
  base::Bytes block_frame_;
  size_t block_frame_size_ = 0;
  std::array<size_t, classes> symbols_of_{};
  uint64_t low_bytes_ = 0;
  uint32_t escapes_left_ = 0;
  std::array<const uint8_t*, classes> next_symbols_{};
  const uint8_t* next_block_ = nullptr;
  const std::byte *escapes_ = nullptr, *low_ = nullptr;
};

}  // namespace

base::Result<std::unique_ptr<Decoder>> make_predictive_decoder(const Kernels& kernels) {
  auto frames = FrameReader::create();
  if (!frames) return base::Error{base::Outcome::no, "codec.encoder", {}};
  return std::unique_ptr<Decoder>(std::make_unique<PredictiveDecoder>(std::move(frames), kernels));
}

}  // namespace garita::codec
