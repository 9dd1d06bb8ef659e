#include "tools/garita-demo/joint_views.hpp"

#include <zstd.h>

#include <functional>

#include "core/base/ids.hpp"
#include "core/host/open_package.hpp"
#include "core/package/verify.hpp"

namespace garita::demo {
namespace {

namespace fs = std::filesystem;

struct Side {
  host::OpenPackage package;
  bool verified = false;
};

struct Asked {
  const char* label;  // cli.demo_joint_…
  std::function<std::string(const Side&)> value;
};

std::string planes_of(const Side& side) {
  std::string text;
  for (const auto& plane : side.package.reader.planes()) {
    if (plane.spec.role == package::RasterRole::raw) continue;
    const bool there = plane.withheld == package::Withheld::nothing;
    text +=
        (text.empty() ? "" : ", ") + plane.spec.view + "/" + plane.spec.channel + (there ? "" : " (1:16)");
  }
  return text;
}

std::vector<Asked> asked() {
  const auto of = [](auto read) { return [read](const Side& side) { return read(side.package.record); }; };
  return {
      {"container", of([](const v1::Inspection& r) {
         return r.conveyance().containers_size() ? r.conveyance().containers(0).number() : std::string();
       })},
      {"plate", of([](const v1::Inspection& r) {
         return r.conveyance().plates_size() ? r.conveyance().plates(0).number() : std::string();
       })},
      {"pedimento", of([](const v1::Inspection& r) {
         return r.documents().pedimentos_size() ? r.documents().pedimentos(0) : std::string();
       })},
      {"site", of([](const v1::Inspection& r) { return r.site().name(); })},
      {"lane", of([](const v1::Inspection& r) { return r.identity().lane(); })},
      {"scanner", of([](const v1::Inspection& r) {
         const std::string& model = r.device().model();
         return r.device().vendor() + (model.empty() ? "" : " " + model);
       })},
      {"images", planes_of},
      {"proof", [](const Side& side) { return std::string(side.verified ? "✓" : ""); }},
  };
}

base::Result<Side> open(const fs::path& path) {
  GARITA_TRY_ASSIGN(package, host::open_package(path));
  const bool verified = !package::verify(path).outcome();
  return Side{std::move(package), verified};
}

size_t count(const std::string& text, const std::string& needle) {
  size_t times = 0;
  for (size_t at = text.find(needle); at != text.npos; at = text.find(needle, at + 1)) ++times;
  return times;
}

// As it stands inside of a longer text that was encoded: without what its neighbours decide.
std::string base64_at(const std::string& needle, size_t before) {
  const std::string text = base::to_base64(std::string(before, 'x') + needle);
  const size_t from = before == 0 ? 0 : 4;
  return text.size() < from + 8 ? text : text.substr(from, text.size() - from - 4);
}

}  // namespace

base::Result<std::vector<Row>> views_side_by_side(const fs::path& own, const fs::path& first,
                                                  const fs::path& theirs, base::Language language) {
  GARITA_TRY_ASSIGN(one, open(own));
  GARITA_TRY_ASSIGN(before, open(first));
  GARITA_TRY_ASSIGN(other, open(theirs));
  const auto text = [&](const std::string& id) { return base::text(language, "cli.demo_joint_" + id, {}); };
  std::vector<Row> rows = {{text("field"), text("mx_sees"), text("us_saw"), text("us_sees")}};
  for (const Asked& each : asked()) {
    const std::string here = each.value(one);
    if (here.empty()) continue;
    Row row = {text(each.label)};
    for (const Side* side : {&one, &before, &other}) {
      const std::string seen = each.value(*side);
      row.push_back(seen.empty() ? text("withheld") : base::printable(seen));
    }
    rows.push_back(std::move(row));
  }
  return rows;
}

size_t times_in(const std::string& bytes, const std::string& needle) {
  size_t times = count(bytes, needle) + count(bytes, base::to_hex(base::Bytes(needle)));
  for (const size_t before : {0, 1, 2}) times += count(bytes, base64_at(needle, before));
  static const std::string magic("\x28\xB5\x2F\xFD", 4);
  for (size_t at = bytes.find(magic); at != bytes.npos; at = bytes.find(magic, at + 1)) {
    const unsigned long long size = ZSTD_getFrameContentSize(bytes.data() + at, bytes.size() - at);
    const size_t packed = ZSTD_findFrameCompressedSize(bytes.data() + at, bytes.size() - at);
    if (ZSTD_isError(packed) || size > (64u << 20)) continue;
    std::string out(size, '\0');
    if (!ZSTD_isError(ZSTD_decompress(out.data(), size, bytes.data() + at, packed)))
      times += count(out, needle);
  }
  return times;
}

}  // namespace garita::demo
