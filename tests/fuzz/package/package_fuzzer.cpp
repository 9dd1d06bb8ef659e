// Whatever bytes lie in a file: no reader of packages reads outside, hangs, or takes them for signed.
//
// Input that begins like a package is read as one, then once more with its checks and hashes made right, so
// that damage reaches what lies behind them. Any other input is a script that writes a package, rightly
// signed, of whatever it says.
#include <cstdlib>

#include "core/package/chunk_writer.hpp"
#include "core/package/little_endian.hpp"
#include "core/package/redact.hpp"
#include "core/package/verify.hpp"
#include "tests/package/memory_files.hpp"

namespace garita::package {
namespace {

constexpr uint64_t most_rows_bytes = 1u << 20;
const std::filesystem::path path = "memory/fuzz.garita";

const base::SigningKey& key() {
  static const base::SigningKey key = *base::SigningKey::generate(base::SignatureAlgorithm::ed25519);
  return key;
}

// Makes planes that are kept by their hashes: the raw rows of the same view once more, else nothing at all.
class Copier final : public Deriver {
 public:
  base::Result<void> derive(Reader& reader, const PlaneInfo& plane, uint64_t slice, uint64_t first_row,
                            uint32_t rows, std::span<std::byte> out) override {
    for (const PlaneInfo& raw : reader.planes())
      if (raw.spec.role == RasterRole::raw && raw.spec.view == plane.spec.view &&
          raw.spec.columns == plane.spec.columns && raw.spec.sample_type == plane.spec.sample_type)
        return reader.read_rows(raw, slice * plane.rows_a_slice + first_row, rows, out);
    std::fill(out.begin(), out.end(), std::byte{0});
    return {};
  }
};

base::Result<void> make_planes(Reader& reader) {
  reader.set_deriver(std::make_shared<Copier>());
  return {};
}

void read_plane(Reader& reader, const PlaneInfo& plane) {
  const uint64_t row_bytes = uint64_t{plane.spec.columns} * sample_bytes(plane.spec);
  const uint64_t rows = std::min(plane.rows, most_rows_bytes / row_bytes);
  std::vector<std::byte> out(rows * row_bytes);
  (void)reader.read_rows(plane, 0, rows, out);
  (void)reader.read_rows(plane, plane.rows - rows, rows, out);
}

void read_all(testing::MemoryFiles& files) {
  auto reader = Reader::open(path, {.allow_torn = true}, files);
  if (!reader) return;
  if (!make_planes(*reader)) return;
  for (const PlaneInfo& plane : reader->planes()) read_plane(*reader, plane);
  for (const PlaneInfo& overview : reader->overviews()) read_plane(*reader, overview);
  for (const CalibrationInfo& calibration : reader->calibrations())
    (void)reader->read_calibration(calibration);
  for (const AttachmentInfo& attachment : reader->attachments())
    (void)reader->read_attachment(attachment, 1u << 20);
  (void)reader->read_record();
}

// A copy that withholds half of a good package must be good too.
void redact_half(testing::MemoryFiles& files, const VerifyReport& report) {
  const std::filesystem::path copy = "memory/copy.garita";
  const RedactPolicy policy{
      .field = [](std::string_view name) { return name.size() % 2 ? Keep::name : Keep::all; },
      .plane = [](const PlaneInfo& plane) { return plane.part % 2 ? Keep::name : Keep::all; }};
  if (!redact(path, copy, policy, files)) std::abort();
  const VerifyReport again = verify(copy, {}, files);
  (void)files.remove(copy);
  if (again.fault || again.root != report.root) std::abort();
}

void try_everything(testing::MemoryFiles& files) {
  VerifyOptions making;
  making.prepare = make_planes;
  const VerifyReport report = verify(path, {}, files);
  (void)verify(path, making, files);
  read_all(files);
  if (!report.fault) redact_half(files, report);
}

// Makes the check of each frame and the hash of each leaf right.
void repair(std::vector<std::byte>& bytes) {
  for (uint64_t at = header_bytes; at + frame_bytes <= bytes.size();) {
    Take take(base::Bytes(bytes.data() + at, frame_bytes));
    Frame frame;
    frame.type = static_cast<ChunkType>(take.number<uint32_t>());
    take.number<uint32_t>();
    frame.body_bytes = std::min<uint64_t>(take.number<uint64_t>(), bytes.size() - at - frame_bytes);
    frame.part = take.number<uint32_t>();
    frame.flags = take.number<uint32_t>();
    frame.ordinal = take.number<uint64_t>();
    const auto right = encode(frame, at);
    std::copy(right.begin(), right.end(), bytes.begin() + static_cast<ptrdiff_t>(at));
    std::byte* body = bytes.data() + at + frame_bytes;
    const bool leaf =
        frame.type == ChunkType::head || frame.type == ChunkType::data || frame.type == ChunkType::tail;
    if (leaf && frame.flags == 0 && frame.body_bytes >= digest_bytes + salt_bytes) {
      const std::string name = frame.type == ChunkType::head   ? head_path(frame.part)
                               : frame.type == ChunkType::tail ? tail_path(frame.part)
                                                               : leaf_path(frame.part, frame.ordinal);
      const auto hash = salted_leaf(
          base::Bytes(body + digest_bytes, salt_bytes), name,
          base::Bytes(body + digest_bytes + salt_bytes, frame.body_bytes - digest_bytes - salt_bytes));
      std::copy_n(base::Bytes(hash).begin(), digest_bytes, body);
    }
    at += frame_bytes + frame.body_bytes;
  }
}

// Steps of a script: u8 what, u8 part, u16 size, value.
class Script {
 public:
  Script(base::Bytes bytes, testing::MemoryFiles& files)
      : take_(bytes), writer_(*ChunkWriter::create(files, path, {.minor = minor_by_hash})) {}

  void run() {
    for (int step = 0; step < 200 && take_.left() > 0; ++step) one();
    Statement statement{StatementKind::seal,       key().algorithm(),       0, 0,
                        writer_.contents().root(), key().public_key().der()};
    auto body = encode(statement);
    const auto signature = *key().sign(body);
    for (const uint8_t byte : signature) body.push_back(static_cast<std::byte>(byte));
    (void)writer_.statement(ChunkType::seal, 0, body);
    (void)writer_.end();
    (void)writer_.commit();
  }

 private:
  void one() {
    const auto what = take_.number<uint8_t>();
    const uint32_t part = take_.number<uint8_t>();
    const auto size = take_.number<uint16_t>();
    const base::Bytes value = take_.bytes(std::min<uint64_t>(size, take_.left()));
    if (what % 8 == 0) return (void)writer_.head(parse_head(value).value_or(OtherHead{}), salt_, value);
    if (what % 8 == 1) return (void)writer_.hide_part({});
    if (part >= writer_.contents().parts.size()) return;
    const Part& to = writer_.contents().parts[part];
    if (!to.head) return;
    if (what % 8 == 2) return (void)writer_.hide_body(part, to.body.root());
    if (what % 8 == 3) return (void)writer_.hide_leaf(part, {});
    if (what % 8 == 4)
      return (void)writer_.tail(part, parse_tail(*to.head, value).value_or(Tail{}), salt_, value);
    const bool field = std::holds_alternative<RecordHead>(*to.head) && to.leaves.size() % 2 == 1;
    (void)writer_.leaf(part, field ? name_ : leaf_path(part, to.leaves.size()), salt_, value);
    name_ = value.text();
  }

  Take take_;
  ChunkWriter writer_;
  const std::array<uint8_t, salt_bytes> salt_{};
  std::string name_;
};

}  // namespace
}  // namespace garita::package

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  using namespace garita::package;
  const garita::base::Bytes bytes(data, size);
  testing::MemoryFiles files;
  if (!begins_like_package(bytes)) {
    Script(bytes, files).run();
    try_everything(files);
    return 0;
  }
  auto& content = files.content(path);
  content.assign(bytes.begin(), bytes.end());
  try_everything(files);
  repair(content);
  try_everything(files);
  return 0;
}
