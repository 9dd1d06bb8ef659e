// A whole driver in C++: the same device as ../minimal_c (its README draws the format), on the SDK's base.
#include "garita/garita.hpp"

namespace {

struct Minimal : garita::Device {
  using Device::Device;
  static constexpr size_t header_bytes = 8;

  void next() override {
    if (!in_scan()) return read_header();
    const auto pixels = in_.need(row_bytes_);  // 1. wait for all that the step needs: this may unwind,
    const garita::Row row = lines_.row();      //    and so may this, where the host has no strip left
    garita::split<uint16_t>(pixels, row);
    in_.consume(row_bytes_);  // 2. only then take it out of the stream
    --rows_left_;
    lines_.add(row, {.line_index = lines_.rows(), .received = in_.received()});
    if (rows_left_ == 0) lines_.end();
  }

  void read_header() {
    const auto header = in_.need(header_bytes);
    const auto columns = garita::read_little<uint16_t>(header, 4);
    rows_left_ = garita::read_little<uint16_t>(header, 6);
    if (garita::read_big<uint32_t>(header, 0) != 0x474D494E || columns == 0 || columns > 4096 ||
        rows_left_ == 0)
      garita::fail(GARITA_PROTOCOL_ERROR, "the stream does not hold GMIN scans of 1 to 4096 columns");
    row_bytes_ = columns * 2u;
    const auto frame = in_.need(header_bytes + 2 * row_bytes_);
    emit_line(GARITA_CALIBRATION_DARK, frame.subspan(header_bytes, row_bytes_));
    emit_line(GARITA_CALIBRATION_AIR, frame.subspan(header_bytes + row_bytes_));
    in_.consume(frame.size());
    const auto pitch_um = static_cast<uint32_t>(host().config<int64_t>("pitch_um"));
    garita::View view{.name = "side", .columns = columns};
    view.pitch_across_um = view.pitch_along_um = pitch_um;
    view.channels[0].calibration_id = 1;
    lines_.begin({.time = garita::host_time(in_.received()), .views = {view}});
  }

  void emit_line(uint32_t role, std::span<const std::byte> line) {
    std::vector<double> counts;
    for (size_t at = 0; at < line.size(); at += 2) counts.push_back(garita::read_little<uint16_t>(line, at));
    emit(garita::calibration(role, 1, GARITA_SAMPLE_U16, counts));
  }

  void resync() override {  // what still comes of a scan that was cancelled
    for (; rows_left_ > 0; --rows_left_) in_.need(row_bytes_), in_.consume(row_bytes_);
  }

  garita::Bytes in_{*this, "scanner"};
  garita::LineScan lines_{*this};
  size_t row_bytes_ = 0, rows_left_ = 0;
};

}  // namespace

GARITA_DRIVER(Minimal, "org.garita.minimal-cpp", "1.0.0", garita::models("minimal"), "shape.scan",
              "fidelity.raw", "row.index")
