// A search for values in everything that somebody has: names and bytes of files, what programs said, what
// went over a line; as UTF-8, UTF-16, hex and base64, and in whatever of it unpacks (zstd, zlib, gzip, zip,
// base64, the pixels of pictures, all parts of packages).
#pragma once

#include <gtest/gtest.h>
#include <zlib.h>
#include <zstd.h>

#include <algorithm>
#include <cstring>
#include <filesystem>
#include <map>
#include <set>
#include <string>
#include <string_view>
#include <vector>

#include "core/base/file.hpp"
#include "core/base/ids.hpp"
#include "core/image/view.hpp"
#include "core/package/reader.hpp"
#include "core/picture/png.hpp"

namespace garita::leak_test {

namespace fs = std::filesystem;

// A value, as itself and as programs may write it down.
class Needle {
 public:
  explicit Needle(const std::string& text) {
    std::string small = text, wide, wide_big;
    std::transform(small.begin(), small.end(), small.begin(),
                   [](char c) { return c >= 'A' && c <= 'Z' ? static_cast<char>(c + 32) : c; });
    for (const char c : text) wide += c, wide += '\0', wide_big += '\0', wide_big += c;
    for (const std::string& each : {text, small, wide, wide_big}) add(each);
    std::string hex = base::to_hex(base::Bytes(text));
    forms_.insert(hex);
    std::transform(hex.begin(), hex.end(), hex.begin(),
                   [](char c) { return c >= 'a' ? static_cast<char>(c - 32) : c; });
    forms_.insert(hex);
  }
  bool in(std::string_view bytes) const {
    return std::any_of(forms_.begin(), forms_.end(),
                       [&](const std::string& form) { return bytes.find(form) != bytes.npos; });
  }

 private:
  // Base64 as it stands inside of a longer text: without what its neighbours decide.
  void add(const std::string& text) {
    forms_.insert(text);
    for (const size_t before : {0, 1, 2}) {
      const std::string coded = base::to_base64(std::string(before, 'x') + text);
      const size_t from = before == 0 ? 0 : 4;
      if (coded.size() >= from + 16) forms_.insert(coded.substr(from, coded.size() - from - 4));
    }
  }

  std::set<std::string> forms_;
};

class Search {
 public:
  // `medium`: what a hit is reported by.
  void add(const std::string& medium, std::string bytes) { unpack(medium, std::move(bytes), 0); }

  // Every name and every byte below it; a package and a picture also through their readers.
  void add_folder(const std::string& medium, const fs::path& folder) {
    std::error_code gone;
    for (fs::recursive_directory_iterator at(folder, gone), end; !gone && at != end; at.increment(gone)) {
      add(medium, fs::relative(at->path(), folder).string());
      if (at->is_symlink()) add(medium, fs::read_symlink(at->path(), gone).string());
      if (!at->is_regular_file(gone)) continue;
      add_file(medium, at->path());
    }
  }
  void add_file(const std::string& medium, const fs::path& path) {
    auto bytes = base::read_text_file(path, uint64_t{1} << 30);
    if (!bytes) return ADD_FAILURE() << "not searched: " << path, void();
    add(medium, *std::move(bytes));
    if (path.extension() == ".garita") add_package(medium, path);
    if (path.extension() == ".png") add_picture(medium, path);
  }

  std::set<std::string> media_of(const Needle& needle) const {
    std::set<std::string> media;
    for (const auto& [medium, text] : texts_)
      if (!media.contains(medium) && needle.in(text)) media.insert(medium);
    return media;
  }
  // What has it somewhere, in pieces: to look there for more.
  Search with(const Needle& needle) const {
    Search some;
    for (const auto& each : texts_)
      if (needle.in(each.second)) some.texts_.push_back(each);
    return some;
  }
  uint64_t bytes_in(const std::string& medium) const {
    uint64_t sum = 0;
    for (const auto& [name, text] : texts_) sum += name == medium ? text.size() : 0;
    return sum;
  }

 private:
  static constexpr int deepest = 4;
  static constexpr size_t largest = 64u << 20;

  void unpack(const std::string& medium, std::string bytes, int depth) {
    if (depth < deepest) {
      unpack_zstd(medium, bytes, depth);
      unpack_deflate(medium, bytes, depth);
      unpack_base64(medium, bytes, depth);
    }
    texts_.emplace_back(medium, std::move(bytes));
  }

  void unpack_zstd(const std::string& medium, const std::string& bytes, int depth) {
    static const std::string magic("\x28\xB5\x2F\xFD", 4);
    for (size_t at = bytes.find(magic); at != bytes.npos; at = bytes.find(magic, at + 1)) {
      ZSTD_DStream* const stream = ZSTD_createDStream();
      std::string out(1u << 20, '\0');
      ZSTD_inBuffer in{bytes.data() + at, bytes.size() - at, 0};
      ZSTD_outBuffer to{out.data(), out.size(), 0};
      // What is cut off in the middle is searched as far as it goes.
      for (size_t left = 1; left != 0;) {
        const size_t before = in.pos + to.pos;
        left = ZSTD_decompressStream(stream, &to, &in);
        if (ZSTD_isError(left) || (in.pos + to.pos == before && to.pos < to.size)) break;
        if (to.pos == to.size && out.size() < largest)
          out.resize(2 * out.size()), to.dst = out.data(), to.size = out.size();
      }
      ZSTD_freeDStream(stream);
      out.resize(to.pos);
      if (!out.empty()) unpack(medium, std::move(out), depth + 1);
    }
  }

  // From every place where a zlib stream, a gzip member or a file in a zip could begin.
  void unpack_deflate(const std::string& medium, const std::string& bytes, int depth) {
    const auto byte = [&](size_t i) { return i < bytes.size() ? static_cast<uint8_t>(bytes[i]) : 0; };
    for (size_t at = bytes.find('\x78'); at != bytes.npos; at = bytes.find('\x78', at + 1))
      if ((0x78 * 256 + byte(at + 1)) % 31 == 0) inflate_at(medium, bytes, at, 15, depth);
    for (size_t at = bytes.find("\x1F\x8B"); at != bytes.npos; at = bytes.find("\x1F\x8B", at + 1))
      inflate_at(medium, bytes, at, 31, depth);
    for (size_t at = bytes.find("PK\x03\x04"); at != bytes.npos; at = bytes.find("PK\x03\x04", at + 1))
      inflate_at(medium, bytes,
                 at + 30 + byte(at + 26) + 256 * byte(at + 27) + byte(at + 28) + 256 * byte(at + 29), -15,
                 depth);
  }
  void inflate_at(const std::string& medium, const std::string& bytes, size_t at, int window, int depth) {
    if (at >= bytes.size()) return;
    z_stream stream{};
    if (::inflateInit2(&stream, window) != Z_OK) return;
    stream.next_in = reinterpret_cast<Bytef*>(const_cast<char*>(bytes.data() + at));
    stream.avail_in = static_cast<uInt>(bytes.size() - at);
    std::string out(64u << 10, '\0');
    int said = Z_OK;
    while (said == Z_OK && stream.total_out < largest) {
      if (stream.total_out == out.size()) out.resize(2 * out.size());
      stream.next_out = reinterpret_cast<Bytef*>(out.data() + stream.total_out);
      stream.avail_out = static_cast<uInt>(out.size() - stream.total_out);
      said = ::inflate(&stream, Z_NO_FLUSH);
    }
    out.resize(stream.total_out);
    ::inflateEnd(&stream);
    if (out.size() >= 8) unpack(medium, std::move(out), depth + 1);
  }

  // Runs of its letters that may hold something packed; a plain value in it is among the forms of a needle.
  void unpack_base64(const std::string& medium, const std::string& bytes, int depth) {
    static constexpr const char* letters = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789+/";
    const char* const begin = bytes.c_str();
    for (size_t at = 0; at < bytes.size();) {
      const size_t end = at + std::strspn(begin + at, letters);
      const size_t whole = (end - at) / 4 * 4;
      if (whole >= 40)
        if (const auto raw = base::from_base64(bytes.substr(at, whole)))
          unpack(medium, std::string(raw->begin(), raw->end()), depth + 1);
      at = end + 1;
    }
  }

  void add_picture(const std::string& medium, const fs::path& path) {
    const auto picture = picture::read_png(path);
    if (!picture) return ADD_FAILURE() << "not searched: " << path, void();
    texts_.emplace_back(medium, std::string(picture->samples.begin(), picture->samples.end()));
    for (const auto& [key, value] : picture->header.texts) add(medium, key + ' ' + value);
  }

  void add_package(const std::string& medium, const fs::path& path) {
    auto reader = package::Reader::open(path);
    if (!reader) return;  // quarantined ones may be no package at all: their bytes were added
    const auto fields = reader->read_record();
    if (fields)
      for (const package::FieldInfo& field : *fields) add(medium, field.path + ' ' + field.value);
    for (const auto* planes : {&reader->planes(), &reader->overviews()})
      for (const package::PlaneInfo& plane : *planes) {
        std::vector<std::byte> rows(plane.rows * plane.spec.columns *
                                    image::sample_size_bytes(plane.spec.sample_type));
        if (reader->read_rows(plane, 0, plane.rows, rows)) add_raw(medium, rows);
      }
    for (const package::CalibrationInfo& each : reader->calibrations())
      if (const auto rows = reader->read_calibration(each)) add_raw(medium, *rows);
    for (const package::AttachmentInfo& each : reader->attachments()) {
      add(medium, each.spec.media_type + ' ' + each.spec.name);
      if (const auto content = reader->read_attachment(each, largest))
        add(medium, std::string(base::Bytes(*content).text()));
    }
  }
  void add_raw(const std::string& medium, const std::vector<std::byte>& bytes) {
    texts_.emplace_back(medium, std::string(base::Bytes(bytes).text()));
  }

  std::vector<std::pair<std::string, std::string>> texts_;
};

}  // namespace garita::leak_test
