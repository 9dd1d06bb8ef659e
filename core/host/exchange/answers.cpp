#include "core/host/exchange/answers.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <set>

#include "core/base/clock.hpp"
#include "core/base/file.hpp"
#include "core/base/ids.hpp"
#include "core/exchange/transport/way.hpp"

namespace garita::host {
namespace {

using namespace exchange;
using nlohmann::json;
namespace fs = std::filesystem;

constexpr std::pair<std::string_view, DecisionVerdict> verdicts[] = {{"release", DecisionVerdict::release},
                                                                     {"hold", DecisionVerdict::hold},
                                                                     {"inspect", DecisionVerdict::inspect}};
constexpr std::pair<std::string_view, Wish> wishes[] = {{"look", Wish::look},
                                                        {"full_image", Wish::full_image},
                                                        {"raw_data", Wish::raw_data},
                                                        {"scan_again", Wish::scan_again}};

template <typename T, size_t N>
std::string_view word(const std::pair<std::string_view, T> (&table)[N], T value) {
  for (const auto& [name, each] : table)
    if (each == value) return name;
  return "";
}

template <typename T, size_t N>
std::optional<T> value(const std::pair<std::string_view, T> (&table)[N], std::string_view name) {
  for (const auto& [each, number] : table)
    if (each == name) return number;
  return std::nullopt;
}

struct Writer {
  json& to;
  void operator()(const OfficerDecision& said) const {
    to["what"] = "decision", to["verdict"] = word_of(said.verdict);
    to["reason"] = said.reason, to["note"] = said.note;
  }
  void operator()(const Request& said) const {
    to["what"] = "request", to["id"] = base::to_hex(said.id), to["wish"] = word_of(said.wish);
    to["identifier"] = said.identifier, to["reason"] = said.reason, to["note"] = said.note;
  }
  void operator()(const Reply& said) const {
    to["what"] = "reply", to["request"] = base::to_hex(said.request), to["granted"] = said.granted;
    to["reason"] = said.reason, to["note"] = said.note;
  }
  void operator()(const Refusal& said) const {
    to["what"] = "refusal", to["quarantined"] = said.quarantined, to["reason"] = said.reason;
  }
};

std::string text(const json& from, const char* key) {
  const auto found = from.find(key);
  return found != from.end() && found->is_string() ? found->get<std::string>() : "";
}
bool truth(const json& from, const char* key) {
  const auto found = from.find(key);
  return found != from.end() && found->is_boolean() && found->get<bool>();
}
RequestId id_of(const std::string& hex) {
  RequestId id{};
  const auto bytes = base::from_hex(hex);
  if (bytes && bytes->size() == id.size()) std::copy(bytes->begin(), bytes->end(), id.begin());
  return id;
}

std::optional<NotedAnswer> parse(const std::string& bytes) {
  const json from = json::parse(bytes, nullptr, false);
  if (!from.is_object()) return std::nullopt;
  NotedAnswer noted{.peer = text(from, "peer"), .from_peer = text(from, "direction") == "from", .answer = {}};
  const auto utc = base::parse_utc(text(from, "utc"));
  const auto inspection = base::parse_digest(text(from, "inspection"));
  if (!utc || !inspection || !is_site_name(noted.peer)) return std::nullopt;
  noted.utc_ns = *utc, noted.answer.inspection = *inspection;
  const std::string what = text(from, "what"), reason = text(from, "reason"), note = text(from, "note");
  if (what == "decision")
    noted.answer.what =
        OfficerDecision{verdict_of(text(from, "verdict")).value_or(DecisionVerdict::hold), reason, note};
  else if (what == "request")
    noted.answer.what = Request{id_of(text(from, "id")), wish_of(text(from, "wish")).value_or(Wish::look),
                                text(from, "identifier"), reason, note};
  else if (what == "reply")
    noted.answer.what = Reply{id_of(text(from, "request")), truth(from, "granted"), reason, note};
  else
    noted.answer.what = Refusal{truth(from, "quarantined"), reason};
  return noted;
}

}  // namespace

std::string_view word_of(DecisionVerdict verdict) { return word(verdicts, verdict); }
std::string_view word_of(Wish wish) { return word(wishes, wish); }
std::optional<DecisionVerdict> verdict_of(std::string_view name) { return value(verdicts, name); }
std::optional<Wish> wish_of(std::string_view name) { return value(wishes, name); }

std::string to_json(const NotedAnswer& answer) {
  json out = {{"utc", base::format_utc(answer.utc_ns)},
              {"peer", answer.peer},
              {"direction", answer.from_peer ? "from" : "to"},
              {"inspection", base::to_text(answer.answer.inspection)}};
  std::visit(Writer{out}, answer.answer.what);
  return out.dump(-1, ' ', false, json::error_handler_t::replace);
}

base::Result<void> AnswerBook::note(const NotedAnswer& answer, const base::Digest& name) {
  const std::string which = (answer.from_peer ? "-from-" : "-to-") + answer.peer + '-' +
                            base::to_text(name).substr(0, 16) + ".json";
  GARITA_TRY(base::real_file_system().create_folders(folder_, 0700));
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(folder_, ignored))
    if (file.path().filename().string().ends_with(which)) return {};
  const std::string when = std::to_string(answer.utc_ns);
  return base::write_file(folder_ / (std::string(19 - std::min<size_t>(19, when.size()), '0') + when + which),
                          to_json(answer), 0600);
}

std::vector<NotedAnswer> AnswerBook::list() const {
  std::vector<fs::path> files;
  std::error_code ignored;
  for (const auto& file : fs::directory_iterator(folder_, ignored)) files.push_back(file.path());
  std::sort(files.begin(), files.end());
  if (files.size() > max_listed_answers) files.erase(files.begin(), files.end() - max_listed_answers);
  std::vector<NotedAnswer> all;
  for (const fs::path& file : files)
    if (const auto bytes = base::read_text_file(file, 64u << 10))
      if (auto noted = parse(*bytes)) all.push_back(*std::move(noted));
  return all;
}

std::vector<NotedAnswer> AnswerBook::open_requests() const {
  std::vector<NotedAnswer> all = list();
  std::set<RequestId> replied;
  for (const NotedAnswer& each : all)
    if (const auto* reply = std::get_if<Reply>(&each.answer.what); reply && !each.from_peer)
      replied.insert(reply->request);
  std::erase_if(all, [&](const NotedAnswer& each) {
    const auto* request = std::get_if<Request>(&each.answer.what);
    return !request || !each.from_peer || replied.contains(request->id);
  });
  return all;
}

}  // namespace garita::host
