// The catalogue itself: whole in both languages, and every id that a source names is in it.
#include "core/base/text/catalogue.hpp"

#include <gtest/gtest.h>

#include <algorithm>
#include <filesystem>
#include <fstream>
#include <map>
#include <regex>
#include <set>
#include <string>

#include "core/base/text.hpp"
#include "core/base/utf8.hpp"

namespace garita::base {
namespace {

namespace fs = std::filesystem;

std::multiset<std::string> names_in(const std::string& sentence) {
  static const std::regex name(R"(\{([^{}]*)\})");
  std::multiset<std::string> names;
  for (std::sregex_iterator at(sentence.begin(), sentence.end(), name), end; at != end; ++at)
    names.insert((*at)[1]);
  return names;
}

bool is_blank(std::string_view text) { return text.find_first_not_of(" \t\n") == text.npos; }

TEST(Catalogue, every_id_has_a_sentence_in_both_languages) {
  ASSERT_GT(catalogue().size(), 20u);
  for (const CatalogueRow& row : catalogue()) {
    EXPECT_FALSE(is_blank(row.en)) << row.id << " has no sentence in en.toml";
    EXPECT_FALSE(is_blank(row.es)) << row.id << " has no sentence in es.toml";
  }
}

TEST(Catalogue, sentences_of_an_id_have_the_same_fields) {
  for (const CatalogueRow& row : catalogue()) {
    const auto english = names_in(row.en), spanish = names_in(row.es);
    EXPECT_EQ(std::set(english.begin(), english.end()), std::set(spanish.begin(), spanish.end())) << row.id;
  }
}

TEST(Catalogue, sentences_are_valid_text_without_control_characters) {
  for (const CatalogueRow& row : catalogue()) {
    for (const std::string_view text : {row.en, row.es}) {
      EXPECT_TRUE(is_valid_utf8(text)) << row.id;
      EXPECT_TRUE(std::ranges::none_of(text, [](unsigned char c) {
        return (c < 0x20 && c != '\n') || c == 0x7F;
      })) << row.id;
    }
  }
}

TEST(Catalogue, ids_are_sorted_and_each_is_found) {
  EXPECT_TRUE(std::ranges::is_sorted(catalogue(), {}, &CatalogueRow::id));
  for (const CatalogueRow& row : catalogue()) EXPECT_NE(sentence(Language::en, row.id), nullptr) << row.id;
}

// The code of a line: without a // comment and without what an #include names.
std::string code_of(const std::string& line) {
  static const std::regex include(R"(^\s*#\s*include)"), string_or_comment(R"("(?:[^"\\]|\\.)*"|//.*)");
  if (std::regex_search(line, include)) return {};
  for (std::sregex_iterator at(line.begin(), line.end(), string_or_comment), end; at != end; ++at) {
    if (at->str().starts_with("//")) return line.substr(0, static_cast<size_t>(at->position()));
  }
  return line;
}

bool is_source(const fs::path& path) {
  const bool code = path.extension() == ".cpp" || path.extension() == ".hpp";
  return code && path.string().find("/testing/") == std::string::npos;
}

// id -> the first place that names it.
std::map<std::string, std::string> ids_in_sources() {
  static const std::regex id(
      R"re("((?:base|record|load|broker|normalize|picture|package|export|host|cli|sim)\.[a-z0-9_]+)")re");
  static const std::set<std::string> endings = {".toml", ".json", ".proto", ".garita",
                                                ".png",  ".npy",  ".hpp",   ".so"};
  std::map<std::string, std::string> ids;
  for (const char* top : {"core", "tools"}) {
    for (const auto& entry : fs::recursive_directory_iterator(fs::path(GARITA_SOURCE_DIR) / top)) {
      if (!entry.is_regular_file() || !is_source(entry.path())) continue;
      std::ifstream file(entry.path());
      int number = 0;
      for (std::string line; std::getline(file, line);) {
        ++number;
        const std::string code = code_of(line);
        for (std::sregex_iterator at(code.begin(), code.end(), id), end; at != end; ++at) {
          if (endings.contains(fs::path((*at)[1].str()).extension())) continue;  // a file's name
          ids.emplace((*at)[1], entry.path().string() + ":" + std::to_string(number));
        }
      }
    }
  }
  return ids;
}

// An id that ends in "_" is the beginning of those that the source composes: there must be one at least.
bool is_known(const std::string& id) {
  if (!id.ends_with('_')) return sentence(Language::en, id) != nullptr;
  return std::ranges::any_of(catalogue(), [&](const CatalogueRow& row) { return row.id.starts_with(id); });
}

TEST(Catalogue, every_id_that_a_source_names_has_a_sentence) {
  const auto ids = ids_in_sources();
  ASSERT_TRUE(ids.contains("base.file_missing"))
      << "the sources under " << GARITA_SOURCE_DIR << " were not found";
  for (const auto& [id, place] : ids) EXPECT_TRUE(is_known(id)) << place << " names " << id;
}

}  // namespace
}  // namespace garita::base
