// The print of a scan as a file, little-endian:
//
//   "GARITAFP" | u32 version 1 | text scan_key | text key_digits | 32 bytes root | i64 utc_ns | u32 planes
//   a plane: text view | text channel | u64 rows | u32 columns | u8 flags | u8 yardstick | 2 u64 hash | u64
//   content
//            f64 beam_noise | f64 object_noise | u32 beam_tiles | u32 object_tiles
//            u32 marks, each u32 row | u32 column | 4 u64 signs
//   32 bytes SHA-256 of all before
//
// text: u32 bytes, then the bytes. flags: 1 raw counts, 2 fixed pattern.
#include "core/freshness/print.hpp"

#include <bit>
#include <cmath>
#include <cstring>
#include <type_traits>

namespace garita::freshness {
namespace {

static_assert(std::endian::native == std::endian::little);

constexpr std::string_view magic = "GARITAFP";
constexpr uint32_t version = 1;

base::Error bad(const char* what) { return {base::Outcome::no, "freshness.bad_print", {{"what", what}}}; }

class Out {
 public:
  template <typename T>
  void put(const T& value) {
    static_assert(std::is_trivially_copyable_v<T>);
    raw(&value, sizeof value);
  }
  void text(const std::string& value) {
    const std::string cut = value.substr(0, max_name_bytes);
    put(static_cast<uint32_t>(cut.size()));
    raw(cut.data(), cut.size());
  }
  void raw(const void* from, size_t size_bytes) {
    const auto* bytes = static_cast<const std::byte*>(from);
    bytes_.insert(bytes_.end(), bytes, bytes + size_bytes);
  }
  std::vector<std::byte>& bytes() { return bytes_; }

 private:
  std::vector<std::byte> bytes_;
};

// Reads what is there; after the end, or a length beyond its limit, it is no longer good and gives zeros.
class In {
 public:
  explicit In(base::Bytes bytes) : left_(bytes) {}
  template <typename T>
  T get() {
    T value{};
    raw(&value, sizeof value);
    return value;
  }
  uint32_t count(size_t most) {
    const auto count = get<uint32_t>();
    if (count > most) good_ = false;
    return good_ ? count : 0;
  }
  std::string text() {
    std::string value(count(max_name_bytes), '\0');
    raw(value.data(), value.size());
    return value;
  }
  void raw(void* to, size_t size_bytes) {
    if (size_bytes > left_.size()) good_ = false;
    if (!good_ || size_bytes == 0) return;
    std::memcpy(to, left_.data(), size_bytes);
    left_ = left_.subspan(size_bytes);
  }
  void spoil() { good_ = false; }
  bool good() const { return good_; }
  bool over() const { return good_ && left_.empty(); }

 private:
  base::Bytes left_;
  bool good_ = true;
};

void put(Out& out, const PlanePrint& plane) {
  out.text(plane.view);
  out.text(plane.channel);
  out.put(plane.rows);
  out.put(plane.columns);
  out.put(static_cast<uint8_t>((plane.raw_counts ? 1 : 0) | (plane.fixed_pattern ? 2 : 0)));
  out.put(static_cast<uint8_t>(plane.yardstick));
  out.put(plane.hash);
  out.put(plane.content);
  out.put(plane.beam_noise);
  out.put(plane.object_noise);
  out.put(plane.beam_tiles);
  out.put(plane.object_tiles);
  out.put(static_cast<uint32_t>(std::min(plane.marks.size(), max_marks)));
  for (size_t i = 0; i < std::min(plane.marks.size(), max_marks); ++i) {
    out.put(plane.marks[i].row);
    out.put(plane.marks[i].column);
    out.put(plane.marks[i].signs);
  }
}

double noise(In& in) {
  const auto value = in.get<double>();
  if (!std::isfinite(value) || value < 0) in.spoil();
  return value;
}

PlanePrint plane(In& in) {
  PlanePrint plane;
  plane.view = in.text();
  plane.channel = in.text();
  plane.rows = in.get<uint64_t>();
  plane.columns = in.get<uint32_t>();
  const auto flags = in.get<uint8_t>(), yardstick = in.get<uint8_t>();
  if (flags > 3 || yardstick > 2) in.spoil();
  plane.raw_counts = flags & 1;
  plane.fixed_pattern = flags & 2;
  plane.yardstick = static_cast<Yardstick>(yardstick > 2 ? 0 : yardstick);
  plane.hash = in.get<std::array<uint64_t, 2>>();
  plane.content = in.get<uint64_t>();
  plane.beam_noise = noise(in);
  plane.object_noise = noise(in);
  plane.beam_tiles = in.get<uint32_t>();
  plane.object_tiles = in.get<uint32_t>();
  const uint32_t marks = in.count(max_marks);
  for (uint32_t i = 0; i < marks && in.good(); ++i) {
    Mark mark;
    mark.row = in.get<uint32_t>();
    mark.column = in.get<uint32_t>();
    mark.signs = in.get<std::array<uint64_t, 4>>();
    plane.marks.push_back(mark);
  }
  return plane;
}

}  // namespace

std::vector<std::byte> to_bytes(const ScanPrint& print) {
  Out out;
  out.raw(magic.data(), magic.size());
  out.put(version);
  out.text(print.scan_key);
  out.text(print.key_digits);
  out.put(print.root);
  out.put(print.utc_ns);
  out.put(static_cast<uint32_t>(std::min(print.planes.size(), max_planes)));
  for (size_t i = 0; i < std::min(print.planes.size(), max_planes); ++i) put(out, print.planes[i]);
  out.put(base::sha256(base::Bytes(out.bytes())));
  return std::move(out.bytes());
}

base::Result<ScanPrint> parse_print(base::Bytes bytes) {
  if (bytes.size() < magic.size() + sizeof(base::Digest) || bytes.size() > max_print_bytes)
    return bad("size");
  if (std::memcmp(bytes.data(), magic.data(), magic.size()) != 0) return bad("magic");
  const base::Bytes body = bytes.first(bytes.size() - sizeof(base::Digest));
  if (const base::Digest digest = base::sha256(body);
      std::memcmp(digest.data(), bytes.data() + body.size(), digest.size()) != 0)
    return bad("digest");
  In in(body.subspan(magic.size()));
  if (in.get<uint32_t>() != version) return bad("version");
  ScanPrint print;
  print.scan_key = in.text();
  print.key_digits = in.text();
  print.root = in.get<base::Digest>();
  print.utc_ns = in.get<int64_t>();
  const uint32_t planes = in.count(max_planes);
  for (uint32_t i = 0; i < planes && in.good(); ++i) print.planes.push_back(plane(in));
  if (!in.over()) return bad("content");
  return print;
}

}  // namespace garita::freshness
