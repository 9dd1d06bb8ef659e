#include "core/host/crash_reports.hpp"

#include <string.h>

#include <algorithm>
#include <cstdio>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/bytes.hpp"
#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/text.hpp"
#include "core/host/version.hpp"
#include "core/isolate/box/policy.hpp"
#include "core/load/status.hpp"

namespace garita::host {
namespace {

using isolate::Crash;
constexpr int most_of_one_moment = 100;

std::string hex(uint64_t number) {
  char text[24];
  snprintf(text, sizeof text, "0x%llx", static_cast<unsigned long long>(number));
  return text;
}

std::string hex(const std::vector<std::byte>& bytes) {
  std::string text;
  for (const std::byte byte : bytes) {
    char digits[4];
    snprintf(digits, sizeof digits, "%02x", static_cast<unsigned>(byte));
    text += digits;
  }
  return text;
}

std::string frame_text(const isolate::Frame& frame) {
  return frame.file.empty() ? hex(frame.offset) : frame.file + '+' + hex(frame.offset);
}

std::string signal_text(const Crash& crash) {
  if (!crash.struck) return "";
  const char* name = sigabbrev_np(crash.struck->signal);
  return name ? "SIG" + std::string(name) : std::to_string(crash.struck->signal);
}

std::string build_id_of(const Crash& crash, const std::string& file) {
  for (const isolate::LoadedFile& loaded : crash.files)
    if (loaded.file == file) return loaded.build_id;
  return "";
}

std::string status_text(const isolate::CallNote& call) {
  return call.answered ? load::status_name(call.status) : "";
}

uint64_t before_end_ms(const Crash& crash, const isolate::CallNote& call) {
  return call.at_ns == 0 || call.at_ns > crash.ended_ns ? 0 : (crash.ended_ns - call.at_ns) / 1'000'000;
}

nlohmann::json calls_json(const Crash& crash) {
  nlohmann::json calls = nlohmann::json::array();
  for (const isolate::CallNote& call : crash.calls) {
    nlohmann::json& own = calls.emplace_back();
    own = {{"call", isolate::name_of_call(call.call)}, {"by", call.from_driver ? "driver" : "host"}};
    if (call.answered) own["status"] = status_text(call);
    if (call.at_ns != 0) own["before_end_ms"] = before_end_ms(crash, call), own["took_us"] = call.took_ns / 1000;
  }
  return calls;
}

nlohmann::json to_json(const Crash& crash, const load::Manifest& manifest, int64_t utc_ns) {
  nlohmann::json error = {{"id", crash.error.id}, {"text", base::render(crash.error, base::Language::en)}};
  for (const base::Field& field : crash.error.fields) error[field.name] = base::printable(field.value);
  nlohmann::json json = {
      {"schema", "garita.crash/1"},
      {"utc", base::format_utc(utc_ns)},
      {"host_version", version},
      {"driver",
       {{"name", manifest.name},
        {"vendor", manifest.vendor},
        {"version", manifest.version},
        {"file", manifest.driver.path},
        {"sha256", base::to_text(manifest.driver.sha256)},
        {"build_id", build_id_of(crash, manifest.driver.path)}}},
      {"box", isolate::name_of(crash.box)},
      {"policy", base::to_text(isolate::Policy::built_in().digest())},
      {"error", error},
      {"frames", nlohmann::json::array()},
      {"files", nlohmann::json::array()},
      {"calls", calls_json(crash)},
      {"streams", nlohmann::json::array()},
      {"worker", {{"cpu_ms", crash.used.cpu_ns / 1'000'000}, {"peak_bytes", crash.used.peak_bytes}}}};
  if (crash.struck) {
    json["signal"] = signal_text(crash);
    if (crash.struck->address) json["fault_address"] = hex(*crash.struck->address);
    for (const isolate::Frame& frame : crash.struck->frames) json["frames"].push_back(frame_text(frame));
  }
  for (const isolate::LoadedFile& file : crash.files)
    json["files"].push_back({{"file", file.file}, {"build_id", file.build_id}});
  for (const isolate::StreamTail& stream : crash.streams)
    json["streams"].push_back({{"name", base::printable(stream.name)},
                               {"received_bytes", stream.received_bytes},
                               {"received", hex(stream.received)},
                               {"sent_bytes", stream.sent_bytes},
                               {"sent", hex(stream.sent)}});
  return json;
}

// Sixteen bytes a line, in hex and as ASCII.
std::string dump(const std::vector<std::byte>& bytes) {
  std::string text;
  for (size_t at = 0; at < bytes.size(); at += 16) {
    std::string letters;
    text += "    ";
    for (size_t i = at; i < at + 16; ++i) {
      if (i >= bytes.size()) {
        text += "   ";
        continue;
      }
      const auto value = static_cast<unsigned char>(bytes[i]);
      char digits[8];
      snprintf(digits, sizeof digits, "%02x ", value);
      text += digits;
      letters += value >= 0x20 && value < 0x7F ? static_cast<char>(value) : '.';
    }
    text += ' ' + letters + '\n';
  }
  return text;
}

std::string to_text(const Crash& crash, const load::Manifest& manifest, int64_t utc_ns, base::Language language) {
  const auto say = [language](const char* id, std::vector<base::Field> fields = {}) {
    return base::text(language, std::string("host.crash_") + id, fields) + '\n';
  };
  std::string text = base::render(crash.error, language) + "\n\n";
  text += say("driver", {{"driver", manifest.name},
                         {"version", manifest.version},
                         {"vendor", manifest.vendor},
                         {"sha256", base::to_text(manifest.driver.sha256)},
                         {"build_id", build_id_of(crash, manifest.driver.path)}});
  text += say("when", {{"utc", base::format_utc(utc_ns, 3)}, {"host", version}, {"box", isolate::name_of(crash.box)}});
  text += say("used", {{"cpu_ms", std::to_string(crash.used.cpu_ns / 1'000'000)},
                       {"mib", std::to_string(crash.used.peak_bytes >> 20)}});
  text += '\n' + say(crash.struck ? "frames" : "no_frames",
                     {{"signal", signal_text(crash)},
                      {"address", crash.struck && crash.struck->address ? hex(*crash.struck->address) : "-"}});
  for (size_t i = 0; crash.struck && i < crash.struck->frames.size(); ++i)
    text += "  " + frame_text(crash.struck->frames[i]) + '\n';
  text += '\n' + say("calls");
  for (const isolate::CallNote& call : crash.calls) {
    const std::string status = status_text(call);
    text += std::string(call.from_driver ? "    " : "  ") + isolate::name_of_call(call.call) + "  " +
            (status.empty() ? base::text(language, "host.crash_under_way") : status);
    if (call.at_ns != 0)
      text += "  -" + std::to_string(before_end_ms(crash, call)) + " ms, " + std::to_string(call.took_ns / 1000) + " us";
    text += '\n';
  }
  text += '\n' + say("streams");
  for (const isolate::StreamTail& stream : crash.streams) {
    text += "  " + say("received", {{"stream", stream.name}, {"bytes", std::to_string(stream.received_bytes)}});
    text += dump(stream.received);
    text += "  " + say("sent", {{"stream", stream.name}, {"bytes", std::to_string(stream.sent_bytes)}});
    text += dump(stream.sent);
  }
  return text;
}

// Fit for a file's name: whatever a manifest calls a driver.
std::string plain(std::string name) {
  for (char& letter : name) {
    const bool plain_letter = (letter >= 'a' && letter <= 'z') || (letter >= 'A' && letter <= 'Z') ||
                              (letter >= '0' && letter <= '9') || letter == '_';
    if (!plain_letter) letter = '-';
  }
  return name.substr(0, 64);
}

std::string plain_utc(int64_t utc_ns) {
  std::string text = base::format_utc(utc_ns, 3);
  std::erase_if(text, [](char c) { return c == '-' || c == ':'; });
  return text;
}

}  // namespace

void CrashReports::ended(const isolate::Usage& used) {
  used_.cpu_ns += used.cpu_ns;
  used_.peak_bytes = std::max(used_.peak_bytes, used.peak_bytes);
}

// That a report cannot be written must not cost the lane: the sentence is then told without one.
void CrashReports::crashed(const isolate::Crash& crash) {
  auto path = write(crash);
  if (!path) return;
  last_ = *path;
  written_.push_back(*std::move(path));
  if (written_.size() > max_crash_reports) written_.erase(written_.begin());
  forget_oldest();
}

base::Error CrashReports::told(base::Error error) {
  if (!last_.empty()) error.fields.push_back({"report", std::exchange(last_, {}).string()});
  return error;
}

base::Result<std::filesystem::path> CrashReports::write(const isolate::Crash& crash) const {
  GARITA_TRY(base::real_file_system().create_folders(folder_, 0700));
  const int64_t utc_ns = clock_.utc_ns();
  const std::string stem = "crash-" + plain_utc(utc_ns) + '-' + plain(manifest_.name) + '-' +
                           base::to_text(manifest_.driver.sha256).substr(0, 8);
  std::filesystem::path path = folder_ / (stem + ".json");
  std::error_code ignored;
  for (int i = 2; std::filesystem::exists(path, ignored) && i < most_of_one_moment; ++i)
    path = folder_ / (stem + '-' + std::to_string(i) + ".json");
  const std::string json =
      to_json(crash, manifest_, utc_ns).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) + "\n";
  const std::string text = to_text(crash, manifest_, utc_ns, base::Language::en) + "\n\n---\n\n" +
                           to_text(crash, manifest_, utc_ns, base::Language::es);
  std::filesystem::path readable = path;
  GARITA_TRY(base::write_file(readable.replace_extension(".txt"), text, 0600));
  GARITA_TRY(base::write_file(path, json, 0600));
  return path;
}

// Names begin with the time: what sorts first is the oldest.
void CrashReports::forget_oldest() const {
  std::vector<std::filesystem::path> reports;
  std::error_code error;
  for (std::filesystem::directory_iterator each(folder_, error), end; !error && each != end; each.increment(error)) {
    const std::string name = each->path().filename();
    if (name.starts_with("crash-") && name.ends_with(".json")) reports.push_back(each->path());
  }
  std::sort(reports.begin(), reports.end());
  for (size_t i = 0; i + max_crash_reports < reports.size(); ++i) {
    std::filesystem::remove(reports[i], error);
    std::filesystem::remove(reports[i].replace_extension(".txt"), error);
  }
}

}  // namespace garita::host
