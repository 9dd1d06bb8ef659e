#include "core/exchange/policy/redacting.hpp"

#include "core/package/verify.hpp"
#include "core/record/dictionary.hpp"

namespace garita::exchange {
namespace {

using package::Keep;

base::Error no_rule(const SharingPolicy& policy, std::string_view to, std::string_view purpose) {
  return {base::Outcome::no,
          "exchange.no_rule",
          {{"path", policy.path}, {"to", std::string(to)}, {"purpose", std::string(purpose)}},
          0};
}

Keep keep_of(const Decision& decision, Keep otherwise = Keep::nothing) {
  return decision.goes ? Keep::all : otherwise;
}

std::string channel_place(const std::string& view, const std::string& channel) {
  return view + "/" + channel;
}

std::string role_word(uint32_t role) {
  switch (role) {
    case GARITA_ATTACHMENT_SCENE:
      return "scene";
    case GARITA_ATTACHMENT_PLATE:
      return "plate";
    case GARITA_ATTACHMENT_ORIGINAL:
      return "original";
    case GARITA_ATTACHMENT_REPORT:
      return "report";
    case 256:
      return "recording";
    default:
      return "role " + std::to_string(role);
  }
}

Decision decision_of(const SharingRule& rule, const package::PlaneInfo& plane) {
  if (plane.spec.role == package::RasterRole::raw) return rule.raw_plane();
  return rule.plane(0);
}

void explain_parts(const package::Reader& package, const SharingRule& rule, std::vector<Explained>& out) {
  for (const package::PlaneInfo& plane : package.planes())
    out.push_back({plane.spec.role == package::RasterRole::raw ? "raw" : "plane",
                   channel_place(plane.spec.view, plane.spec.channel), "", decision_of(rule, plane)});
  for (const package::PlaneInfo& plane : package.overviews())
    out.push_back({"overview",
                   channel_place(plane.spec.view, plane.spec.channel) +
                       " 1:" + std::to_string(uint64_t{1} << 2 * std::min(plane.level, 16u)),
                   "", rule.plane(plane.level)});
  for (const package::CalibrationInfo& calibration : package.calibrations())
    out.push_back({"calibration", channel_place(calibration.spec.view, calibration.spec.channel), "",
                   rule.calibration()});
  for (const package::AttachmentInfo& attachment : package.attachments())
    out.push_back({"attachment",
                   role_word(attachment.spec.role) + " " + std::to_string(attachment.spec.index), "",
                   rule.attachment(attachment.spec.role)});
}

}  // namespace

base::Result<std::vector<Explained>> explain(package::Reader& package, const SharingPolicy& policy,
                                             std::string_view to, std::string_view purpose) {
  const SharingRule* rule = policy.find(to, purpose);
  if (rule == nullptr) return no_rule(policy, to, purpose);
  GARITA_TRY_ASSIGN(fields, package.read_record());
  std::vector<Explained> out;
  for (const package::FieldInfo& field : fields)
    if (!field.name_withheld)
      out.push_back({"field", field.path, record::redaction_name(record::redaction_class(field.path)),
                     rule->field(field.path)});
  explain_parts(package, *rule, out);
  return out;
}

package::RedactPolicy redact_policy(const SharingRule& rule) {
  package::RedactPolicy policy;
  policy.field = [&rule](std::string_view path) {
    return keep_of(rule.field(path), rule.names ? Keep::name : Keep::nothing);
  };
  // A reduced plane keeps its head, which says what its overviews are of.
  policy.plane = [&rule](const package::PlaneInfo& plane) {
    if (plane.spec.role == package::RasterRole::raw) return keep_of(rule.raw_plane());
    return keep_of(rule.plane(0), rule.planes == PlaneShare::reduced ? Keep::name : Keep::nothing);
  };
  policy.overview = [&rule](const package::PlaneInfo& plane) { return keep_of(rule.plane(plane.level)); };
  policy.calibration = [&rule](const package::CalibrationInfo&) { return keep_of(rule.calibration()); };
  policy.attachment = [&rule](const package::AttachmentInfo& attachment) {
    return keep_of(rule.attachment(attachment.spec.role));
  };
  return policy;
}

base::Result<void> redact_for(const std::filesystem::path& in, const std::filesystem::path& out,
                              const SharingPolicy& policy, std::string_view to, std::string_view purpose,
                              base::FileSystem& files) {
  const SharingRule* rule = policy.find(to, purpose);
  if (rule == nullptr) return no_rule(policy, to, purpose);
  GARITA_TRY(package::redact(in, out, redact_policy(*rule), files));
  const package::VerifyReport report = package::verify(out, {.planes = false}, files);
  if (!report.outcome()) return {};
  (void)files.remove(out);
  if (report.fault) return *report.fault;
  return base::Error{base::Outcome::no, "package.torn", {{"path", in.string()}}, 0};
}

std::string package_name(const base::Digest& root) { return base::to_text(root).substr(0, 32) + ".garita"; }

}  // namespace garita::exchange
