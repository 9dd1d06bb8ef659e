// garita audit verify | export | checkpoint | cosign: the log of a site's decisions.

#include "core/base/clock.hpp"
#include "core/base/state.hpp"
#include "core/exchange/audit/checkpoint.hpp"
#include "core/exchange/audit/verify.hpp"
#include "core/trust/store.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"
#include "tools/garita/ordered_json.hpp"

namespace garita::cli {
namespace {

using base::Result;
constexpr int64_t second_ns = 1'000'000'000;

Result<std::filesystem::path> folder_of(const Options& options) {
  if (options.has("folder")) return std::filesystem::path(options.get("folder"));
  std::optional<std::string> given;
  if (options.has("state")) given = options.get("state");
  GARITA_TRY_ASSIGN(state, base::find_state_folder(given));
  return state / "audit";
}

int verify(const Terminal& terminal, const Options& options, const std::filesystem::path& folder) {
  std::vector<trust::Envelope> kept;
  for (const std::string& path : options.all("checkpoint")) {
    auto read = trust::read_envelope(path);
    if (!read.ok()) return fail(terminal, read.error());
    kept.push_back(std::move(*read));
  }
  std::optional<trust::Root> root;
  exchange::Witnesses witnesses{nullptr, options.all("witness")};
  if (!witnesses.roles.empty()) {
    auto given = options.required("root");
    if (!given) return fail(terminal, given.error());
    auto envelope = trust::read_envelope(*given);
    if (!envelope.ok()) return fail(terminal, envelope.error());
    auto parsed = trust::parse_root(*envelope);
    if (!parsed.ok()) return fail(terminal, parsed.error());
    root = std::move(*parsed);
    witnesses.root = &*root;
  }
  const auto report = exchange::verify_audit(folder, kept, witnesses);
  if (terminal.json) {
    Json faults = Json::array();
    for (const base::Error& fault : report.faults)
      faults.push_back({{"id", fault.id}, {"text", base::render(fault, terminal.language)}});
    terminal.out << dump({{"segments", report.segments},
                          {"entries", report.entries},
                          {"torn_bytes", report.torn_bytes},
                          {"checkpoints", report.checkpoints},
                          {"proved_entries", report.proved_entries},
                          {"faults", faults}})
                 << '\n';
  } else {
    terminal.out << terminal.text("cli.audit_summary", {{"entries", std::to_string(report.entries)},
                                                        {"segments", std::to_string(report.segments)},
                                                        {"checkpoints", std::to_string(report.checkpoints)},
                                                        {"proved", std::to_string(report.proved_entries)}})
                 << '\n';
    if (report.torn_bytes != 0)
      terminal.out << terminal.text("cli.audit_torn", {{"bytes", std::to_string(report.torn_bytes)}}) << '\n';
    for (const base::Error& fault : report.faults)
      terminal.err << "garita: " << base::render(fault, terminal.language) << '\n';
  }
  return report.faults.empty() ? 0 : 1;
}

int export_entries(const Terminal& terminal, const Options& options, const std::filesystem::path& folder) {
  const auto told =
      exchange::export_audit(folder, options.get("kind"), [&](std::string_view line) -> Result<void> {
        terminal.out << line << '\n';
        return {};
      });
  return told.ok() ? 0 : fail(terminal, told.error());
}

Result<void> write_envelope(const trust::Envelope& envelope, const std::string& path) {
  return base::write_file(path, trust::to_json(envelope) + "\n");
}

Result<void> make_checkpoint(const Options& options, const std::filesystem::path& folder) {
  GARITA_TRY_ASSIGN(site, options.required("site"));
  GARITA_TRY_ASSIGN(out, options.required("out"));
  GARITA_TRY_ASSIGN(key_path, options.required("key"));
  GARITA_TRY_ASSIGN(key, base::SigningKey::load(key_path));
  GARITA_TRY_ASSIGN(checkpoint, exchange::make_checkpoint(
                                    folder, site, base::system_clock().utc_ns() / second_ns * second_ns));
  trust::Envelope envelope = to_envelope(checkpoint);
  GARITA_TRY(trust::add_signature(envelope, key));
  return write_envelope(envelope, out);
}

Result<void> cosign(const Options& options, const std::filesystem::path& folder) {
  GARITA_TRY_ASSIGN(out, options.required("out"));
  GARITA_TRY_ASSIGN(key_path, options.required("key"));
  GARITA_TRY_ASSIGN(key, base::SigningKey::load(key_path));
  GARITA_TRY_ASSIGN(envelope, trust::read_envelope(out));
  std::optional<exchange::Checkpoint> seen;
  if (options.has("seen")) {
    GARITA_TRY_ASSIGN(before, trust::read_envelope(options.get("seen")));
    GARITA_TRY_ASSIGN(parsed, exchange::parse_checkpoint(before));
    seen = parsed;
  }
  GARITA_TRY(exchange::cosign(envelope, folder, seen ? &*seen : nullptr, key));
  return write_envelope(envelope, out);
}

}  // namespace

int audit_command(const Terminal& terminal, const Arguments& arguments) {
  Options options(terminal, "audit");
  options.positional("action", "verify|export|checkpoint|cosign")
      .value("state", "FOLDER")
      .value("folder", "DIR");
  options.list("checkpoint", "FILE").list("witness", "ROLE").value("root", "FILE").value("kind", "KIND");
  options.value("site", "NAME").value("key", "FILE").value("out", "FILE").value("seen", "FILE");
  auto parsed = options.parse(arguments);
  if (!parsed) return fail(terminal, parsed.error());
  if (!*parsed) return 0;
  const auto folder = folder_of(options);
  if (!folder.ok()) return fail(terminal, folder.error());
  const std::string action = options.get("action");
  if (action == "verify") return verify(terminal, options, *folder);
  if (action == "export") return export_entries(terminal, options, *folder);
  const bool known = action == "checkpoint" || action == "cosign";
  if (!known) return fail(terminal, usage_error("cli.audit_usage", {}));
  const auto done = action == "checkpoint" ? make_checkpoint(options, *folder) : cosign(options, *folder);
  return done.ok() ? 0 : fail(terminal, done.error());
}

}  // namespace garita::cli
