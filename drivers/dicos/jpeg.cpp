#include "drivers/dicos/jpeg.hpp"

#include <algorithm>
#include <array>
#include <optional>
#include <string>

#include "garita/error.hpp"

namespace garita::dicos {
namespace {

constexpr uint8_t sof0 = 0xC0, sof1 = 0xC1, sof3 = 0xC3, dht = 0xC4, rst0 = 0xD0, rst7 = 0xD7, soi = 0xD8,
                  eoi = 0xD9, sos = 0xDA, dqt = 0xDB, dri = 0xDD, app0 = 0xE0, app15 = 0xEF, sof55 = 0xF7,
                  lse = 0xF8, com = 0xFE;
constexpr size_t max_categories = 16;  // of a lossless or DC difference

[[noreturn]] void corrupt(const std::string& what) {
  fail(GARITA_DATA_CORRUPT, "its compressed pixels are damaged: " + what);
}
[[noreturn]] void truncated(const std::string& what) {
  fail(GARITA_DATA_TRUNCATED, "its compressed pixels end early: " + what);
}

std::string hex(uint8_t marker) {
  constexpr char digits[] = "0123456789ABCDEF";
  return {'F', 'F', digits[marker >> 4], digits[marker & 15]};
}

// Big-endian fields of one segment.
class Segment {
 public:
  explicit Segment(std::span<const std::byte> bytes) : left_(bytes) {}

  uint8_t byte() {
    if (left_.empty()) corrupt("a segment is shorter than what it holds");
    const auto value = std::to_integer<uint8_t>(left_.front());
    left_ = left_.subspan(1);
    return value;
  }
  uint16_t word() {
    const unsigned high = byte();
    return static_cast<uint16_t>(high << 8 | byte());
  }
  std::span<const std::byte> rest(size_t size) {
    if (left_.size() < size) corrupt("a segment is shorter than what it holds");
    const auto taken = left_.first(size);
    left_ = left_.subspan(size);
    return taken;
  }
  bool over() const { return left_.empty(); }

 private:
  std::span<const std::byte> left_;
};

class Check {
 public:
  Check(std::span<const std::byte> bytes, const JpegFrame& frame) : bytes_(bytes), frame_(frame) {}

  void run() {
    if (next_marker() != soi) corrupt("they do not begin with SOI");
    for (;;) {
      const uint8_t marker = next_marker();
      if (marker == sos) break;
      segment(marker);
    }
    scan_header(body());
    entropy_coded();
    const auto behind = bytes_.subspan(at_);  // a fragment has an even size: one byte may be anything
    if (behind.size() > 1 &&
        std::any_of(behind.begin(), behind.end(), [](std::byte b) { return b != std::byte{0}; }))
      corrupt("something follows their end");
  }

 private:
  bool is_dct() const { return frame_.kind == JpegKind::baseline || frame_.kind == JpegKind::extended; }

  uint8_t take() {
    if (at_ >= bytes_.size()) truncated("in their head");
    return std::to_integer<uint8_t>(bytes_[at_++]);
  }

  // FF may be repeated before the marker's own byte.
  uint8_t next_marker() {
    if (take() != 0xFF) corrupt("there is no marker where one must be");
    uint8_t marker = take();
    while (marker == 0xFF) marker = take();
    return marker;
  }

  Segment body() {
    const size_t high = take(), size = high << 8 | take();
    if (size < 2) corrupt("a segment of " + std::to_string(size) + " bytes");
    if (size - 2 > bytes_.size() - at_) truncated("in a segment of their head");
    const auto content = bytes_.subspan(at_, size - 2);
    at_ += size - 2;
    return Segment(content);
  }

  void segment(uint8_t marker) {
    if (marker == sof0 || marker == sof1 || marker == sof3 || marker == sof55)
      return frame_header(marker, body());
    if (marker == dht && frame_.kind != JpegKind::jpeg_ls) return huffman_tables(body());
    if (marker == dqt && is_dct()) return quantization_tables(body());
    if (marker == dri) return restart_interval(body());
    if (marker == lse && frame_.kind == JpegKind::jpeg_ls) return presets(body());
    if ((marker >= app0 && marker <= app15) || marker == com) return void(body());
    fail(GARITA_DATA_UNSUPPORTED, "its compressed pixels hold the marker " + hex(marker) +
                                      ", which frames of its transfer syntax do not have");
  }

  static bool fits(JpegKind kind, uint8_t marker) {
    switch (kind) {
      case JpegKind::baseline:
        return marker == sof0;
      case JpegKind::extended:
        return marker == sof0 || marker == sof1;
      case JpegKind::lossless:
        return marker == sof3;
      case JpegKind::jpeg_ls:
        return marker == sof55;
    }
    return false;
  }

  void frame_header(uint8_t marker, Segment in) {
    if (component_) corrupt("they have two frame headers");
    if (!fits(frame_.kind, marker)) corrupt("their frame header is of another coding than the file says");
    precision_ = in.byte();
    const uint32_t rows = in.word(), columns = in.word();
    if (rows != frame_.rows || columns != frame_.columns)
      corrupt("they are " + std::to_string(columns) + " x " + std::to_string(rows) + ", and the file says " +
              std::to_string(frame_.columns) + " x " + std::to_string(frame_.rows));
    const bool eight = precision_ >= 2 && precision_ <= 8, sixteen = precision_ > 8 && precision_ <= 16;
    const bool of_coding =
        !is_dct() || precision_ == 8 || (precision_ == 12 && frame_.kind == JpegKind::extended);
    if (!of_coding || (frame_.sample_bytes == 1 ? !eight : !sixteen))
      corrupt("they have samples of " + std::to_string(precision_) + " bits");
    if (const uint8_t components = in.byte(); components != 1)
      fail(GARITA_DATA_UNSUPPORTED,
           "its compressed pixels have " + std::to_string(components) + " components instead of one");
    component_ = in.byte();
    const uint8_t sampling = in.byte(), high = sampling >> 4, low = sampling & 15;
    const uint8_t most = is_dct() ? 4 : 1;
    if (high < 1 || high > most || low < 1 || low > most)
      corrupt("their component is sampled in no known way");
    quantization_ = in.byte();
    if (!in.over()) corrupt("their frame header is too long");
  }

  // Codes of a length may not be more than are left: else a decoder's table would run over.
  void huffman_tables(Segment in) {
    while (!in.over()) {
      const uint8_t which = in.byte(), kind = which >> 4, place = which & 15;
      if (kind > 1 || place > 3) corrupt("a Huffman table has no such place");
      std::array<size_t, 16> counts{};
      size_t symbols = 0, free = 1;
      for (size_t& count : counts) {
        count = in.byte();
        symbols += count;
        free = free * 2;
        if (count > free) corrupt("a Huffman table has more codes than there can be");
        free -= count;
      }
      if (symbols > 256) corrupt("a Huffman table has more than 256 codes");
      for (const std::byte symbol : in.rest(symbols))
        if (kind == 0 && std::to_integer<size_t>(symbol) > max_categories)
          corrupt("a Huffman table has a code for a difference that no sample has");
      if (symbols > 0) huffman_[kind][place] = true;
    }
  }

  void quantization_tables(Segment in) {
    while (!in.over()) {
      const uint8_t which = in.byte(), bytes = (which >> 4) + 1, place = which & 15;
      if (bytes > 2 || place > 3) corrupt("a quantization table has no such place");
      for (size_t i = 0; i < 64; ++i)
        if ((bytes == 1 ? in.byte() : in.word()) == 0) corrupt("a quantization table divides by nothing");
      quantizer_[place] = true;
    }
  }

  void restart_interval(Segment in) {
    restart_ = in.word();
    if (!in.over()) corrupt("their restart interval is too long");
  }

  // Coding parameters only; mapping tables and larger dimensions are nothing that X-ray images have.
  void presets(Segment in) {
    if (in.byte() != 1)
      fail(GARITA_DATA_UNSUPPORTED,
           "its compressed pixels have tables of JPEG-LS that this driver does not read");
    (void)in.rest(10);
    if (!in.over()) corrupt("their coding parameters are too long");
  }

  void scan_header(Segment in) {
    if (!component_) corrupt("they have no frame header");
    if (in.byte() != 1 || in.byte() != *component_)
      corrupt("their scan is of a component that they do not have");
    const uint8_t tables = in.byte(), first = in.byte(), last = in.byte(), bits = in.byte();
    if (!in.over()) corrupt("their scan header is too long");
    bool good = false;
    if (is_dct()) {
      good = first == 0 && last == 63 && bits == 0 && has_table(0, tables >> 4) &&
             has_table(1, tables & 15) && quantization_ < quantizer_.size() && quantizer_[quantization_];
    } else if (frame_.kind == JpegKind::lossless) {  // predictor, 0, point transform
      const bool whole_rows = restart_ % frame_.columns == 0;
      good = first >= 1 && first <= 7 && last == 0 && bits < precision_ && has_table(0, tables >> 4) &&
             whole_rows;
    } else {  // no mapping table; near, not interleaved
      good = tables == 0 && last == 0 && bits < precision_ && first <= (1u << (precision_ - 1)) - 1;
    }
    if (!good) corrupt("their scan header names what is not there, or is none of this coding");
  }
  bool has_table(size_t kind, size_t place) const { return place < 4 && huffman_[kind][place]; }

  // Up to EOI. JPEG-LS puts a zero bit behind an FF instead of a zero byte.
  void entropy_coded() {
    const size_t begin = at_;
    uint8_t restart = rst0;
    for (;;) {
      while (at_ < bytes_.size() && bytes_[at_] != std::byte{0xFF}) ++at_;
      if (bytes_.size() - at_ < 2) truncated("there is no EOI");
      const auto marker = std::to_integer<uint8_t>(bytes_[at_ + 1]);
      const size_t size = at_ - begin;
      at_ += marker == 0xFF ? 1 : 2;
      if (marker == 0xFF || (frame_.kind == JpegKind::jpeg_ls ? marker < 0x80 : marker == 0)) continue;
      if (marker == eoi) return enough(size);
      if (restart_ == 0 || marker != restart)
        corrupt("the marker " + hex(marker) + " stands among their samples");
      restart = restart == rst7 ? rst0 : static_cast<uint8_t>(restart + 1);
    }
  }

  // A lossless sample takes a bit at least; a decoder would make up what is missing.
  void enough(size_t size) const {
    const uint64_t samples = uint64_t{frame_.columns} * frame_.rows;
    if (frame_.kind == JpegKind::lossless && uint64_t{size} * 8 < samples)
      truncated(std::to_string(size) + " bytes are too few for " + std::to_string(samples) + " samples");
    if (size == 0) truncated("there are no samples");
  }

  const std::span<const std::byte> bytes_;
  const JpegFrame& frame_;
  size_t at_ = 0;
  uint8_t precision_ = 0, quantization_ = 0;
  std::optional<uint8_t> component_;
  std::array<std::array<bool, 4>, 2> huffman_{};
  std::array<bool, 4> quantizer_{};
  uint32_t restart_ = 0;  // samples or blocks; 0: none
};

}  // namespace

void check_jpeg(std::span<const std::byte> bytes, const JpegFrame& frame) { Check(bytes, frame).run(); }

}  // namespace garita::dicos
