// garita_generate_text EN.toml ES.toml OUT.cpp: makes the table of catalogue.hpp at build time.
//
// An id that only one file has gets an empty sentence in the other language; a test, not the build, refuses
// that, so that half a translation never stops anybody's work.
#include <toml++/toml.h>

#include <cstdio>
#include <fstream>
#include <iostream>
#include <map>
#include <string>

namespace {

using Sentences = std::map<std::string, std::string>;

bool collect(const toml::table& table, const std::string& prefix, Sentences& sentences) {
  for (const auto& [key, node] : table) {
    const std::string id = prefix + std::string(key.str());
    if (const auto* below = node.as_table()) {
      if (!collect(*below, id + ".", sentences)) return false;
    } else if (const auto* sentence = node.as_string()) {
      sentences[id] = sentence->get();
    } else {
      std::cerr << node.source() << ": " << id << " is not a string\n";
      return false;
    }
  }
  return true;
}

bool read_sentences(const char* path, Sentences& sentences) {
  try {
    return collect(toml::parse_file(path), "", sentences);
  } catch (const toml::parse_error& error) {
    std::cerr << error.source() << ": " << error.description() << "\n";
    return false;
  }
}

// A C++ literal of the bytes. Octal escapes end after three digits whatever follows; "?" would start a
// trigraph.
std::string literal(const std::string& text) {
  std::string out = "\"";
  for (const unsigned char byte : text) {
    if (byte >= 0x20 && byte < 0x7F && byte != '"' && byte != '\\' && byte != '?') {
      out += static_cast<char>(byte);
    } else {
      char escape[8];
      std::snprintf(escape, sizeof escape, "\\%03o", static_cast<unsigned>(byte));
      out += escape;
    }
  }
  return out + '"';
}

}  // namespace

int main(int count, char** arguments) {
  if (count != 4) {
    std::cerr << "usage: garita_generate_text EN.toml ES.toml OUT.cpp\n";
    return 2;
  }
  Sentences english, spanish;
  if (!read_sentences(arguments[1], english) || !read_sentences(arguments[2], spanish)) return 1;

  std::map<std::string, std::pair<std::string, std::string>>
      rows;  // std::string sorts by unsigned bytes, as the reader
  for (const auto& [id, sentence] : english) rows[id].first = sentence;
  for (const auto& [id, sentence] : spanish) rows[id].second = sentence;

  std::ofstream out(arguments[3], std::ios::trunc);
  out << "// Made from core/base/text/*.toml by garita_generate_text.\n"
         "#include \"core/base/text/catalogue.hpp\"\n\n"
         "namespace garita::base {\n\nnamespace {\n\nconstexpr CatalogueRow rows[] = {\n"
         "    {\"\", \"\", \"\"},\n";  // so that an empty catalogue compiles
  for (const auto& [id, row] : rows) {
    out << "    {" << literal(id) << ", " << literal(row.first) << ", " << literal(row.second) << "},\n";
  }
  out << "};\n\n}  // namespace\n\n"
         "std::span<const CatalogueRow> catalogue() { return std::span(rows).subspan(1); }\n\n"
         "}  // namespace garita::base\n";
  out.close();
  return out ? 0 : 1;
}
