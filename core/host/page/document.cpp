#include "core/host/page/document.hpp"

#include <algorithm>
#include <utility>

#include "core/base/digest.hpp"
#include "core/base/ids.hpp"

namespace garita::host {
namespace {

constexpr size_t most_waiting = 1u << 20;

}  // namespace

std::string json_for_script(std::string_view json) {
  std::string own;
  own.reserve(json.size());
  for (size_t i = 0; i < json.size(); ++i) {
    const char c = json[i];
    if (c == '<')
      own += "\\u003c";
    else if (c == '>')
      own += "\\u003e";
    else if (c == '&')
      own += "\\u0026";
    else
      own += c;
  }
  return own;
}

std::string policy_source(std::string_view text) {
  return "'sha256-" + base::to_base64(base::sha256(base::Bytes(text.data(), text.size()))) + "'";
}

base::Result<Document> Document::create(const std::filesystem::path& path, base::FileSystem& files) {
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(path, 0644, files));
  return Document(std::move(file));
}

base::Result<void> Document::markup(std::string_view own) {
  waiting_ += own;
  return waiting_.size() < most_waiting ? base::Result<void>() : flush();
}

base::Result<void> Document::json(std::string_view id, std::string_view json) {
  GARITA_TRY(markup("<script type=\"application/json\" id=\"" + std::string(id) + "\">"));
  GARITA_TRY(markup(json_for_script(json)));
  return markup("</script>\n");
}

base::Result<void> Document::bytes(std::string_view id, base::Bytes bytes) {
  GARITA_TRY(markup("<script type=\"application/octet-stream\" id=\"" + std::string(id) + "\">"));
  constexpr size_t step = 3u << 18;  // a multiple of 3: no padding but at the end
  for (size_t at = 0; at < bytes.size(); at += step)
    GARITA_TRY(markup(base::to_base64(base::Bytes(bytes.data() + at, std::min(step, bytes.size() - at)))));
  return markup("</script>\n");
}

base::Result<uint64_t> Document::commit() {
  GARITA_TRY(flush());
  const uint64_t size_bytes = file_.size_bytes();
  GARITA_TRY(file_.commit());
  return size_bytes;
}

base::Result<void> Document::flush() {
  GARITA_TRY(file_.append(waiting_));
  waiting_.clear();
  return {};
}

}  // namespace garita::host
