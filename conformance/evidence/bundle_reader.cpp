#include <zstd.h>

#include <algorithm>
#include <cstring>

#include "conformance/evidence/bundle.hpp"
#include "conformance/evidence/hex.hpp"
#include "conformance/evidence/tar.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

constexpr int max_window_log = 27;  // what one frame may ask of our memory: 128 MiB

base::Error refusal(const char* id, const std::string& path, std::vector<base::Field> more = {}) {
  base::Error error{base::Outcome::no, id, {{"path", path}}};
  error.fields.insert(error.fields.end(), more.begin(), more.end());
  return error;
}

// The unpacked bytes of the one frame that the file is.
class Unpacked {
 public:
  Unpacked(const base::RandomAccessFile& file, const std::string& path, uint64_t limit_bytes)
      : file_(file), path_(path), left_bytes_(limit_bytes), context_(ZSTD_createDCtx()), packed_(1u << 17) {
    ZSTD_DCtx_setParameter(context_, ZSTD_d_windowLogMax, max_window_log);
  }
  ~Unpacked() { ZSTD_freeDCtx(context_); }
  Unpacked(const Unpacked&) = delete;
  Unpacked& operator=(const Unpacked&) = delete;

  // All of `out`, or evidence.cut where the frame ends earlier.
  base::Result<void> read(std::span<char> out) {
    if (out.size() > left_bytes_) return refusal("evidence.too_large", path_);
    left_bytes_ -= out.size();
    ZSTD_outBuffer to{out.data(), out.size(), 0};
    while (to.pos < to.size) {
      if (over_) return refusal("evidence.cut", path_);
      GARITA_TRY(step(to));
    }
    return {};
  }

  // Nothing may follow, neither in the frame nor behind it.
  base::Result<void> expect_end() {
    char more = 0;
    ZSTD_outBuffer to{&more, 1, 0};
    while (!over_ && to.pos == 0) GARITA_TRY(step(to));
    if (to.pos != 0 || in_.pos != in_.size) return refusal("evidence.frame", path_);
    GARITA_TRY_ASSIGN(more_bytes, fill());
    if (more_bytes) return refusal("evidence.frame", path_);
    return {};
  }

 private:
  base::Result<void> step(ZSTD_outBuffer& to) {
    const bool begins = at_ == 0;
    bool more = true;
    if (in_.pos == in_.size) {
      GARITA_TRY_ASSIGN(filled, fill());
      more = filled;
    }
    if (begins && !is_our_frame()) return refusal("evidence.frame", path_);
    const size_t before = to.pos, left = ZSTD_decompressStream(context_, &to, &in_);
    if (ZSTD_isError(left)) return refusal("evidence.frame", path_);
    over_ = left == 0;
    if (!more && !over_ && to.pos == before) return refusal("evidence.cut", path_);
    return {};
  }

  base::Result<bool> fill() {
    GARITA_TRY_ASSIGN(got, file_.read_some(at_, packed_));
    at_ += got;
    in_ = {packed_.data(), got, 0};
    return got != 0;
  }

  // A plain frame with a checksum, without a dictionary and with no bit set that means nothing (RFC
  // 8878, 3.1.1.1).
  bool is_our_frame() const {
    constexpr uint8_t magic[] = {0x28, 0xB5, 0x2F, 0xFD};
    const auto* bytes = reinterpret_cast<const uint8_t*>(packed_.data());
    if (in_.size < 5 || std::memcmp(bytes, magic, sizeof magic) != 0) return false;
    const uint8_t descriptor = bytes[4];
    return (descriptor & 0x04) != 0 && (descriptor & 0x1B) == 0;
  }

  const base::RandomAccessFile& file_;
  const std::string path_;
  uint64_t left_bytes_, at_ = 0;
  ZSTD_DCtx* context_;
  std::vector<std::byte> packed_;
  ZSTD_inBuffer in_{nullptr, 0, 0};
  bool over_ = false;
};

class Reader {
 public:
  Reader(const base::RandomAccessFile& file, const std::string& path, const BundleLimits& limits)
      : unpacked_(file, path, limits.total_bytes), path_(path), limits_(limits) {}

  base::Result<Bundle> read() {
    for (;;) {
      TarBlock block;
      GARITA_TRY(unpacked_.read(block));
      if (block == TarBlock{}) break;
      GARITA_TRY(take_member(block));
    }
    TarBlock last;
    GARITA_TRY(unpacked_.read(last));
    if (last != TarBlock{}) return refusal("evidence.frame", path_);
    GARITA_TRY(unpacked_.expect_end());
    GARITA_TRY(check_seal());
    GARITA_TRY(check_signature());
    return std::move(bundle_);
  }

 private:
  base::Result<void> take_member(const TarBlock& block) {
    const auto member = read_tar_header(block);
    const auto kind = member ? member_kind(member->name) : std::nullopt;
    if (!kind) return refusal("evidence.member", path_, {{"member", member ? member->name : ""}});
    const std::pair<MemberKind, std::string> place(*kind, member->name);
    if (count_ != 0 && !(last_ < place)) return refusal("evidence.order", path_, {{"member", member->name}});
    if (++count_ > limits_.members) return refusal("evidence.too_large", path_);
    last_ = place;
    GARITA_TRY_ASSIGN(text, take_bytes(*member, *kind));
    return keep(*kind, member->name, std::move(text));
  }

  // The text of what is kept; of inputs the digest alone.
  base::Result<std::string> take_bytes(const TarMember& member, MemberKind kind) {
    const bool kept = kind != MemberKind::input;
    if (kept && member.size_bytes > limits_.text_bytes) return refusal("evidence.too_large", path_);
    if (kind == MemberKind::picture && (pictures_bytes_ += member.size_bytes) > limits_.kept_bytes)
      return refusal("evidence.too_large", path_);
    std::string text, part(64 * 1024, '\0');
    base::Sha256 hash;
    for (uint64_t left = member.size_bytes; left != 0;) {
      const std::span<char> wanted(part.data(), std::min<uint64_t>(part.size(), left));
      GARITA_TRY(unpacked_.read(wanted));
      hash.update(wanted);
      if (kept) text.append(wanted.data(), wanted.size());
      left -= wanted.size();
    }
    TarBlock padding{};
    GARITA_TRY(unpacked_.read({padding.data(), tar_padding_bytes(member.size_bytes)}));
    if (padding != TarBlock{}) return refusal("evidence.member", path_, {{"member", member.name}});
    if (kind < MemberKind::seal) {
      const base::Digest digest = hash.finish();
      bundle_.members[member.name] = {member.size_bytes, digest};
      members_.push_back(
          {{"name", member.name}, {"sha256", base::to_text(digest)}, {"size", member.size_bytes}});
    }
    return text;
  }

  base::Result<void> keep(MemberKind kind, const std::string& name, std::string text) {
    if (kind == MemberKind::manifest) bundle_.manifest = std::move(text);
    if (kind == MemberKind::waivers) bundle_.waivers = std::move(text);
    if (kind == MemberKind::picture) bundle_.pictures[name] = std::move(text);
    if (kind == MemberKind::events) events_ = std::move(text);
    if (kind == MemberKind::seal) seal_ = std::move(text);
    if (kind == MemberKind::signature) signature_ = std::move(text);
    if (kind != MemberKind::head) return {};
    auto head = parse_canonical(text);
    if (!head || !head->is_object()) return refusal("evidence.json", path_, {{"member", name}});
    bundle_.head = std::move(*head);
    return {};
  }

  base::Result<void> check_seal() {
    const auto seal = parse_canonical(seal_);
    if (!seal) return refusal("evidence.json", path_, {{"member", "seal.json"}});
    GARITA_TRY_ASSIGN(chain, read_chain(events_, path_));
    const json right = {{"format", seal_format},
                        {"head", base::to_text(chain.head)},
                        {"lines", chain.events.size()},
                        {"members", members_}};
    if (*seal != right) return refusal("evidence.seal", path_, {{"member", first_difference(*seal)}});
    if (bundle_.head.is_null() || bundle_.manifest.empty())
      return refusal("evidence.member", path_,
                     {{"member", bundle_.manifest.empty() ? "manifest.garita.json" : "bundle.json"}});
    bundle_.events = std::move(chain.events);
    return {};
  }

  // The member that is not what the seal says, or seal.json itself.
  std::string first_difference(const json& seal) const {
    const json told = seal.is_object() ? seal.value("members", json::array()) : json::array();
    for (size_t i = 0; told.is_array() && i < members_.size(); ++i)
      if (i >= told.size() || told[i] != members_[i]) return members_[i]["name"];
    return "seal.json";
  }

  base::Result<void> check_signature() {
    if (signature_.empty()) return {};
    const base::Error wrong = refusal("evidence.signature", path_);
    const auto given = parse_canonical(signature_);
    if (!given || !given->is_object() || given->size() != 3) return wrong;
    const auto text = [&](const char* name) {
      return given->contains(name) && (*given)[name].is_string() ? (*given)[name].get<std::string>() : "";
    };
    const auto der = from_hex(text("key")), signature = from_hex(text("signature"));
    if (!der || !signature) return wrong;
    auto key = base::PublicKey::from_der(*der);
    if (!key || base::name_of(key->algorithm()) != text("algorithm") || !key->verify(seal_, *signature))
      return wrong;
    bundle_.signer = std::move(*key);
    return {};
  }

  Unpacked unpacked_;
  const std::string path_;
  const BundleLimits limits_;
  Bundle bundle_;
  std::string events_, seal_, signature_;
  json members_ = json::array();  // as they came
  std::pair<MemberKind, std::string> last_;
  size_t count_ = 0;
  uint64_t pictures_bytes_ = 0;
};

bool is_plain(std::string_view part) {
  constexpr std::string_view letters = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789._-";
  return !part.empty() && part.front() != '.' && part.find_first_not_of(letters) == std::string_view::npos;
}

}  // namespace

std::optional<MemberKind> member_kind(std::string_view name) {
  if (name.size() > max_member_name_bytes) return std::nullopt;
  if (name == "bundle.json") return MemberKind::head;
  if (name == "manifest.garita.json") return MemberKind::manifest;
  if (name == "waivers.toml") return MemberKind::waivers;
  if (name == "events.jsonl") return MemberKind::events;
  if (name == "seal.json") return MemberKind::seal;
  if (name == "signature.json") return MemberKind::signature;
  const size_t first = name.find('/');
  if (first == std::string_view::npos) return std::nullopt;
  const std::string_view folder = name.substr(0, first), rest = name.substr(first + 1);
  if (folder == "pictures" && is_plain(rest)) return MemberKind::picture;
  const size_t second = rest.find('/');
  if (folder != "inputs" || second == std::string_view::npos) return std::nullopt;
  if (!is_plain(rest.substr(0, second)) || !is_plain(rest.substr(second + 1))) return std::nullopt;
  return MemberKind::input;
}

base::Result<Bundle> read_bundle(const base::RandomAccessFile& file, const std::string& path,
                                 const BundleLimits& limits) {
  return Reader(file, path, limits).read();
}

base::Result<Bundle> read_bundle(const std::filesystem::path& path) {
  GARITA_TRY_ASSIGN(file, base::real_file_system().open(path));
  return read_bundle(*file, path.string());
}

}  // namespace garita::conformance
