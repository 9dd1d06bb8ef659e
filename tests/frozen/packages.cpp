#include <algorithm>

#include "core/base/ids.hpp"
#include "core/base/text.hpp"
#include "core/image/view.hpp"
#include "core/package/addenda.hpp"
#include "core/package/inspection.hpp"
#include "core/package/verify.hpp"
#include "tests/frozen/description.hpp"

namespace garita::frozen {
namespace {

constexpr uint64_t max_attachment_bytes = 1u << 20;

std::string said(const base::Error& error) { return base::render(error, base::Language::en); }

// The path is that of this machine.
std::string without(std::string text, const std::string& what) {
  for (size_t at; (at = text.find(what)) != text.npos;) text.erase(at, what.size());
  return text;
}

template <typename T>
std::string digest_or_why(const base::Result<T>& bytes) {
  return bytes ? base::to_text(base::sha256(*bytes)) : said(bytes.error());
}

std::string shown(const std::string& value) {
  const bool text = !value.empty() && (value[0] == 't' || value[0] == 'e');
  return text ? value : base::to_hex(value);
}

class Describer {
 public:
  explicit Describer(const std::filesystem::path& path) : path_(path) {}

  std::string go() {
    verify();
    auto reader = package::Reader::open(path_, {.allow_torn = true});
    if (!reader) return line("does not open: " + said(reader.error())), text_;
    line(std::string("opened ") + (reader->complete() ? "complete" : "torn") + ", " +
         std::to_string(reader->parts_withheld()) + " parts withheld");
    rasters(*reader);
    attachments(*reader);
    record(*reader);
    addenda(reader->root());
    return without(text_, path_.parent_path().string() + "/");
  }

 private:
  void line(const std::string& text) { text_ += text + '\n'; }

  void verify() {
    const package::VerifyReport report = package::verify(path_);
    line("verify " + (report.outcome() ? std::to_string(static_cast<int>(*report.outcome())) : "right") +
         (report.fault ? " " + report.fault->id : ""));
    line("root " + base::to_text(report.root));
    line("proved " + std::to_string(report.proved_bytes) + " bytes");
    if (report.signer)
      line("signer " + std::string(name_of(report.signer->algorithm)) + " " +
           base::to_text(report.signer->key_id));
    for (const package::PlaneReport& plane : report.planes)
      line("plane " + plane.name + " " + std::to_string(plane.rows) + " rows, " +
           (plane.complete ? "complete " : "cut ") +
           (plane.sha256 ? base::to_text(*plane.sha256) : "withheld"));
    for (const package::WithheldItem& each : report.withheld) line("withheld " + each.place);
  }

  static std::string name(const package::PlaneSpec& spec) {
    return spec.view + "/" + spec.channel + " role " + std::to_string(static_cast<uint32_t>(spec.role));
  }

  // By way of the index, as whoever looks at a picture does.
  void rasters(package::Reader& reader) {
    const auto pixels = [&](const package::PlaneInfo& plane) -> base::Result<std::vector<std::byte>> {
      std::vector<std::byte> bytes(plane.rows * plane.spec.columns *
                                   image::sample_size_bytes(plane.spec.sample_type));
      GARITA_TRY(reader.read_rows(plane, 0, plane.rows, bytes));
      return bytes;
    };
    for (const auto& plane : reader.planes())
      line("read " + name(plane.spec) + " " + std::to_string(plane.spec.columns) + " columns " +
           digest_or_why(pixels(plane)));
    for (const auto& plane : reader.overviews())
      line("read " + name(plane.spec) + " level " + std::to_string(plane.level) + " " +
           digest_or_why(pixels(plane)));
    for (const auto& each : reader.calibrations())
      line("calibration " + each.spec.view + "/" + each.spec.channel + " role " +
           std::to_string(each.spec.role) + " " + std::to_string(each.spec.rows) + " rows " +
           digest_or_why(reader.read_calibration(each)));
  }

  void attachments(package::Reader& reader) {
    for (const auto& each : reader.attachments())
      line("attachment " + each.spec.media_type + " " + each.spec.name + " " +
           digest_or_why(reader.read_attachment(each, max_attachment_bytes)));
  }

  // Each field as it lies in the file, then whether today's record has a place for it.
  void record(package::Reader& reader) {
    const auto fields = reader.read_record();
    if (!fields) return line("record: " + said(fields.error()));
    for (const auto& field : *fields)
      line("field " + (field.name_withheld ? "withheld" : field.path) + " = " +
           (field.value_withheld ? "withheld" : shown(field.value)));
    const auto stored = package::read_inspection(reader);
    if (!stored) return line("record: " + said(stored.error()));
    const auto again = record::leaves(stored->inspection);
    for (const auto& field : *fields)
      if (!field.value_withheld &&
          std::ranges::find(again, record::Leaf{field.path, field.value}) == again.end())
        line("lost " + field.path);
  }

  void addenda(const base::Digest& root) {
    const package::Addenda found = package::read_addenda(path_, root);
    if (found.fault) line("addenda: " + said(*found.fault));
    for (const package::SignedAddendum& each : found.entries) {
      const v1::Addendum& own = each.addendum;
      const v1::Decision& decision = own.decision();
      const v1::Finding& finding = own.finding();
      if (own.has_decision())
        line("decision " + v1::Decision::Verdict_Name(decision.verdict()) + " " + decision.reason_code() +
             " " + decision.officer_id() + " " + std::to_string(decision.on_screen_s()) + " s");
      else if (own.has_finding())
        line("finding " + v1::Category_Name(finding.category()) + " " + std::to_string(finding.quantity()) +
             " " + finding.quantity_unit() + " " + finding.place());
      else
        line("addendum of another kind");
      line("signed " + std::string(name_of(each.algorithm)) + " " + base::to_text(each.key_id));
    }
  }

  std::filesystem::path path_;
  std::string text_;
};

}  // namespace

std::string describe_package(const std::filesystem::path& path) { return Describer(path).go(); }

std::string first_difference(const std::string& kept, const std::string& now) {
  if (kept == now) return "";
  const auto differ = std::ranges::mismatch(kept, now);
  const size_t from =
      kept.rfind('\n', static_cast<size_t>(differ.in1 - kept.begin()) - (differ.in1 != kept.begin()));
  const size_t start = from == kept.npos ? 0 : from + 1;
  const auto line = [&](const std::string& text) {
    return text.substr(start, text.find('\n', start) - start);
  };
  return "kept: '" + line(kept) + "', now: '" + (start <= now.size() ? line(now) : "") + "'";
}

}  // namespace garita::frozen
