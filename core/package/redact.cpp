#include "core/package/redact.hpp"

#include <map>

#include "core/package/chunk_writer.hpp"
#include "core/package/errors.hpp"
#include "core/package/scanner.hpp"

namespace garita::package {
namespace {

using Decisions = std::map<uint32_t, Keep>;

template <typename Function, typename Info>
Keep ask(const Function& function, const Info& info) {
  return function ? function(info) : Keep::nothing;
}

// What becomes of each part; one that is not listed is left out but for its hash.
base::Result<Decisions> decide(const std::filesystem::path& path, const RedactPolicy& policy,
                               base::FileSystem& files) {
  GARITA_TRY_ASSIGN(reader, Reader::open(path, {}, files));
  Decisions decisions;
  for (const PlaneInfo& plane : reader.planes()) decisions[plane.part] = ask(policy.plane, plane);
  for (const PlaneInfo& overview : reader.overviews()) {
    const auto source = decisions.find(overview.overview_of);
    const Keep of_plane = source == decisions.end() ? Keep::nothing : source->second;
    const bool named = of_plane != Keep::nothing;  // an overview without its plane's head cannot be read
    decisions[overview.part] = policy.overview && named ? policy.overview(overview) : of_plane;
  }
  for (const CalibrationInfo& calibration : reader.calibrations()) {
    decisions[calibration.part] = ask(policy.calibration, calibration);
  }
  for (const AttachmentInfo& attachment : reader.attachments()) {
    decisions[attachment.part] = ask(policy.attachment, attachment);
  }
  return decisions;
}

class Copier final : public Visitor {
 public:
  Copier(ChunkWriter& out, const std::vector<base::Digest>& roots, const std::vector<base::Digest>& bodies,
         const Decisions& decisions, const RedactPolicy& policy)
      : out_(out), roots_(roots), bodies_(bodies), decisions_(decisions), policy_(policy) {}

  base::Result<void> visit(const Chunk& chunk, const Contents& contents) override {
    switch (chunk.frame.type) {
      case ChunkType::seal:
        return out_.statement(ChunkType::seal, 0, chunk.body);
      case ChunkType::head:
      case ChunkType::data:
      case ChunkType::tail:
      case ChunkType::hide:
        return copy(chunk, contents.parts[chunk.frame.part]);
      default:
        return {};
    }
  }

 private:
  Keep keep(const Chunk& chunk, const Part& part) const {
    if (part.head && std::holds_alternative<RecordHead>(*part.head))
      return Keep::all;  // its fields are asked about
    const auto found = decisions_.find(chunk.frame.part);
    return found == decisions_.end() ? Keep::nothing : found->second;
  }

  base::Result<void> copy(const Chunk& chunk, const Part& part) {
    const uint32_t number = chunk.frame.part;
    const Keep kept = keep(chunk, part);
    const bool begins = chunk.frame.type == ChunkType::head ||
                        (chunk.frame.type == ChunkType::hide && chunk.frame.ordinal == 0);
    if (begins && (kept == Keep::nothing || !part.head)) return out_.hide_part(roots_[number]);
    if (kept == Keep::nothing) return {};
    switch (chunk.frame.type) {
      case ChunkType::head:
        GARITA_TRY(out_.head(*part.head, chunk.salt, chunk.value));
        return kept == Keep::name ? out_.hide_body(number, bodies_[number]) : base::Result<void>();
      case ChunkType::tail:
        return out_.tail(number, *part.tail, chunk.salt, chunk.value);
      case ChunkType::hide:
        return kept == Keep::name ? base::Result<void>() : out_.hide_body(number, bodies_[number]);
      default:
        return kept == Keep::name ? base::Result<void>() : copy_leaf(chunk, part);
    }
  }

  base::Result<void> copy_leaf(const Chunk& chunk, const Part& part) {
    const uint32_t number = chunk.frame.part;
    const base::Digest& hash = part.leaves.back().hash;
    const bool record = std::holds_alternative<RecordHead>(*part.head);
    const bool name = chunk.frame.ordinal % 2 == 0;
    const bool withheld = (chunk.frame.flags & flag_withheld) != 0;
    if (record && name) {
      field_ = withheld ? "" : std::string(chunk.value.text());
      field_kept_ = withheld || !policy_.field ? Keep::nothing : policy_.field(field_);
    }
    const bool hide =
        withheld || (record && (field_kept_ == Keep::nothing || (field_kept_ == Keep::name && !name)));
    if (hide) return out_.hide_leaf(number, hash);
    const std::string path = record && !name ? field_ : leaf_path(number, chunk.frame.ordinal);
    return out_.leaf(number, path, chunk.salt, chunk.value);
  }

  ChunkWriter& out_;
  const std::vector<base::Digest>&roots_, &bodies_;
  const Decisions& decisions_;
  const RedactPolicy& policy_;
  std::string field_;  // of the record, whose name came last
  Keep field_kept_ = Keep::nothing;
};

}  // namespace

base::Result<void> redact(const std::filesystem::path& in, const std::filesystem::path& out,
                          const RedactPolicy& policy, base::FileSystem& files) {
  GARITA_TRY_ASSIGN(decisions, decide(in, policy, files));
  GARITA_TRY_ASSIGN(file, files.open(in));
  Scanner first(*file, in,
                Depth::hashes);  // the hash of a part stands before its pixels: so it must be known already
  GARITA_TRY(first.run());
  std::vector<base::Digest> roots, bodies;
  for (const Part& part : first.contents().parts) {
    roots.push_back(part.root());
    bodies.push_back(part.withheld == Withheld::body ? part.hidden_root : part.body.root());
  }
  GARITA_TRY_ASSIGN(writer, ChunkWriter::create(files, out, first.contents().header));
  Copier copier(writer, roots, bodies, decisions, policy);
  Scanner second(*file, in, Depth::values);
  GARITA_TRY(second.run(&copier));
  if (writer.contents().root() != first.contents().root()) return hash_mismatch(in, "seal");
  GARITA_TRY(writer.end());
  return writer.commit();
}

}  // namespace garita::package
