// A driver around a closed library: scans of u8 pixels, each "SCAN <rows> <columns>\n" and the rows, as the library gives them.
#include <algorithm>
#include <cstdio>
#include <cstring>
#include <string>

#include "garita/garita.hpp"
#include "tests/host/wrapped_driver/vendor_link.h"

namespace {

struct Wrapped : garita::Device {
  explicit Wrapped(const garita::Opening& opening) : Device(opening) {}
  ~Wrapped() override {
    if (link_ >= 0) vendor_close(link_);
  }

  void next() override {
    if (link_ < 0) connect();
    if (!in_scan()) return read_header();
    fill(columns_);
    const garita::Row row = lines_.row();
    std::memcpy(row.bytes(0).data(), buffer_.data(), columns_);
    buffer_.erase(0, columns_);
    lines_.add(row, {.line_index = lines_.rows()});
    if (--rows_left_ == 0) lines_.end();
  }

  void connect() {
    link_ = vendor_open("192.0.2.7", 7001, 1000);
    if (link_ < 0) garita::fail(GARITA_DEVICE_LOST, "the vendor's library reaches no scanner");
    if (host().config<bool>("elsewhere")) (void)vendor_open("198.51.100.9", 443, 100);
  }

  void read_header() {
    while (buffer_.find('\n') == std::string::npos) more();
    if (std::sscanf(buffer_.c_str(), "SCAN %zu %zu\n", &rows_left_, &columns_) != 2 || columns_ == 0 || columns_ > 4096 ||
        rows_left_ == 0)
      garita::fail(GARITA_PROTOCOL_ERROR, "the scanner did not begin with SCAN");
    buffer_.erase(0, buffer_.find('\n') + 1);
    garita::View view{.name = "top", .columns = static_cast<uint32_t>(columns_)};
    view.sample_type = GARITA_SAMPLE_U8;
    view.fidelity = GARITA_FIDELITY_DISPLAY;
    view.polarity = GARITA_POLARITY_UNKNOWN;
    view.channels[0].kind = GARITA_CHANNEL_SINGLE;
    lines_.begin({.key = "wrapped-" + std::to_string(++scans_), .views = {view}});
  }

  void fill(size_t size) {
    while (buffer_.size() < size) more();
  }

  void more() {
    char piece[4096];
    const uint64_t now_ns = host().now_ns(), until_ns = deadline_ns();
    const auto left_ms = static_cast<int>(until_ns > now_ns ? std::min<uint64_t>((until_ns - now_ns) / 1'000'000, 50) : 0);
    const ssize_t size = vendor_read(link_, piece, sizeof piece, left_ms);
    if (size == 0) throw garita::Stop{GARITA_END};
    if (size < 0) throw garita::Stop{GARITA_TIMEOUT};
    buffer_.append(piece, static_cast<size_t>(size));
  }

  garita::LineScan lines_{*this};
  int link_ = -1, scans_ = 0;
  std::string buffer_;
  size_t rows_left_ = 0, columns_ = 0;
};

}  // namespace

GARITA_DRIVER(Wrapped, "org.garita.wrapped", "1.0.0", garita::models("W1"), "shape.scan")
