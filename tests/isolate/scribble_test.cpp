// A driver that goes on writing to what it has delivered: it may spoil its own pixels, but what the host takes it takes once,
// so that raw and canonical tell of the same counts, and a digest of the bytes that it stands for.
#include <algorithm>
#include <atomic>
#include <cstring>
#include <map>
#include <thread>

#include "core/base/digest.hpp"
#include "core/base/testing/temporary_folder.hpp"
#include "core/host/open_package.hpp"
#include "core/host/rederive.hpp"
#include "core/host/scan_run.hpp"
#include "core/normalize/correct.hpp"
#include "core/normalize/scan_normalizer.hpp"
#include "tests/isolate/workers.hpp"

namespace garita {
namespace {

constexpr uint32_t columns = 4096;

// Holds each block of canonical rows against the raw ones that came just before it.
class Comparer final : public normalize::RowSink {
 public:
  uint64_t rows_compared = 0, rows_apart = 0;

  base::Result<void> plane(uint32_t view, uint32_t channel, const normalize::PlaneFormat& format) override {
    EXPECT_TRUE(format.correction) << "its calibration came";
    formats_[{view, channel}] = format;
    return {};
  }
  base::Result<void> raw_rows(uint32_t, uint32_t, uint32_t, uint64_t, uint32_t,
                              std::span<const std::byte> pixels) override {
    raw_.assign(pixels.begin(), pixels.end());
    return {};
  }
  base::Result<void> rows(uint32_t view, uint32_t channel, uint32_t, uint64_t, uint32_t rows,
                          std::span<const std::byte> pixels) override {
    const normalize::Correction& correction = *formats_.at({view, channel}).correction;
    std::vector<uint16_t> expected(size_t{rows} * columns);
    normalize::CorrectJob job;
    job.raw = raw_.data();
    job.raw_stride_bytes = columns * sizeof(uint16_t);
    job.rows = rows;
    job.columns = columns;
    job.dark = correction.dark32.data();
    job.gain = correction.gain32.data();
    job.out = expected.data();
    job.out_stride = columns;
    (void)normalize::correct(job, normalize::Kernel::scalar);
    for (uint32_t row = 0; row < rows; ++row) {
      uint16_t* own = expected.data() + size_t{row} * columns;
      if (turned) std::reverse(own, own + columns);
      ++rows_compared;
      rows_apart += std::memcmp(own, pixels.data() + size_t{row} * columns * 2, columns * 2) != 0;
    }
    return {};
  }
  bool turned = false;

 private:
  std::map<std::pair<uint32_t, uint32_t>, normalize::PlaneFormat> formats_;
  std::vector<std::byte> raw_;
};

const normalize::Settings keep_raw{.keep_raw = true};

TEST(Scribble, raw_and_canonical_agree_while_a_thread_writes_to_the_strip) {
  constexpr uint32_t rows = 64, rounds = 60;
  normalize::CalibrationStore store;
  for (const uint32_t role : {GARITA_CALIBRATION_DARK, GARITA_CALIBRATION_AIR}) {
    image::Calibration piece;
    piece.role = role;
    piece.id = 1;
    piece.columns = columns;
    piece.rows = piece.total_rows = 1;
    piece.row_stride_bytes = columns * 4;
    auto memory = std::shared_ptr<uint32_t>(new uint32_t[columns], std::default_delete<uint32_t[]>());
    std::fill_n(memory.get(), columns, (role == GARITA_CALIBRATION_DARK ? 100u : 40000u) * 256u);
    piece.memory = std::shared_ptr<const std::byte>(memory, reinterpret_cast<const std::byte*>(memory.get()));
    ASSERT_TRUE(store.add(piece));
  }
  Comparer sink;
  normalize::ScanNormalizer normalizer(store, sink, keep_raw);
  image::ScanBegin begin;
  image::View& view = begin.views.emplace_back();
  view.name = "side";
  view.columns = columns;
  view.column_zero = GARITA_COLUMN_ZERO_TOP;
  view.row_zero = GARITA_ROW_ZERO_FRONT;
  view.channels.emplace_back().calibration_id = 1;
  ASSERT_TRUE(normalizer.begin(begin));
  image::Strip strip;
  strip.rows = rows;
  strip.row_stride_bytes = columns * 2;
  const size_t size_bytes = rows * columns * 2;
  auto shared = std::shared_ptr<std::byte>(new std::byte[size_bytes](), std::default_delete<std::byte[]>());
  strip.memory = shared;
  std::atomic<bool> over{false};
  std::thread scribbler([&] {
    for (int value = 0; !over; ++value) std::memset(shared.get(), value & 0xFF, size_bytes);
  });
  for (uint32_t round = 0; round < rounds; ++round, strip.first_row += rows)
    EXPECT_TRUE(normalizer.strip(strip));
  over = true;
  scribbler.join();
  EXPECT_EQ(sink.rows_compared, uint64_t{rounds} * rows);
  EXPECT_EQ(sink.rows_apart, 0u);
}

TEST(Scribble, raw_and_canonical_agree_for_a_driver_that_writes_after_delivery) {
  load::testing::MemoryServices services;
  auto session = isolate::open_isolated(isolate::testing::manifest_of("deadly", "mutant_strips_scribbled_always"),
                                        services, "M1", "lane 1", isolate::testing::in_ms(5000));
  ASSERT_TRUE(session.ok()) << base::render(session.error(), base::Language::en);
  normalize::CalibrationStore store;
  Comparer sink;
  sink.turned = true;  // the device counts from the bottom
  normalize::ScanNormalizer normalizer(store, sink, keep_raw);
  load::Next next;
  while ((next = (*session)->next(isolate::testing::in_ms(5000))).status == GARITA_OK) {
    base::Result<void> taken;
    if (const auto* piece = std::get_if<image::Calibration>(&next.event)) taken = store.add(*piece);
    if (const auto* begin = std::get_if<image::ScanBegin>(&next.event)) taken = normalizer.begin(*begin);
    if (const auto* strip = std::get_if<image::Strip>(&next.event)) taken = normalizer.strip(*strip);
    ASSERT_TRUE(taken) << base::render(taken.error(), base::Language::en);
  }
  EXPECT_EQ(next.status, GARITA_END);
  EXPECT_EQ(sink.rows_compared, 16u);
  EXPECT_EQ(sink.rows_apart, 0u);
}

TEST(Scribble, the_package_of_such_a_driver_verifies_and_its_digests_are_those_of_its_bytes) {
  base::testing::TemporaryFolder folder;
  host::ScanOptions options;
  options.manifest = isolate::testing::manifest_of("deadly", "mutant_strips_scribbled_always");
  options.out = folder / "out";
  options.state = folder / "state";
  options.deployment.keep = v1::Provenance::KEEP_BOTH;
  std::atomic<bool> stop{false};
  struct : host::ScanObserver {
    std::filesystem::path path;
    void recorded(const host::Recorded& recorded) override { path = recorded.path; }
  } seen;
  host::ScanSummary summary;
  ASSERT_TRUE(host::run_scan(options, stop, seen, summary));
  auto package = host::open_package(seen.path);
  ASSERT_TRUE(package) << base::render(package.error(), base::Language::en);
  ASSERT_EQ(package->record.attachments_size(), 1);
  const auto bytes = package->reader.read_attachment(package->reader.attachments().at(0), 16u << 20);
  ASSERT_TRUE(bytes);
  const base::Digest digest = base::sha256(*bytes);
  EXPECT_EQ(package->record.attachments(0).sha256(), std::string(digest.begin(), digest.end()));
  const auto planes = host::rederive(*package);
  ASSERT_TRUE(planes) << base::render(planes.error(), base::Language::en);
  ASSERT_FALSE(planes->empty());
  for (const auto& plane : *planes) EXPECT_EQ(plane.derivation, host::Derivation::same) << plane.name;
}

}  // namespace
}  // namespace garita
