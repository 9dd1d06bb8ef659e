// Binary, manifest, negotiation: what can be said before a device is open.
#include <algorithm>

#include "conformance/rules/elf.hpp"
#include "conformance/rules/rule.hpp"
#include "core/isolate/session.hpp"
#include "garita/driver.h"

namespace garita::conformance {
namespace {

class Package : public Rule {};
class Loading : public Rule {};

const Input& nothing() {
  static const Input own;
  return own;
}

bool is_own_word(const std::string& word) {  // com.example.word
  return std::count(word.begin(), word.end(), '.') >= 2;
}

LOOK(Package, manifest_names_this_binary, "GAR-PKG-001") { judge_whole(); }

LOOK(Package, capabilities_are_words_of_the_list, "GAR-PKG-002") {
  for (const std::string& word : manifest().capabilities)
    if (!is_own_word(word) && !Catalogue::built_in().capability(word))
      finding(nothing(), "conform.saw_word", {{"word", word}});
}

LOOK(Package, texts_are_in_both_languages, "GAR-PKG-003") {
  const auto check = [this](const std::string& of, const load::LocalText& text) {
    if (!ended() && (text.en.empty() || text.es.empty()))
      wrong_value(nothing(), "manifest", of, text.en.empty() ? "text.en" : "text.es", "en, es");
  };
  for (const auto& stream : manifest().streams) check("streams " + stream.name, stream.text);
  for (const auto& key : manifest().config) check("config " + key.key, key.text);
}

LOOK(Package, profiles_are_words_of_the_list, "GAR-PKG-004") {
  static constexpr const char* words[] = {"transmission", "dual_energy",      "multi_view",
                                          "cabinet",      "radiation_portal", "file_export"};
  for (const std::string& profile : manifest().profiles)
    if (std::find(std::begin(words), std::end(words), profile) == std::end(words))
      return wrong_value(nothing(), "manifest", "profiles", profile,
                         "transmission, dual_energy, multi_view, cabinet, radiation_portal, file_export");
}

LOOK(Loading, delivers_at_least_one_event, "GAR-ABI-001") {
  const auto& courses = whole();
  for (size_t i = 0; i < courses.size() && !ended(); ++i)
    if (courses[i].events == 0 && courses[i].refusals.empty())
      finding(inputs()[i], "conform.saw_no_event", {}, "conform.expected_event");
}

LOOK(Loading, one_symbol_is_exported, "GAR-ABI-003") {
  judge_whole();
  if (ended()) return;
  auto symbols = read_symbols(manifest().binary());
  if (!symbols) return (void)judge(symbols.error(), nothing());
  std::erase(symbols->exported, GARITA_DRIVER_ENTRY_NAME);
  if (!symbols->exported.empty())
    finding(nothing(), "conform.saw_symbols",
            {{"count", std::to_string(symbols->exported.size())}, {"symbol", symbols->exported.front()}},
            "conform.expected_one_symbol");
}

LOOK(Loading, chooses_the_highest_common_version, "GAR-ABI-002") { judge_whole(); }
LOOK(Loading, runs_nothing_that_fails_at_load, "GAR-ABI-004") { judge_whole(); }
LOOK(Loading, range_is_that_of_the_manifest, "GAR-ABI-009") { judge_whole(); }
LOOK(Loading, description_is_that_of_the_manifest, "GAR-ABI-011") { judge_whole(); }

LOOK(Loading, reaches_its_device_through_the_host_alone, "GAR-DEV-006") {
  static constexpr const char* forbidden[] = {
      "socket", "socketpair", "connect", "bind",     "listen", "getaddrinfo", "gethostbyname",
      "fork",   "vfork",      "execve",  "execv",    "execvp", "posix_spawn", "posix_spawnp",
      "system", "popen",      "ptrace",  "shm_open", "shmget"};
  if (const auto loaded = isolate::try_loading(manifest()); !loaded)
    return (void)judge(loaded.error(), nothing());
  const auto symbols = read_symbols(manifest().binary());
  if (!symbols) return (void)judge(symbols.error(), nothing());
  for (const char* name : forbidden)
    if (std::find(symbols->imported.begin(), symbols->imported.end(), name) != symbols->imported.end())
      return finding(nothing(), "conform.saw_import", {{"symbol", name}}, "conform.expected_no_import");
  for (size_t i = 0; i < whole().size() && !ended(); ++i)
    for (const std::string& opened : whole()[i].worker_opens)
      return finding(inputs()[i], "conform.saw_opened", {{"what", opened}}, "conform.expected_no_import");
}

}  // namespace
}  // namespace garita::conformance
