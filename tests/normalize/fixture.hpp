// Small verbs for the tests of normalize: memory, calibrations, views, strips, and a sink that remembers.
#pragma once

#include <gtest/gtest.h>

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <memory>
#include <random>
#include <string>
#include <tuple>
#include <utility>
#include <vector>

#include "core/normalize/calibration_store.hpp"
#include "core/normalize/scan_normalizer.hpp"

namespace garita::normalize {

// A seed that a failure names; GARITA_SEED repeats it.
inline uint32_t seed() {
  static const uint32_t value = [] {
    const char* given = std::getenv("GARITA_SEED");
    const uint32_t chosen = given ? static_cast<uint32_t>(std::stoul(given)) : std::random_device{}();
    ::testing::Test::RecordProperty("seed", std::to_string(chosen));
    return chosen;
  }();
  return value;
}
#define GARITA_SCOPED_SEED() SCOPED_TRACE("GARITA_SEED=" + std::to_string(::garita::normalize::seed()))

// Rows of T with a stride, exactly as large as they need to be, so that a sanitizer sees one byte too many.
template <typename T>
image::Memory memory_of(const std::vector<T>& values, size_t columns, size_t stride_bytes = 0) {
  const size_t rows = values.size() / columns, row_bytes = columns * sizeof(T);
  if (stride_bytes == 0) stride_bytes = row_bytes;
  const size_t size = (rows - 1) * stride_bytes + row_bytes;
  std::shared_ptr<std::byte> bytes(new std::byte[size], std::default_delete<std::byte[]>());
  for (size_t row = 0; row < rows; ++row)
    std::memcpy(bytes.get() + row * stride_bytes, values.data() + row * columns, row_bytes);
  return bytes;
}

template <typename T>
image::Calibration calibration(uint32_t role, uint64_t id, const std::vector<T>& values, uint32_t columns) {
  image::Calibration made;
  made.role = role;
  made.id = id;
  made.columns = columns;
  made.sample_type = sizeof(T) == 4 ? GARITA_SAMPLE_U32 : GARITA_SAMPLE_F64;
  made.rows = made.total_rows = static_cast<uint32_t>(values.size() / columns);
  made.row_stride_bytes = columns * sizeof(T);
  made.memory = memory_of(values, columns);
  return made;
}

inline image::View view_of(uint32_t columns, uint32_t sample_type = GARITA_SAMPLE_U16) {
  image::View view;
  view.name = "side";
  view.columns = columns;
  view.sample_type = sample_type;
  view.column_zero = GARITA_COLUMN_ZERO_TOP;
  view.row_zero = GARITA_ROW_ZERO_FRONT;
  view.channels.resize(1);
  view.channels[0].calibration_id = 1;
  return view;
}

template <typename T>
image::Strip strip_of(const std::vector<T>& values, uint32_t columns, uint64_t first_row = 0,
                      size_t stride_bytes = 0) {
  image::Strip made;
  made.first_row = first_row;
  made.rows = static_cast<uint32_t>(values.size() / columns);
  made.row_stride_bytes = stride_bytes ? stride_bytes : columns * sizeof(T);
  made.memory = memory_of(values, columns, stride_bytes);
  return made;
}

// Keeps everything, and checks what RowSink promises.
class Collector : public RowSink {
 public:
  using Key = std::tuple<uint32_t, uint32_t, uint32_t>;  // view, channel, slice
  std::map<Key, std::vector<std::byte>> planes, raw;
  std::map<Key, uint64_t> next;
  std::map<std::pair<uint32_t, uint32_t>, PlaneFormat> formats;
  uint32_t calls = 0;
  uint32_t fail_at_call = UINT32_MAX;

  base::Result<void> plane(uint32_t view, uint32_t channel, const PlaneFormat& format) override {
    EXPECT_TRUE(formats.emplace(std::pair(view, channel), format).second) << "announced twice";
    return {};
  }
  base::Result<void> rows(uint32_t view, uint32_t channel, uint32_t slice, uint64_t first_row, uint32_t rows,
                          std::span<const std::byte> pixels) override {
    if (calls++ == fail_at_call) return base::Error{base::Outcome::incomplete, "test.disk_full", {}, 0};
    const PlaneFormat& format = formats.at({view, channel});
    EXPECT_EQ(pixels.size(), size_t{rows} * format.columns * image::sample_size_bytes(format.sample_type));
    EXPECT_EQ(first_row, next[Key(view, channel, slice)]);
    next[Key(view, channel, slice)] += rows;
    append(planes[Key(view, channel, slice)], pixels);
    return {};
  }
  base::Result<void> raw_rows(uint32_t view, uint32_t channel, uint32_t slice, uint64_t, uint32_t,
                              std::span<const std::byte> pixels) override {
    append(raw[Key(view, channel, slice)], pixels);
    return {};
  }

  template <typename T = uint16_t>
  std::vector<T> values(uint32_t view = 0, uint32_t channel = 0, uint32_t slice = 0) const {
    return as<T>(planes, Key(view, channel, slice));
  }
  template <typename T = uint16_t>
  std::vector<T> raw_values(uint32_t view = 0, uint32_t channel = 0, uint32_t slice = 0) const {
    return as<T>(raw, Key(view, channel, slice));
  }

 private:
  template <typename T>
  static std::vector<T> as(const std::map<Key, std::vector<std::byte>>& from, const Key& key) {
    const auto found = from.find(key);
    if (found == from.end()) return {};
    std::vector<T> values(found->second.size() / sizeof(T));
    std::memcpy(values.data(), found->second.data(), found->second.size());
    return values;
  }
  static void append(std::vector<std::byte>& to, std::span<const std::byte> pixels) {
    to.insert(to.end(), pixels.begin(), pixels.end());
  }
};

// A store, a sink and a normalizer; calibration 1: dark 100 counts, air 1124 counts in every column (1024
// counts = t 1).
class Scanning : public ::testing::Test {
 protected:
  CalibrationStore store;
  Collector sink;
  ScanNormalizer normalizer{store, sink};

  void calibrate(uint32_t columns, uint64_t id = 1) {
    calibrate(id, std::vector<uint32_t>(columns, 100 * 256), std::vector<uint32_t>(columns, 1124 * 256),
              columns);
  }
  template <typename T>
  void calibrate(uint64_t id, const std::vector<T>& dark, const std::vector<T>& air, uint32_t columns) {
    ASSERT_TRUE(store.add(calibration(GARITA_CALIBRATION_DARK, id, dark, columns)));
    ASSERT_TRUE(store.add(calibration(GARITA_CALIBRATION_AIR, id, air, columns)));
  }
  void begin(std::vector<image::View> views) {
    image::ScanBegin scan;
    scan.views = std::move(views);
    ASSERT_TRUE(normalizer.begin(scan));
  }
  // SCAN_END(complete) with the totals that the sink has seen.
  ScanReport end() {
    image::ScanEnd scan_end;
    std::map<std::pair<uint32_t, uint32_t>, uint64_t> totals;
    for (const auto& [key, rows] : sink.next) totals[{std::get<0>(key), std::get<1>(key)}] += rows;
    for (const auto& [key, rows] : totals) scan_end.totals.push_back({key.first, key.second, rows});
    return normalizer.end(scan_end);
  }
  // One view of one channel, one strip.
  template <typename T>
  ScanReport scan(const image::View& view, const std::vector<T>& values) {
    sink = Collector();
    begin({view});
    EXPECT_TRUE(normalizer.strip(strip_of(values, view.columns)));
    return end();
  }
};

inline std::vector<std::string> ids(const ScanReport& report) {
  std::vector<std::string> found;
  for (const base::Error& reason : report.reasons) found.push_back(reason.id);
  return found;
}

}  // namespace garita::normalize
