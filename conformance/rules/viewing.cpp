#include "conformance/rules/viewing.hpp"

#include <cstring>
#include <memory>
#include <optional>

#include "conformance/rules/stand.hpp"
#include "core/isolate/session.hpp"
#include "core/load/status.hpp"
#include "core/normalize/scan_normalizer.hpp"

namespace garita::conformance {
namespace {

constexpr uint64_t ms = 1'000'000;
constexpr uint64_t patience_ns = 3'000 * ms, memory_every_ns = 50 * ms;
constexpr size_t most_points = 1200;

uint64_t now_ns() { return base::system_clock().monotonic_ns(); }

double sample_at(const std::byte* at, uint32_t type) {
  const auto as = [at](auto value) {
    std::memcpy(&value, at, sizeof value);
    return static_cast<double>(value);
  };
  if (type == GARITA_SAMPLE_U8) return as(uint8_t{});
  if (type == GARITA_SAMPLE_U16) return as(uint16_t{});
  if (type == GARITA_SAMPLE_U32) return as(uint32_t{});
  if (type == GARITA_SAMPLE_F32) return as(float{});
  return 0;
}

class KeptRows final : public normalize::RowSink {
 public:
  KeptRows(ViewedScan& scan, uint64_t most_samples) : scan_(scan), most_samples_(most_samples) {}

  base::Result<void> plane(uint32_t view, uint32_t channel, const normalize::PlaneFormat& format) override {
    if (format.canonical) scan_.canonical[{view, channel}].columns = format.columns;
    return {};
  }
  base::Result<void> rows(uint32_t view, uint32_t channel, uint32_t slice, uint64_t, uint32_t rows,
                          std::span<const std::byte> pixels) override {
    const auto found = scan_.canonical.find({view, channel});
    if (found == scan_.canonical.end() || slice != 0) return {};
    std::vector<uint16_t>& values = found->second.values;
    const size_t before = values.size(), more = pixels.size() / sizeof(uint16_t);
    if (before + more > most_samples_) return {};
    values.resize(before + more);
    std::memcpy(values.data() + before, pixels.data(), more * sizeof(uint16_t));
    found->second.rows += rows;
    return {};
  }

 private:
  ViewedScan& scan_;
  const uint64_t most_samples_;
};

class Watch final : public isolate::WorkerObserver {
 public:
  void started(pid_t process) override { pid = process; }
  pid_t pid = 0;
};

class Viewer {
 public:
  Viewer(const load::Manifest& manifest, const Input& input, const ViewingLimits& limits)
      : manifest_(manifest), input_(input), limits_(limits) {}

  Viewing go() {
    auto configuration = host::grant_configuration(manifest_, input_.config);
    if (!configuration) return own_.fault = configuration.error(), std::move(own_);
    Play play;
    if (input_.goes_on) play.ending = Ending::silent;
    Stand stand(manifest_, input_, *configuration, play);
    Watch watch;
    isolate::WorkerOptions options;
    options.observer = &watch;
    begun_ns_ = now_ns();
    auto session = isolate::open_isolated(manifest_, stand, input_.model, "viewing",
                                          begun_ns_ + 3 * patience_ns, options);
    if (!session) return own_.fault = session.error(), std::move(own_);
    own_.fault = pump(**session, stand, watch);
    (void)(*session)->close(now_ns() + patience_ns);
    return std::move(own_);
  }

 private:
  double at_ms() const { return static_cast<double>((now_ns() - begun_ns_) / 1000) / 1000; }

  base::Error pump(load::Session& session, const Stand& stand, const Watch& watch) {
    uint64_t heard_ns = now_ns(), looked_ns = 0;
    while (ended_ < limits_.scans && now_ns() - begun_ns_ < limits_.longest_ms * ms) {
      const uint64_t called_ns = now_ns();
      const load::Next got = session.next(called_ns + 50 * ms);
      if (now_ns() - looked_ns > memory_every_ns) look_at_memory(watch.pid), looked_ns = now_ns();
      if (got.status == GARITA_OK) {
        heard_ns = now_ns();
        note_latency(called_ns);
        std::visit([&](const auto& event) { on(event); }, got.event);
      } else if (got.status == GARITA_END) {
        break;
      } else if (load::class_of(got.status) != load::StatusClass::flow) {
        return got.error;
      }
      const uint64_t quiet_ns = stand.used_up() ? patience_ns / 6 : patience_ns;
      if (now_ns() - heard_ns > quiet_ns) break;
    }
    look_at_memory(watch.pid);
    return {};
  }

  void note_latency(uint64_t called_ns) {
    if (own_.latency.size() < most_points)
      own_.latency.emplace_back(at_ms(), static_cast<double>(now_ns() - called_ns) / static_cast<double>(ms));
  }

  void look_at_memory(pid_t pid) {
    const isolate::Usage used = isolate::usage_of(pid);
    if (own_.memory.size() < most_points && used.peak_bytes != 0)
      own_.memory.emplace_back(at_ms(), static_cast<double>(used.peak_bytes) / (1 << 20));
  }

  ViewedScan* scan() { return in_scan_ ? &own_.scans.back() : nullptr; }

  template <typename Other>
  void on(const Other&) {}
  void on(const image::Calibration& calibration) { (void)calibrations_.add(calibration); }

  void on(const image::ScanBegin& begin) {
    normalizer_.reset();
    own_.scans.reserve(limits_.scans + 1);  // rows_ holds on to the last of them
    if (own_.scans.size() > limits_.scans) own_.scans.pop_back();
    own_.scans.push_back({});
    own_.scans.back().begin = begin;
    in_scan_ = true;
    rows_.emplace(own_.scans.back(), limits_.samples);
    normalizer_ = std::make_unique<normalize::ScanNormalizer>(calibrations_, *rows_);
    if (!normalizer_->begin(begin)) normalizer_.reset();
  }

  void on(const image::Strip& strip) {
    if (!in_scan_ || strip.view >= scan()->begin.views.size()) return;
    if (normalizer_) (void)normalizer_->strip(strip);
    if (strip.slice == 0) keep(strip, scan()->begin.views[strip.view]);
  }

  void keep(const image::Strip& strip, const image::View& view) {
    DeliveredPlane& plane = scan()->delivered[{strip.view, strip.channel}];
    plane.columns = view.columns;
    const size_t bytes = image::sample_size_bytes(view.sample_type);
    for (uint32_t row = 0; row < strip.rows; ++row, ++plane.rows) {
      if (plane.values.size() + view.columns > limits_.samples) return;
      const std::byte* at = strip.memory.get() + row * strip.row_stride_bytes;
      for (uint32_t column = 0; column < view.columns; ++column, at += bytes)
        plane.values.push_back(static_cast<float>(sample_at(at, view.sample_type)));
    }
  }

  void on(const image::Attachment& piece) {
    if (!in_scan_ || !piece.memory) return;
    auto& bytes = scan()->attachments[piece.index];
    bytes.insert(bytes.end(), piece.memory.get(), piece.memory.get() + piece.size_bytes);
  }

  void on(const image::ScanEnd& end) {
    if (!in_scan_) return;
    if (normalizer_) (void)normalizer_->end(end);
    normalizer_.reset();
    scan()->outcome = end.outcome;
    in_scan_ = false;
    ++ended_;
  }

  const load::Manifest& manifest_;
  const Input& input_;
  const ViewingLimits limits_;
  Viewing own_;
  uint64_t begun_ns_ = 0;
  size_t ended_ = 0;
  bool in_scan_ = false;
  normalize::CalibrationStore calibrations_;
  std::optional<KeptRows> rows_;
  std::unique_ptr<normalize::ScanNormalizer> normalizer_;
};

}  // namespace

Viewing view(const load::Manifest& manifest, const Input& input, const ViewingLimits& limits) {
  return Viewer(manifest, input, limits).go();
}

}  // namespace garita::conformance
