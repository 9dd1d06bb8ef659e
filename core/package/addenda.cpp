//  <package>.addenda: text, one line an addendum, nothing between the parts but what stands here:
//
//    {"addendum":{…},"previous":"64 hex","key":"base64","signature":"base64"}⏎
//
//  addendum    v1.Addendum as core/record writes it in JSON; its package_root is that of the package
//  previous    SHA-256 of the line before without its line feed; in the first line the package's root
//  key         SubjectPublicKeyInfo of who signed, DER
//  signature   by that key over "garita addendum 1" ⏎ and the line's bytes before `,"key":`
//  (core/base/signature.hpp)
//
//  So a line can be neither changed, nor moved to another package, nor taken from the middle without the keys
//  of all who signed behind it. That the last ones are missing is noticed by the site's log, which has a line
//  for each. Written with one append and synced; what a crash left behind the last line feed is no addendum,
//  and is cut off by the next.
#include "core/package/addenda.hpp"

#include "core/base/ids.hpp"
#include "core/record/json.hpp"
#include "core/record/validate.hpp"

namespace garita::package {
namespace {

constexpr std::string_view purpose = "garita addendum 1\n";
constexpr std::string_view opening = R"({"addendum":)", before_previous = R"(,"previous":")",
                           before_key = R"(","key":")", before_signature = R"(","signature":")",
                           closing = R"("})";
constexpr size_t digest_digits = 64;

base::Error fault_at(const char* id, const std::filesystem::path& path, size_t line) {
  return {base::Outcome::no, id, {{"path", path.string()}, {"line", std::to_string(line)}}};
}

// A line's parts as they stand, of which nothing is believed yet.
struct Line {
  std::string_view signed_part, addendum, previous, key, signature;
};

// What stands up to `mark`, which is taken too; nullopt where there is none.
std::optional<std::string_view> take_until(std::string_view& text, std::string_view mark) {
  const size_t at = text.find(mark);
  if (at == text.npos) return std::nullopt;
  const std::string_view taken = text.substr(0, at);
  text.remove_prefix(at + mark.size());
  return taken;
}

// From the back: a text inside the addendum cannot hold a bare quote, so the last mark is the right one.
std::optional<Line> split(std::string_view text) {
  const size_t at = text.rfind(before_previous);
  if (!text.starts_with(opening) || !text.ends_with(closing) || at == text.npos || at < opening.size())
    return std::nullopt;
  Line line;
  line.addendum = text.substr(opening.size(), at - opening.size());
  std::string_view rest = text.substr(at + before_previous.size());
  rest.remove_suffix(std::min(rest.size(), closing.size()));
  const auto previous = take_until(rest, before_key);
  const auto key = take_until(rest, before_signature);
  if (!previous || previous->size() != digest_digits || !key) return std::nullopt;
  line.previous = *previous;
  line.key = *key;
  line.signature = rest;
  line.signed_part = text.substr(0, at + before_previous.size() + digest_digits + 1);
  return line;
}

bool holds(const Line& line, const base::PublicKey& key) {
  const auto signature = base::from_base64(line.signature);
  return signature && key.verify(std::string(purpose) + std::string(line.signed_part), *signature);
}

bool names(const v1::Addendum& addendum, const base::Digest& root) {
  return base::Bytes(addendum.package_root()).text() == base::Bytes(root).text();
}

// Takes the next line in, or says what is wrong with it.
std::optional<base::Error> take(Addenda& addenda, std::string_view text, const base::Digest& root,
                                const std::filesystem::path& path) {
  const size_t number = addenda.entries.size() + 1;
  if (number > max_addenda || text.size() > max_addendum_bytes)
    return fault_at("package.addenda_too_large", path, number);
  const auto line = split(text);
  if (!line) return fault_at("package.addendum_malformed", path, number);
  if (line->previous != base::to_text(addenda.head)) return fault_at("package.addendum_chain", path, number);
  const auto der = base::from_base64(line->key);
  auto key = der ? base::PublicKey::from_der(*der) : base::Result<base::PublicKey>(base::Error{});
  if (!key || !holds(*line, *key)) return fault_at("package.addendum_signature", path, number);
  auto addendum = record::addendum_from_json(line->addendum);
  if (!addendum || !record::validate(*addendum).empty())
    return fault_at("package.addendum_malformed", path, number);
  if (!names(*addendum, root)) return fault_at("package.addendum_other", path, number);
  addenda.entries.push_back({std::move(*addendum), key->algorithm(), key->key_id()});
  addenda.head = base::sha256(text);
  addenda.good_bytes += text.size() + 1;
  return std::nullopt;
}

base::Result<std::string> line_of(const v1::Addendum& addendum, const base::Digest& previous,
                                  const base::SigningKey& key) {
  std::string line(opening);
  line.append(record::to_json(addendum, 0)).append(before_previous).append(base::to_text(previous)) += '"';
  GARITA_TRY_ASSIGN(signature, key.sign(std::string(purpose) + line));
  line.append(before_key.substr(1)).append(base::to_base64(key.public_key().der()));
  line.append(before_signature).append(base::to_base64(signature)).append(closing);
  return line;
}

base::Result<void> complete(v1::Addendum& content, const base::Digest& root, const base::Clock& clock) {
  GARITA_TRY_ASSIGN(id, base::uuid_v7(clock));
  content.set_id(base::to_text(id));
  content.set_package_root(root.data(), root.size());
  content.mutable_made()->set_utc_ns(clock.utc_ns());
  content.mutable_made()->set_source(v1::Moment::SOURCE_HOST);
  return {};
}

// Writes one line and syncs it; after an error the file is as before, as far as the disk allows.
base::Result<void> write_line(const std::filesystem::path& path, const Addenda& addenda,
                              const std::string& line, base::FileSystem& files) {
  GARITA_TRY_ASSIGN(file, files.append_to(path, 0644));
  if (addenda.torn_bytes > 0) GARITA_TRY(file->truncate(addenda.good_bytes));
  auto written = file->append(line + '\n');
  if (written) written = file->sync();
  if (!written) {
    (void)file->truncate(addenda.good_bytes);
    return written;
  }
  return files.sync_folder(path.has_parent_path() ? path.parent_path() : ".");
}

}  // namespace

base::Result<void> check_addendum(const v1::Addendum& content) {
  const auto problems = record::validate(content);
  if (problems.empty() && content.content_case() != v1::Addendum::CONTENT_NOT_SET) return {};
  const record::Problem first = problems.empty()
                                    ? record::Problem{"content", "", "", "decision, finding, correction"}
                                    : problems.front();
  return base::Error{base::Outcome::usage,
                     "package.addendum_refused",
                     {{"field", first.path}, {"value", first.value}, {"limit", first.limit}}};
}

std::filesystem::path addenda_path(const std::filesystem::path& package) {
  return package.string() + ".addenda";
}

Addenda parse_addenda(base::Bytes bytes, const base::Digest& root, const std::filesystem::path& path) {
  Addenda addenda;
  addenda.head = root;
  std::string_view rest = bytes.text();
  while (const auto line = take_until(rest, "\n")) {
    addenda.fault = take(addenda, *line, root, path);
    if (addenda.fault) return addenda;
  }
  addenda.torn_bytes = rest.size();
  return addenda;
}

Addenda read_addenda(const std::filesystem::path& package, const base::Digest& root,
                     base::FileSystem& files) {
  const auto path = addenda_path(package);
  const auto bytes = base::read_file(path, max_addenda_bytes, files);
  if (bytes) return parse_addenda(*bytes, root, path);
  Addenda addenda;
  addenda.head = root;
  if (bytes.error().id == "base.file_too_large")
    addenda.fault = fault_at("package.addenda_too_large", path, 1);
  else if (bytes.error().id != "base.file_missing")
    addenda.fault = bytes.error();
  return addenda;
}

base::Result<SignedAddendum> append_addendum(const std::filesystem::path& package, const base::Digest& root,
                                             v1::Addendum content, const base::SigningKey& key,
                                             const base::Clock& clock, base::FileSystem& files) {
  const auto path = addenda_path(package);
  GARITA_TRY(complete(content, root, clock));
  GARITA_TRY(check_addendum(content));
  GARITA_TRY_ASSIGN(lock, base::lock_file(path));
  const Addenda addenda = read_addenda(package, root, files);
  if (addenda.fault) return *addenda.fault;
  GARITA_TRY_ASSIGN(line, line_of(content, addenda.head, key));
  if (line.size() > max_addendum_bytes || addenda.entries.size() >= max_addenda ||
      addenda.good_bytes + line.size() + 1 > max_addenda_bytes)
    return fault_at("package.addenda_too_large", path, addenda.entries.size() + 1);
  GARITA_TRY(write_line(path, addenda, line, files));
  return SignedAddendum{std::move(content), key.algorithm(), key.public_key().key_id()};
}

}  // namespace garita::package
