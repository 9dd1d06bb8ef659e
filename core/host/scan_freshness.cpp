#include "core/host/scan_freshness.hpp"

#include <cstdio>

#include "core/freshness/judge.hpp"
#include "core/load/manifest.hpp"

namespace garita::host {
namespace {

using freshness::Judgement;

// Whatever tells one device of a site from another.
std::string device_of(const RecorderSetup& setup) {
  return setup.manifest.id + '\n' + setup.site + '\n' + setup.lane + '\n' + setup.place.device + '\n' +
         setup.instance;
}

v1::Freshness::Verdict word_of(freshness::Verdict verdict) {
  switch (verdict) {
    case freshness::Verdict::not_judged:
      return v1::Freshness::VERDICT_NOT_JUDGED;
    case freshness::Verdict::fresh:
      return v1::Freshness::VERDICT_FRESH;
    case freshness::Verdict::replayed:
      return v1::Freshness::VERDICT_REPLAYED;
    case freshness::Verdict::synthetic:
      return v1::Freshness::VERDICT_SYNTHETIC;
  }
  return v1::Freshness::VERDICT_UNSPECIFIED;
}

v1::Freshness::Reason word_of(freshness::Reason reason) {
  switch (reason) {
    case freshness::Reason::none:
      return v1::Freshness::REASON_UNSPECIFIED;
    case freshness::Reason::equal_planes:
      return v1::Freshness::REASON_EQUAL_PLANES;
    case freshness::Reason::same_noise:
      return v1::Freshness::REASON_SAME_NOISE;
    case freshness::Reason::no_noise:
      return v1::Freshness::REASON_NO_NOISE;
    case freshness::Reason::too_little_noise:
      return v1::Freshness::REASON_TOO_LITTLE_NOISE;
    case freshness::Reason::no_earlier_scan:
      return v1::Freshness::REASON_NO_EARLIER_SCAN;
    case freshness::Reason::no_noise_expected:
      return v1::Freshness::REASON_NO_NOISE_EXPECTED;
  }
  return v1::Freshness::REASON_UNSPECIFIED;
}

void set_alignment(const freshness::Alignment& alignment, v1::Freshness& out) {
  out.set_matched(alignment.matched);
  out.set_row_shift(alignment.row_shift);
  out.set_column_shift(alignment.column_shift);
  if (alignment.rows_mirrored) out.set_rows_mirrored(true);
  if (alignment.columns_mirrored) out.set_columns_mirrored(true);
}

void set_freshness(const Judgement& found, v1::Freshness& out) {
  out.set_verdict(word_of(found.verdict));
  if (found.reason != freshness::Reason::none) out.set_reason(word_of(found.reason));
  out.set_compared(found.compared);
  if (found.view.empty()) return;  // not suspect
  out.set_view(found.view);
  out.set_channel(found.channel);
  out.set_figure(found.figure);
  out.set_limit(found.limit);
  if (found.reason == freshness::Reason::same_noise) set_alignment(found.alignment, out);
  if (found.verdict != freshness::Verdict::replayed) return;
  out.set_earlier_scan_key(found.old_scan_key);
  out.set_earlier_root(std::string(found.old_root.begin(), found.old_root.end()));
}

// Noise is looked for in what X-rays made and nobody rendered or reconstructed.
bool has_quantum_noise(const image::View& view) {
  const bool from_rays =
      view.quantity == GARITA_QUANTITY_TRANSMISSION || view.quantity == GARITA_QUANTITY_BACKSCATTER;
  return from_rays && view.shape != GARITA_SHAPE_VOLUME &&
         (view.fidelity == GARITA_FIDELITY_RAW_COUNTS || view.fidelity == GARITA_FIDELITY_TRANSMISSION ||
          view.fidelity == GARITA_FIDELITY_ATTENUATION);
}

std::string short_number(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.3g", value);
  return text;
}

}  // namespace

ScanFreshness::ScanFreshness(const RecorderSetup& setup) {
  if (!setup.state.empty() && !setup.secret) history_.emplace(setup.state, device_of(setup));
}

void ScanFreshness::plane(uint32_t view_index, uint32_t channel, const image::View& view,
                          const normalize::PlaneFormat& format) {
  if (!history_ || meters_.size() == freshness::max_planes) return;
  const uint32_t sample_bytes = image::sample_size_bytes(format.sample_type);
  const bool is_whole_number =
      format.sample_type == GARITA_SAMPLE_U8 || format.sample_type == GARITA_SAMPLE_U16;
  meters_.try_emplace(
      {view_index, channel},
      freshness::PlaneTraits{.view = view.name,
                             .channel = image::channel_name(view.channels[channel].kind),
                             .columns = format.columns,
                             .sample_bytes = sample_bytes,
                             .noise = is_whole_number && has_quantum_noise(view),
                             .canonical = format.canonical,
                             .raw_counts = format.canonical && view.fidelity == GARITA_FIDELITY_RAW_COUNTS &&
                                           view.bits_used >= 14,
                             .fixed_pattern = view.shape != GARITA_SHAPE_SCAN});
}

void ScanFreshness::rows(uint32_t view_index, uint32_t channel, uint32_t rows, base::Bytes pixels) {
  if (const auto meter = meters_.find({view_index, channel}); meter != meters_.end())
    meter->second.add(pixels, rows);
}

void ScanFreshness::judge(const std::string& key_digits, v1::Inspection& record) {
  if (!history_ || meters_.empty()) return;
  print_.scan_key = record.identity().scan_key();
  print_.key_digits = key_digits;
  for (auto& [place, meter] : meters_) print_.planes.push_back(meter.finish());
  meters_.clear();
  const Judgement found = freshness::judge(print_, history_->load());
  set_freshness(found, *record.mutable_freshness());
  // What is not of the device says nothing of its noise.
  if (found.verdict != freshness::Verdict::synthetic) return;
  for (freshness::PlanePrint& plane : print_.planes) plane.beam_tiles = plane.object_tiles = 0;
}

void ScanFreshness::remember(const Recorded& recorded) {
  if (!history_ || print_.planes.empty() || recorded.fate != Fate::stored || !recorded.complete()) return;
  print_.root = recorded.root;
  print_.utc_ns = recorded.record.time().received().utc_ns();
  (void)history_->add(print_);
}

std::optional<base::Error> suspicion_of(const v1::Inspection& record) {
  const v1::Freshness& found = record.freshness();
  const char* id = found.reason() == v1::Freshness::REASON_EQUAL_PLANES       ? "freshness.equal_planes"
                   : found.reason() == v1::Freshness::REASON_SAME_NOISE       ? "freshness.same_noise"
                   : found.reason() == v1::Freshness::REASON_NO_NOISE         ? "freshness.no_noise"
                   : found.reason() == v1::Freshness::REASON_TOO_LITTLE_NOISE ? "freshness.too_little_noise"
                                                                              : nullptr;
  if (!id) return std::nullopt;
  return base::Error{base::Outcome::no,
                     id,
                     {{"key", record.identity().scan_key()},
                      {"plane", found.view() + "/" + found.channel()},
                      {"figure", short_number(found.figure())},
                      {"limit", short_number(found.limit())},
                      {"matched", std::to_string(found.matched())},
                      {"earlier", found.earlier_scan_key()},
                      {"compared", std::to_string(found.compared())}}};
}

}  // namespace garita::host
