// The page's file as it grows: markup of ours, and outside bytes only as base64 or JSON that cannot end its
// element.
#pragma once

#include <filesystem>
#include <string>
#include <string_view>

#include "core/base/file.hpp"
#include "core/base/result.hpp"

namespace garita::host {

// JSON fit to stand inside <script>: < > & and the line separators as \u escapes.
std::string json_for_script(std::string_view json);

// 'sha256-…' of an inline script or style, for the page's policy.
std::string policy_source(std::string_view text);

// One thread at a time; destroyed before commit(), it leaves nothing.
class Document {
 public:
  static base::Result<Document> create(const std::filesystem::path& path, base::FileSystem& files);

  base::Result<void> markup(std::string_view own);
  base::Result<void> json(std::string_view id, std::string_view json);  // a data block of JSON
  base::Result<void> bytes(std::string_view id, base::Bytes bytes);     // a data block in base64
  base::Result<uint64_t> commit();                                      // the file's size

 private:
  explicit Document(base::AtomicFile file) : file_(std::move(file)) {}
  base::Result<void> flush();

  base::AtomicFile file_;
  std::string waiting_;  // small pieces are written together
};

}  // namespace garita::host
