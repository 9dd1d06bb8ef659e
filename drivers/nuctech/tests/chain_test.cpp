// The whole chain: garita-sim nuctech on a real socket -> driver in its box -> package on the disk; and what
// comes out against what went in.
#include <gtest/gtest.h>

#include <chrono>
#include <cmath>
#include <cstring>
#include <fstream>
#include <nlohmann/json.hpp>
#include <set>
#include <thread>

#include "core/base/clock.hpp"
#include "core/export/npy.hpp"
#include "core/normalize/align.hpp"
#include "core/normalize/canonical.hpp"
#include "tests/host/programs.hpp"
#include "tests/host/run_fixture.hpp"
#include "tools/garita-sim/nuctech/cargo_source.hpp"

namespace garita::host::testing {
namespace {

using namespace std::chrono_literals;

// What garita-sim wrote beside a scan.
struct Truth {
  nlohmann::json facts;
  std::vector<float> densities;  // [pulse][column][material]
  size_t pulses = 0, columns = 0;
};

class Chain : public Run {
 protected:
  ~Chain() override { end_portal(); }

  void end_portal() {
    if (device_ > 0 && !stop) ::kill(device_, SIGKILL);
    if (watcher_.joinable()) watcher_.join();
    device_ = -1;
  }

  void start_over() {
    end_portal();
    for (const char* name : {"out", "state", "truth", "port"}) std::filesystem::remove_all(folder / name);
    stop = false;
    seen = {};
    summary = {};
  }

  void start_portal(std::vector<std::string> more) {
    const auto port_file = folder / "port";
    std::vector<std::string> words = {
        GARITA_BIN_DIR "/garita-sim", "nuctech", "--listen", "127.0.0.1:0", "--port-file",
        port_file.string(),           "--scene", "object"};
    words.insert(words.end(), more.begin(), more.end());
    device_ = start_program(words, folder / "sim.out", folder / "sim.err");
    std::string port;
    for (int i = 0; i < 4000 && (port = text_of(port_file)).empty(); ++i) std::this_thread::sleep_for(5ms);
    ASSERT_FALSE(port.empty()) << text_of(folder / "sim.err");
    watcher_ = std::thread([this, child = device_] { exit_code_ = wait_for(child), stop = true; });
    auto manifest = load::read_manifest(GARITA_DRIVER_DIR "/nuctech/nuctech.garita.json");
    ASSERT_TRUE(manifest) << base::render(manifest.error(), base::Language::en);
    options.manifest = *manifest;
    options.sources =
        grant_sources(*manifest, {{"portal", "tcp://127.0.0.1:" + port.substr(0, port.find('\n'))}}).value();
    options.configuration = grant_configuration(*manifest, {}).value();
    options.out = folder / "out", options.state = folder / "state";
    options.patience_ms = 20000;
  }

  // One run after the other, as a site does, until the portal has all its scans acknowledged.
  void take_all() {
    const auto patience = std::chrono::steady_clock::now() + 120s;
    while (!stop && std::chrono::steady_clock::now() < patience) {
      const auto ran = run_scan(options, stop, seen, summary);
      if (!ran && !stop) std::this_thread::sleep_for(20ms);
    }
    ASSERT_TRUE(stop) << "the portal still waits for its scans";
    EXPECT_EQ(exit_code_, 0) << text_of(folder / "sim.err");
  }

  Truth truth_of(const std::string& key) {
    Truth truth;
    truth.facts = nlohmann::json::parse(text_of(folder / "truth" / (key + ".json")), nullptr, false);
    auto reader = exporter::NpyReader::open(folder / "truth" / (key + ".npy"));
    EXPECT_TRUE(reader);
    truth.pulses = reader->header().shape.at(0), truth.columns = reader->header().shape.at(1);
    truth.densities.resize(truth.pulses * truth.columns * sim::ray_materials);
    EXPECT_TRUE(reader->read(0, std::as_writable_bytes(std::span(truth.densities))));
    return truth;
  }

  static std::vector<uint16_t> plane_of(OpenPackage& package, const char* channel) {
    const auto found = package.reader.find_plane("side", channel);
    if (!found) return ADD_FAILURE() << channel, std::vector<uint16_t>();
    const package::PlaneInfo& plane = package.reader.planes()[*found];
    std::vector<uint16_t> pixels(plane.rows * plane.spec.columns);
    EXPECT_TRUE(package.reader.read_rows(plane, 0, plane.rows, std::as_writable_bytes(std::span(pixels))));
    return pixels;
  }

  static std::string vendor_text(const v1::Inspection& record, std::string_view key) {
    for (const v1::Attribute& attribute : record.vendor_attributes())
      if (attribute.key() == key) return attribute.value().text();
    return "-";
  }

  std::set<std::string> whole_keys() const {
    std::set<std::string> keys;
    for (const Recorded& recorded : seen.scans)
      if (recorded.fate == Fate::stored && recorded.complete()) keys.insert(recorded.scan_key);
    return keys;
  }

  pid_t device_ = -1;
  std::thread watcher_;
  int exit_code_ = -1;
};

// Transmissions of both energies along the rays of one pulse.
std::array<std::vector<float>, 2> expected(const Truth& truth, size_t pulse) {
  static sim::DualBeam beam(7.5, 4.0);
  std::array<std::vector<float>, sim::ray_materials> lines;
  for (size_t material = 0; material < sim::ray_materials; ++material)
    for (size_t column = 0; column < truth.columns; ++column)
      lines[material].push_back(
          truth.densities[(pulse * truth.columns + column) * sim::ray_materials + material]);
  std::array<std::vector<float>, 2> t = {std::vector<float>(truth.columns),
                                         std::vector<float>(truth.columns)};
  beam.transmit({lines[0], lines[1], lines[2], lines[3]}, t[0], t[1]);
  return t;
}

// Residuals of one energy in units of the noise that its quanta give; what the record marks is left out.
struct Residuals {
  double sum = 0, squares = 0, worst = 0, count = 0;
  double mean() const { return sum / count; }
  double rms() const { return std::sqrt(squares / count); }
};

std::set<size_t> dead_columns_of(const v1::Channel& channel) {
  std::set<size_t> dead;
  for (const auto& run : channel.dead_pixels())
    for (int64_t i = 0; i < run.columns(); ++i) dead.insert(static_cast<size_t>(run.first_column() + i));
  return dead;
}

Residuals residuals_of(const Truth& truth, const std::vector<uint16_t>& pixels, const v1::Channel& channel,
                       size_t energy) {
  const std::set<size_t> dead = dead_columns_of(channel);
  std::set<size_t> lost;
  for (const auto& range : channel.lost_lines())
    for (int64_t i = 0; i < range.rows(); ++i) lost.insert(static_cast<size_t>(range.first_row() + i));
  const double quanta = energy == 0 ? 7000 : 5200, electronic = energy == 0 ? 4 / 40000.0 : 4 / 33000.0;
  Residuals all;
  for (size_t row = 0; row < truth.pulses / 2; ++row) {
    if (lost.contains(row)) continue;
    const auto t = expected(truth, 2 * row + energy)[energy];
    for (size_t column = 0; column < truth.columns; ++column) {
      if (dead.contains(column)) continue;
      const double place = 2.0 * static_cast<double>(column) / static_cast<double>(truth.columns) - 1;
      const double here = quanta * (1 - 0.15 * place * place);
      const double sigma =
          std::hypot(std::sqrt(t[column] / here), electronic, 0.001 * t[column] + 0.3 / 57344);
      const double z = (normalize::transmission_of(pixels[row * truth.columns + column]) - t[column]) / sigma;
      all.sum += z, all.squares += z * z, all.count += 1;
      all.worst = std::max(all.worst, std::abs(z));
    }
  }
  return all;
}

TEST_F(Chain, the_pixels_are_the_truth_within_the_noise_of_their_quanta) {
  start_portal({"--count", "1", "--seed", "71", "--misfires", "0.02", "--truth", folder / "truth"});
  take_all();
  ASSERT_EQ(seen.scans.size(), 1u);
  ASSERT_TRUE(seen.scans[0].complete()) << seen.scans[0].record.completeness().reason();
  const Truth truth = truth_of(seen.scans[0].scan_key);
  auto package = open_package(seen.scans[0].path);
  ASSERT_TRUE(package);
  for (size_t energy = 0; energy < 2; ++energy) {
    const v1::Channel& channel = package->record.views(0).channels(static_cast<int>(energy));
    const Residuals z =
        residuals_of(truth, plane_of(*package, energy == 0 ? "high" : "low"), channel, energy);
    EXPECT_LT(std::abs(z.mean()), 0.05) << energy;
    EXPECT_GT(z.rms(), 0.93) << energy;
    EXPECT_LT(z.rms(), 1.08) << energy;
    EXPECT_LT(z.worst, 9) << energy;
    EXPECT_GT(z.count, 200000) << energy;
    for (const uint32_t pulse : truth.facts["misfires"]) {
      bool marked = pulse % 2 != energy;
      for (const auto& range : channel.lost_lines())
        marked |= static_cast<uint32_t>(range.first_row()) <= pulse / 2 &&
                  pulse / 2 < static_cast<uint32_t>(range.first_row() + range.rows());
      EXPECT_TRUE(marked) << pulse;
    }
  }
  EXPECT_FALSE(truth.facts["misfires"].empty());
}

TEST_F(Chain, the_low_energy_moved_by_half_a_row_fits_the_high_one_s_rows_better) {
  start_portal({"--count", "1", "--seed", "5", "--truth", folder / "truth"});
  take_all();
  ASSERT_EQ(seen.scans.size(), 1u);
  auto package = open_package(seen.scans[0].path);
  ASSERT_TRUE(package);
  const Truth truth = truth_of(seen.scans[0].scan_key);
  const auto& view = package->record.views(0);
  EXPECT_EQ(view.channels(1).row_offset_um(), 3000);
  const auto shift =
      normalize::row_shift(view.channels(1).row_offset_um(), view.geometry().pitch_along_um(), false);
  const std::vector<uint16_t> low = plane_of(*package, "low");
  normalize::AlignedRows aligned(truth.pulses / 2, static_cast<uint32_t>(truth.columns), shift,
                                 [&](uint64_t row, std::span<uint16_t> out) -> base::Result<void> {
                                   std::memcpy(out.data(), low.data() + row * out.size(), out.size_bytes());
                                   return {};
                                 });
  const auto dead = dead_columns_of(view.channels(1));
  double moved = 0, stored = 0;  // squares of what differs from the low energy seen where the high pulse was
  std::vector<uint16_t> line(truth.columns);
  for (size_t row = 1; row < truth.pulses / 2; ++row) {
    const auto t = expected(truth, 2 * row)[1];
    ASSERT_TRUE(aligned.row(row, line));
    for (size_t column = 0; column < truth.columns; ++column) {
      if (dead.contains(column)) continue;
      moved += std::pow(normalize::transmission_of(line[column]) - t[column], 2);
      stored += std::pow(normalize::transmission_of(low[row * truth.columns + column]) - t[column], 2);
    }
  }
  EXPECT_LT(moved, 0.75 * stored);
}

TEST_F(Chain, chinese_text_local_time_papers_and_findings_arrive_in_the_record) {
  const int64_t before_ns = base::system_clock().utc_ns();
  start_portal({"--count", "2", "--seed", "3", "--truth", folder / "truth"});
  take_all();
  ASSERT_EQ(seen.scans.size(), 2u);  // remarks in GB18030, then in UTF-8
  for (const Recorded& scan : seen.scans) {
    const v1::Inspection& record = scan.record;
    const Truth truth = truth_of(scan.scan_key);
    EXPECT_EQ(vendor_text(record, "org.garita.nuctech.operator"), truth.facts["operator"]);
    EXPECT_EQ(vendor_text(record, "org.garita.nuctech.remarks"), truth.facts["remarks"]);
    EXPECT_EQ(vendor_text(record, "org.garita.nuctech.station"), "一号通道");
    EXPECT_EQ(record.conveyance().plates(0).number(), truth.facts["plate"]);
    EXPECT_EQ(record.conveyance().containers(0).number(), truth.facts["container"]);
    EXPECT_EQ(record.suspect_size(), 0);
    EXPECT_EQ(record.time().started().offset_s(), 28800);
    EXPECT_GT(record.time().started().utc_ns(), before_ns - 60'000'000'000);
    EXPECT_LT(record.time().started().utc_ns(), base::system_clock().utc_ns());
    ASSERT_EQ(record.detections_size(), static_cast<int>(truth.facts["findings"].size()));
    const v1::Detection& found = record.detections(0);
    const auto& wanted = truth.facts["findings"][0];
    EXPECT_EQ(found.category(), v1::CATEGORY_ANOMALY);
    EXPECT_EQ(found.vendor_code(), wanted["code"]);
    EXPECT_EQ(found.label(), "高密度区域");
    EXPECT_EQ(found.first_row(), wanted["pulses"][0].get<uint64_t>() / 2);
    EXPECT_EQ(found.first_row() + found.rows(), (wanted["pulses"][1].get<uint64_t>() + 1) / 2);
    EXPECT_EQ(found.first_column(), wanted["columns"][0].get<uint32_t>());
    EXPECT_EQ(found.first_column() + found.columns(), wanted["columns"][1].get<uint32_t>());
  }
}

// Faults at the messages of a session of two scans: greeting, status, calibration, begin, six blocks,
// verdict, end. Both scans end up whole, once; what is not whole says so.
class Faults : public Chain {
 protected:
  void expect_both_scans_whole_after(const std::string& fault) {
    SCOPED_TRACE(fault);
    start_over();
    start_portal({"--count", "2", "--seed", "9", "--fault", fault});
    options.in_process_unsafe = true;  // many runs: a box for each would take most of their time
    options.configuration["silence_ms"] = {GARITA_VALUE_I64, 2500, 0, ""};
    take_all();
    EXPECT_EQ(whole_keys().size(), 2u);
    for (const Recorded& scan : seen.scans) {
      if (scan.fate != Fate::stored) continue;
      EXPECT_TRUE(scan.complete() || !scan.record.completeness().reason().empty());
      EXPECT_TRUE(!scan.complete() || scan.record.views(0).rows() == rows);
    }
  }

  static constexpr uint64_t rows = 325;
};

TEST_F(Faults, a_connection_that_ends_before_any_message_costs_no_scan) {
  for (int message = 0; message < 13; ++message)
    expect_both_scans_whole_after("drop:" + std::to_string(message));
}

TEST_F(Faults, a_connection_that_ends_in_the_middle_of_any_message_costs_no_scan) {
  for (int message = 0; message < 13; ++message)
    expect_both_scans_whole_after("cut:" + std::to_string(message));
}

TEST_F(Faults, a_message_that_is_lost_doubled_late_or_damaged_costs_no_scan) {
  for (const char* kind : {"lose", "twice", "order", "flip", "length", "clock"})
    for (const char* message : {":2", ":6", ":11"})
      expect_both_scans_whole_after(std::string(kind) + message);
}

}  // namespace
}  // namespace garita::host::testing
