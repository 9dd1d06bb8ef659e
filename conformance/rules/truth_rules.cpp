// Truth: what the driver shows, held against what was there.
#include <cstdio>
#include <nlohmann/json.hpp>

#include "conformance/rules/plane_pictures.hpp"
#include "conformance/rules/rule.hpp"
#include "conformance/rules/trace.hpp"
#include "conformance/rules/truth_job.hpp"
#include "conformance/rules/viewing.hpp"
#include "conformance/twin/likeness.hpp"
#include "core/normalize/canonical.hpp"

namespace garita::conformance {
namespace {

constexpr uint64_t scenes = 4;

std::string as_text(double value) {
  char text[32];
  std::snprintf(text, sizeof text, "%.4f", value);
  return text;
}

TruePlane true_plane(const CanonicalPlane& plane) {
  TruePlane own{static_cast<uint32_t>(plane.rows), plane.columns, {}};
  for (const uint16_t value : plane.values)
    own.t.push_back(static_cast<float>(normalize::transmission_of(value)));
  return own;
}

CanonicalPlane as_canonical(const TruePlane& plane) {
  CanonicalPlane own{plane.rows, plane.columns, {}};
  for (const float t : plane.t)
    own.values.push_back(static_cast<uint16_t>(normalize::canonical_opaque +
                                               normalize::canonical_span * static_cast<double>(t) + 0.5));
  return own;
}

// One channel of the object's view, and what was found in it.
struct SeenChannel {
  uint32_t kev = 0;
  const CanonicalPlane* plane = nullptr;
  ObjectFound found;
};

class Truth : public Rule {
 protected:
  // The driver on this input, with its pixels; nullopt where a fault ended the rule.
  std::optional<Viewing> viewed(const load::Manifest& whose, const Input& input, size_t scans) {
    Viewing seen = view(whose, input, {.scans = scans});
    Course note;
    note.events = seen.latency.size();
    note_course(input, note);
    if (seen.fault.id.empty()) return seen;
    (void)judge(seen.fault, input);
    return std::nullopt;
  }

  void expect_scene(const TwinSettings& twin, const load::Manifest& twin_manifest, uint64_t number);
  void judge_scene(const TwinSettings& twin, const Scene& scene, const ViewedScan& scan, const Input& input);
  void show(const TruePlane& truth, const CanonicalPlane& seen);
  void judge_channels(const std::vector<SeenChannel>& channels, const Input& input);
  void show_seen(const CanonicalPlane& plane);
};

// The bytes that the twin makes of a scene. The twin is the vendor's, like the driver: what ends it is a
// finding.
std::optional<Input> encoded(const TwinSettings& twin, const load::Manifest& twin_manifest,
                             const Scene& scene) {
  Input given;
  given.title = scene.key;
  given.streams.push_back({.name = "scene", .bytes = scene_bytes(scene)});
  given.streams.back().chunks = {static_cast<uint32_t>(given.streams.back().bytes.size())};
  const Viewing made = view(twin_manifest, given, {.scans = 1});
  if (made.scans.empty() || made.scans[0].attachments.empty()) return std::nullopt;
  Input own;
  own.title = scene.key;
  own.scans = 1;
  StreamInput stream{.name = twin.stream, .bytes = made.scans[0].attachments.begin()->second};
  constexpr size_t chunk_bytes = 65536;
  for (size_t at = 0; at < stream.bytes.size(); at += chunk_bytes)
    stream.chunks.push_back(static_cast<uint32_t>(std::min(chunk_bytes, stream.bytes.size() - at)));
  own.streams.push_back(std::move(stream));
  return own;
}

void Truth::show(const TruePlane& truth, const CanonicalPlane& seen) {
  const auto folder = truth_job().pictures;
  if (folder.empty()) return;
  const CanonicalPlane right = as_canonical(truth);
  (void)write_picture(right, folder / "1-truth.png");
  (void)write_picture(seen, folder / "2-seen.png");
  (void)write_difference(seen, right, folder / "3-difference.png");
}

void Truth::judge_scene(const TwinSettings& twin, const Scene& scene, const ViewedScan& scan,
                        const Input& input) {
  std::vector<TruePlane> truth, seen;
  std::vector<const CanonicalPlane*> canonical;
  for (uint32_t channel = 0; channel < scene.channels; ++channel) truth.push_back(plane_of(scene, channel));
  for (const auto& [place, plane] : scan.canonical) {
    if (place.first != 0) continue;
    seen.push_back(true_plane(plane));
    canonical.push_back(&plane);
  }
  constexpr double quantum = 1.0 / normalize::canonical_span;
  const auto unlike = compare(truth, seen, twin.tolerance + quantum);
  if (!unlike) return;
  if (unlike->channel < canonical.size()) show(truth[unlike->channel], *canonical[unlike->channel]);
  if (unlike->how == "size")
    return finding(input, "conform.saw_truth_size",
                   {{"planes", std::to_string(seen.size())},
                    {"rows", std::to_string(seen.empty() ? 0 : seen[0].rows)},
                    {"columns", std::to_string(seen.empty() ? 0 : seen[0].columns)}},
                   "conform.expected_truth_size",
                   {{"planes", std::to_string(scene.channels)},
                    {"rows", std::to_string(scene.rows)},
                    {"columns", std::to_string(scene.columns)}});
  finding(input, "conform.saw_truth_" + unlike->how,
          {{"channel", twin.channels[unlike->channel]},
           {"row", std::to_string(unlike->row)},
           {"column", std::to_string(unlike->column)},
           {"seen", as_text(unlike->seen)},
           {"percent", as_text(unlike->share * 100)}},
          "conform.expected_truth",
          {{"expected", as_text(unlike->expected)}, {"tolerance", as_text(twin.tolerance)}});
}

void Truth::expect_scene(const TwinSettings& twin, const load::Manifest& twin_manifest, uint64_t number) {
  std::vector<bool> is_low;
  for (const std::string& channel : twin.channels) is_low.push_back(channel == "low");
  const Scene scene = make_scene(twin.rows, twin.columns, is_low, seed() * scenes + number);
  auto input = encoded(twin, twin_manifest, scene);
  Input nothing;
  nothing.title = scene.key;
  if (!input) return finding(nothing, "conform.saw_no_twin", {{"twin", twin_manifest.name}});
  if (!inputs().empty()) input->config = inputs().front().config;
  const auto seen = viewed(manifest(), *input, 1);
  if (!seen) return;
  if (seen->scans.empty() || seen->scans[0].outcome != GARITA_SCAN_COMPLETE)
    return finding(*input, "conform.saw_truth_no_scan", {});
  judge_scene(twin, scene, seen->scans[0], *input);
}

RULE(Truth, scenes_of_the_twin_come_out_as_they_are, "GAR-TRU-001") {
  const auto& twin = truth_job().twin;
  if (!twin) return undeclared("--twin");
  for (uint64_t number = 0; number < scenes && !ended(); ++number)
    expect_scene(*twin, truth_job().twin_manifest, number);
}

std::vector<SeenChannel> channels_of(const ObjectSettings& object, const ViewedScan& scan) {
  std::vector<SeenChannel> own;
  for (const auto& [place, plane] : scan.canonical) {
    const image::View& view = scan.begin.views[place.first];
    if (view.name != object.view) continue;
    const TruePlane seen = true_plane(plane);
    const bool is_known = !own.empty() && own[0].found.how.empty();
    own.push_back({view.channels[place.second].nominal_energy_kev, &plane,
                   is_known ? find_object_there(object, seen, own[0].found) : find_object(object, seen)});
  }
  return own;
}

void Truth::show_seen(const CanonicalPlane& plane) {
  if (const auto folder = truth_job().pictures; !folder.empty())
    (void)write_picture(plane, folder / "2-seen.png");
}

void Truth::judge_channels(const std::vector<SeenChannel>& channels, const Input& input) {
  for (const auto& [kev, plane, found] : channels) {
    if (found.how.empty() && found.step.empty()) continue;
    show_seen(*plane);
    return finding(input, "conform.saw_object_" + (found.how.empty() ? std::string("step") : found.how),
                   {{"likeness", as_text(found.likeness)}, {"step", found.step}});
  }
  for (const SeenChannel& low : channels)
    for (const SeenChannel& high : channels) {
      if (low.kev == 0 || low.kev >= high.kev || is_darker(low.found, high.found)) continue;
      show_seen(*low.plane);
      return finding(input, "conform.saw_object_channels",
                     {{"low", std::to_string(low.kev)}, {"high", std::to_string(high.kev)}});
    }
}

RULE(Truth, a_known_object_comes_out_as_it_is, "GAR-TRU-002") {
  const auto& object = truth_job().object;
  if (!object) return undeclared("--object");
  const Input& input = truth_job().recording;
  const auto seen = viewed(manifest(), input, 1);
  if (!seen) return;
  for (const ViewedScan& scan : seen->scans) {
    const auto channels = channels_of(*object, scan);
    if (channels.empty()) continue;
    if (scan.outcome != GARITA_SCAN_COMPLETE) return finding(input, "conform.saw_object_incomplete", {});
    return judge_channels(channels, input);
  }
  finding(input, "conform.saw_no_object_view", {{"view", object->view}});
}

}  // namespace
}  // namespace garita::conformance
