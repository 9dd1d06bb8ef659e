// An evidence bundle: everything that a run of the kit saw, in one file that stands on its own.
//
//   one zstd frame with checksum ── tar (tar.hpp), members in this order, each name once:
//     bundle.json            what was tested, by which kit, on which machine; digests of the inputs
//     manifest.garita.json   the driver's manifest, as it lay there
//     waivers.toml           only where the run was given one
//     inputs/R-I/FILE        input I of round R: conformance/input/input.hpp. Not with --redact-payload
//     inputs/object/FILE     what was recorded of the object whose shape is known (--object); the same
//     pictures/FILE          the scans, for the eye. Not with --redact-payload
//     events.jsonl           raw events and the verdicts that were told, chained line to line (chain.hpp)
//     seal.json              {"format","head","lines","members":[{"name","sha256","size"}]} of all members
//     above signature.json         {"algorithm","key","signature"}: over the bytes of seal.json. Only where a
//     key was given
//
// Without a signature a bundle shows damage, not forgery: whoever can write can seal anew.
#pragma once

#include <functional>
#include <map>
#include <memory>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/evidence/chain.hpp"
#include "core/base/digest.hpp"
#include "core/base/file.hpp"
#include "core/base/result.hpp"
#include "core/base/signature.hpp"

namespace garita::conformance {

inline constexpr std::string_view object_folder = "inputs/object/";
inline constexpr std::string_view seal_format = "garita evidence seal 1";

struct BundleLimits {
  uint64_t total_bytes = uint64_t{8} << 30;   // unpacked
  uint64_t text_bytes = uint64_t{256} << 20;  // of each member that is read as text
  uint64_t kept_bytes = uint64_t{256} << 20;  // of pictures, together
  size_t members = 20000;
};

// Where a member may stand and what it is for. nullopt: no bundle has such a name.
enum class MemberKind : uint8_t { head, manifest, waivers, input, picture, events, seal, signature };
std::optional<MemberKind> member_kind(std::string_view name);

struct BundleMember {
  uint64_t size_bytes = 0;
  base::Digest sha256{};
};

struct Bundle {
  nlohmann::json head;
  std::string manifest, waivers;
  std::map<std::string, BundleMember, std::less<>> members;  // all but seal and signature
  std::map<std::string, std::string, std::less<>> pictures;  // with their bytes
  std::vector<nlohmann::json> events;
  std::optional<base::PublicKey> signer;  // nullopt: not signed
};

// Reads and checks form, order, digests, chain, seal and signature; what the events mean is the kit's to say.
// Never holds more than the limits in memory, whatever the file claims. path: for the errors. Errors:
// base.file_*; evidence.frame, evidence.cut, evidence.too_large, evidence.member, evidence.order,
// evidence.json, evidence.seal, evidence.chain, evidence.signature.
base::Result<Bundle> read_bundle(const base::RandomAccessFile& file, const std::string& path,
                                 const BundleLimits& limits = {});
base::Result<Bundle> read_bundle(const std::filesystem::path& path);

// Writes one. Members in the order above; the file appears under its name when finish() has returned.
class BundleWriter {
 public:
  static base::Result<BundleWriter> create(const std::filesystem::path& path);
  BundleWriter(BundleWriter&&) noexcept;
  ~BundleWriter();

  base::Result<void> add(std::string_view name, base::Bytes bytes);
  base::Result<void> add_file(std::string_view name, const std::filesystem::path& file);
  // events.jsonl, seal.json and, with a key, signature.json; then the file is whole.
  base::Result<void> finish(const Chain& events, const base::SigningKey* key);

 private:
  struct Inside;
  explicit BundleWriter(std::unique_ptr<Inside> inside);
  std::unique_ptr<Inside> inside_;
};

}  // namespace garita::conformance
