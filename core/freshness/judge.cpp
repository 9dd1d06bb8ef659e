#include "core/freshness/judge.hpp"

#include <algorithm>

namespace garita::freshness {
namespace {

constexpr double even_before = 10 * even_counts;

const PlanePrint* find_plane(const ScanPrint& scan, const PlanePrint& wanted) {
  for (const PlanePrint& plane : scan.planes)
    if (plane.view == wanted.view && plane.channel == wanted.channel) return &plane;
  return nullptr;
}

Judgement suspect(Verdict verdict, Reason reason, const PlanePrint& plane) {
  Judgement found;
  found.verdict = verdict, found.reason = reason;
  found.view = plane.view, found.channel = plane.channel;
  return found;
}

Judgement replayed(Reason reason, const PlanePrint& plane, const ScanPrint& old) {
  Judgement found = suspect(Verdict::replayed, reason, plane);
  found.old_scan_key = old.scan_key, found.old_root = old.root;
  return found;
}

std::optional<Judgement> equal_to(const ScanPrint& scan, const ScanPrint& old) {
  for (const PlanePrint& plane : scan.planes) {
    const PlanePrint* const other = find_plane(old, plane);
    if (!other || !same_pixels(plane, *other)) continue;
    Judgement found = replayed(Reason::equal_planes, plane, old);
    found.figure = found.limit = 1;
    return found;
  }
  return std::nullopt;
}

// Whatever is equal is found at once; noise is compared after that, with the last scans first.
std::optional<Judgement> replay_of(const ScanPrint& scan, const std::vector<const ScanPrint*>& others) {
  for (const ScanPrint* old : others)
    if (auto found = equal_to(scan, *old)) return found;
  for (const PlanePrint& plane : scan.planes) {
    const Sought sought(plane);
    for (auto old = others.rbegin(); old != others.rend(); ++old) {
      const PlanePrint* const other = find_plane(**old, plane);
      const auto alignment = other ? sought.in(*other) : std::nullopt;
      if (!alignment) continue;
      Judgement found = replayed(Reason::same_noise, plane, **old);
      found.alignment = *alignment;
      found.figure = alignment->correlation, found.limit = alignment->limit;
      return found;
    }
  }
  return std::nullopt;
}

// One figure of the plane's noise, in scans that tell it.
struct Before {
  double least = 0, most = 0;
  size_t scans = 0;
  bool tells() const { return scans >= least_earlier; }
};

Before before(const PlanePrint& plane, const std::vector<const ScanPrint*>& earlier,
              double PlanePrint::*noise, uint32_t PlanePrint::*tiles) {
  Before found;
  for (const ScanPrint* old : earlier) {
    const PlanePrint* const other = find_plane(*old, plane);
    if (!other || other->*tiles < least_tiles) continue;
    found.least = found.scans == 0 ? other->*noise : std::min(found.least, other->*noise);
    found.most = std::max(found.most, other->*noise);
    ++found.scans;
  }
  return found;
}

// Counts of a detector are Poisson's at best. What a device corrected and smoothed itself is held against
// itself alone.
std::optional<Judgement> too_even(const PlanePrint& plane, const std::vector<const ScanPrint*>& earlier) {
  if (plane.object_tiles >= least_tiles && plane.object_noise < even_counts) {
    const Before own = before(plane, earlier, &PlanePrint::object_noise, &PlanePrint::object_tiles);
    if (plane.raw_counts || (own.tells() && own.least > even_before)) {
      auto found = suspect(Verdict::synthetic, Reason::no_noise, plane);
      found.figure = plane.object_noise, found.limit = even_counts;
      return found;
    }
  }
  if (plane.yardstick != Yardstick::beam || plane.beam_tiles < least_tiles) return std::nullopt;
  const Before own = before(plane, earlier, &PlanePrint::beam_noise, &PlanePrint::beam_tiles);
  if (!own.tells() || own.most > own.least * steady || plane.beam_noise * quieter >= own.least)
    return std::nullopt;
  auto found = suspect(Verdict::synthetic, Reason::too_little_noise, plane);
  found.figure = plane.beam_noise, found.limit = own.least / quieter;
  return found;
}

bool can_be_compared(const PlanePrint& plane) {
  return plane.content >= least_content || plane.marks.size() >= least_matched;
}

}  // namespace

Judgement judge(const ScanPrint& scan, const std::vector<ScanPrint>& earlier) {
  std::vector<const ScanPrint*> others;
  for (const ScanPrint& old : earlier)
    if (scan.key_digits.empty() || old.key_digits != scan.key_digits) others.push_back(&old);
  Judgement own;
  const bool comparable = std::any_of(scan.planes.begin(), scan.planes.end(), can_be_compared);
  for (const ScanPrint* old : others)
    own.compared += comparable &&
                    std::any_of(scan.planes.begin(), scan.planes.end(),
                                [&](const PlanePrint& plane) { return find_plane(*old, plane) != nullptr; });
  const auto answer = [&](Judgement found) {
    found.compared = own.compared;
    return found;
  };
  if (auto found = replay_of(scan, others)) return answer(std::move(*found));
  for (const PlanePrint& plane : scan.planes)
    if (auto found = too_even(plane, others)) return answer(std::move(*found));
  if (own.compared > 0) {
    own.verdict = Verdict::fresh;
  } else {
    own.reason = comparable ? Reason::no_earlier_scan : Reason::no_noise_expected;
  }
  return own;
}

}  // namespace garita::freshness
