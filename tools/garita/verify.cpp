// garita verify: is every byte what was signed, and what does that prove?
#include <nlohmann/json.hpp>

#include "core/base/digest.hpp"
#include "core/host/open_package.hpp"
#include "core/host/plane_maker.hpp"
#include "core/host/scan_freshness.hpp"
#include "core/package/verify.hpp"
#include "core/record/dictionary.hpp"
#include "tools/garita/addenda.hpp"
#include "tools/garita/proofs.hpp"

namespace garita::cli {
namespace {

const char* proof_name(package::Proof proof) {
  switch (proof) {
    case package::Proof::proved: return "proved";
    case package::Proof::recomputed: return "recomputed";
    case package::Proof::asserted: return "asserted";
  }
  return "?";
}

void print_planes(const Terminal& terminal, const package::VerifyReport& report) {
  for (const package::PlaneReport& plane : report.planes)
    if (plane.sha256) terminal.out << plane.name << ' ' << base::to_text(*plane.sha256) << '\n';
}

void print_report(const Terminal& terminal, const package::VerifyReport& report) {
  for (const package::Claim& claim : report.claims)
    terminal.out << "  " << padded(terminal.text("package.claim_" + claim.name), 40) << ' '
                 << padded(terminal.text(std::string("cli.proof_") + proof_name(claim.proof), {{"by", claim.by}}), 20) << ' '
                 << base::printable(claim.value) << '\n';
  for (const package::WithheldItem& item : report.withheld)
    terminal.out << "  " << terminal.text("cli.withheld", {{"place", item.place}}) << '\n';
}

nlohmann::json to_json(const package::VerifyReport& report, const package::Addenda& addenda,
                       const std::optional<base::Error>& unproved) {
  nlohmann::json claims = nlohmann::json::array(), planes = nlohmann::json::array(), withheld = nlohmann::json::array();
  for (const auto& claim : report.claims)
    claims.push_back({{"name", claim.name}, {"value", claim.value}, {"by", claim.by}, {"proof", proof_name(claim.proof)}});
  for (const auto& plane : report.planes)
    planes.push_back({{"name", plane.name}, {"rows", plane.rows}, {"complete", plane.complete},
                      {"sha256", plane.sha256 ? nlohmann::json(base::to_text(*plane.sha256)) : nlohmann::json()}});
  for (const auto& item : report.withheld) withheld.push_back(item.place);
  return {{"holds", !report.outcome() && !addenda.fault && !unproved}, {"complete", report.complete},         {"size_bytes", report.size_bytes},
          {"proved_bytes", report.proved_bytes}, {"root", base::to_text(report.root)}, {"claims", claims},
          {"planes", planes},                  {"withheld", withheld},                {"addenda", cli::to_json(addenda)}};
}

// What the host saw in the light of the scans before, which nobody can see again in this file alone.
void add_freshness(const Terminal& terminal, const std::string& file, package::VerifyReport& report) {
  const auto package = host::open_package(file);
  if (!package || !package->record.has_freshness()) return;
  const auto& field = *v1::Freshness::descriptor()->FindFieldByName("verdict");
  const auto suspicion = host::suspicion_of(package->record);
  report.claims.push_back(
      {"freshness",
       suspicion ? base::render(*suspicion, terminal.language)
                 : record::label_of(field, package->record.freshness().verdict(), terminal.language),
       "host", package::Proof::asserted});
}

}  // namespace

int verify_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "verify");
  options.positional("file").flag("planes").flag("rederive");
  options.value("replay", "DRIVER").value("driver-path", "FOLDER").value("recording", "FILE").value("box", "B0|B1|B2|B3");
  options.value("time-limit", "SECONDS");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  auto file = options.required("file");
  if (!file) return fail(terminal, file.error());

  auto proofs = chosen_proofs(options);
  if (!proofs) return fail(terminal, proofs.error());

  package::VerifyOptions wanted;
  wanted.prepare = host::make_planes_readable;
  package::VerifyReport report = package::verify(*file, wanted);
  const std::optional<base::Error> unproved = report.fault ? std::nullopt : prove(*file, *proofs, report);
  if (!report.outcome()) add_freshness(terminal, *file, report);
  const package::Addenda addenda =
      report.complete ? package::read_addenda(*file, report.root) : package::Addenda{};
  if (options.has("planes")) {
    print_planes(terminal, report);
  } else if (terminal.json) {
    terminal.out << to_json(report, addenda, unproved).dump(2, ' ', false, nlohmann::json::error_handler_t::replace) << '\n';
  } else {
    const auto verdict = !report.outcome()                                ? "cli.verify_yes"
                         : report.outcome() == base::Outcome::incomplete ? "cli.verify_partly"
                                                                         : "cli.verify_no";
    terminal.out << terminal.text(verdict, {{"file", *file}, {"proved", std::to_string(report.proved_bytes)},
                                            {"size", std::to_string(report.size_bytes)}})
                 << '\n';
    print_report(terminal, report);
    if (!addenda.entries.empty() && !addenda.fault)
      terminal.out << "  " << terminal.text("cli.addenda_hold", {{"count", std::to_string(addenda.entries.size())}}) << '\n';
    print_addenda(terminal, addenda);
  }
  if (unproved) return fail(terminal, *unproved);
  if (!report.outcome()) return tell_fault(terminal, addenda, *file);
  if (report.fault) terminal.err << "garita: " << base::render(*report.fault, terminal.language) << '\n';
  return static_cast<int>(*report.outcome());
}

}  // namespace garita::cli
