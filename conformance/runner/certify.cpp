#include "conformance/runner/certify.hpp"

#include <boost/program_options.hpp>

#include "conformance/runner/command_line.hpp"
#include "conformance/runner/verify.hpp"
#include "core/base/clock.hpp"
#include "core/base/ids.hpp"
#include "core/trust/store.hpp"

namespace garita::conformance {
namespace {

namespace po = boost::program_options;

constexpr uint64_t max_sbom_bytes = 64u << 20;
constexpr int64_t second_ns = 1'000'000'000;

struct Options {
  CertifyRequest request;
  std::string sbom, out;
  std::vector<std::string> witnesses, labs;
  bool help = false;
};

po::options_description options_of(const Terminal& terminal, Options& own) {
  po::options_description all;
  const auto add = [&](const char* name, const char* id, const po::value_semantic* value) {
    all.add_options()(name, value, terminal.text(std::string("conform.option_") + id).c_str());
  };
  CertifyRequest& request = own.request;
  add("file", "bundle", po::value(&request.bundle)->value_name("FILE"));
  add("out", "certify_out", po::value(&own.out)->value_name("FILE"));
  add("device", "certify_device", po::value(&request.devices)->value_name("MODEL=FIRMWARE,…")->composing());
  add("profile", "profile", po::value(&request.profile)->value_name("NAME"));
  add("level", "level", po::value(&request.level)->value_name("1-3"));
  add("simulated", "certify_simulated", po::bool_switch(&request.simulated_device));
  add("witness", "certify_witness", po::value(&own.witnesses)->value_name("FILE")->composing());
  add("lab", "certify_lab", po::value(&own.labs)->value_name("KEY.pub")->composing());
  add("sbom", "certify_sbom", po::value(&own.sbom)->value_name("FILE"));
  add("days", "certify_days", po::value(&request.days)->value_name("N"));
  add("suite-days", "certify_suite_days", po::value(&request.suite_days)->value_name("N"));
  add("help,h", "help", po::bool_switch(&own.help));
  return all;
}

base::Result<Options> parse(const Terminal& terminal, const std::vector<std::string>& arguments) {
  Options own;
  const po::options_description all = options_of(terminal, own);
  GARITA_TRY(parse_command_line(all, arguments, "file"));
  if (own.help) {
    terminal.out << terminal.text("conform.certify_about") << "\n\ngarita-conform certify\n" << all;
    return own;
  }
  CertifyRequest& request = own.request;
  if (request.bundle.empty()) return bad_option("FILE");
  if (own.out.empty()) return bad_option("--out");
  if (request.level < 0 || request.level > max_level) return bad_option("--level");
  if (request.days < 1 || request.days > 3660) return bad_option("--days");
  if (request.suite_days < 1 || request.suite_days > 3660) return bad_option("--suite-days");
  if (own.witnesses.size() != own.labs.size() && own.labs.size() != 1 && !own.witnesses.empty())
    return bad_option("--lab");
  return own;
}

base::Result<base::PublicKey> read_key(const std::string& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, 4096));
  while (!text.empty() && text.back() == '\n') text.pop_back();
  const auto der = base::from_base64(text);
  if (!der) return base::Error{base::Outcome::no, "trust.field", {{"what", path}, {"field", "key"}}, 0};
  return base::PublicKey::from_der(*der);
}

// Whether the run held the driver against that recording, of that object; else the lab's word is about
// something else.
bool is_about(const trust::Witness& witness, const Bundle& bundle) {
  const auto text = [](const nlohmann::json& of, const char* key) {
    const bool is_there = of.is_object() && of.contains(key) && of[key].is_string();
    return is_there ? of[key].get<std::string>() : std::string();
  };
  const auto& began = bundle.events.front();
  if (!began.contains("truth") || text(began["truth"], "object_sha256") != base::to_text(witness.object))
    return false;
  for (const auto& input : bundle.head["inputs"])
    if (text(input, "name").starts_with(object_folder) &&
        text(input, "sha256") == base::to_text(witness.recording))
      return true;
  return false;
}

base::Result<void> read_witnesses(const Options& options, const Bundle& bundle, CertifyRequest& request) {
  for (size_t i = 0; i < options.witnesses.size(); ++i) {
    GARITA_TRY_ASSIGN(lab, read_key(options.labs[options.labs.size() == 1 ? 0 : i]));
    GARITA_TRY_ASSIGN(envelope, trust::read_envelope(options.witnesses[i]));
    GARITA_TRY_ASSIGN(witness, trust::verify_witness(envelope, lab));
    if (!is_about(witness, bundle))
      return base::Error{base::Outcome::no,
                         "conform.certify_other_recording",
                         {{"what", options.witnesses[i]}, {"path", request.bundle}},
                         0};
    request.recordings.push_back({witness.recording, witness.object, lab.key_id()});
    request.devices.push_back(witness.model + "=" + witness.firmware);
  }
  return {};
}

// The vendor's own; only that it is one is looked at.
base::Result<base::Digest> read_sbom(const std::string& path) {
  GARITA_TRY_ASSIGN(text, base::read_text_file(path, max_sbom_bytes));
  const auto json = nlohmann::json::parse(text, nullptr, false);
  if (json.is_object() && json.contains("bomFormat") && json["bomFormat"] == "CycloneDX")
    return base::sha256(text);
  return base::Error{base::Outcome::no, "conform.certify_sbom", {{"path", path}}, 0};
}

base::Result<base::Digest> digest_of(const std::string& path) {
  GARITA_TRY_ASSIGN(file, base::real_file_system().open(path));
  base::Sha256 hash;
  std::vector<std::byte> buffer(1u << 20);
  for (uint64_t at = 0;;) {
    GARITA_TRY_ASSIGN(count, file->read_some(at, buffer));
    if (count == 0) return hash.finish();
    hash.update(std::span(buffer).first(count));
    at += count;
  }
}

base::Result<trust::Envelope> make(Options& options) {
  CertifyRequest& request = options.request;
  GARITA_TRY_ASSIGN(evidence, digest_of(request.bundle));
  GARITA_TRY_ASSIGN(bundle, read_bundle(request.bundle));
  GARITA_TRY_ASSIGN(verified, judge_again(bundle, request.bundle));
  if (!verified.differences.empty()) return verified.differences.front();
  GARITA_TRY(read_witnesses(options, bundle, request));
  if (!options.sbom.empty()) {
    GARITA_TRY_ASSIGN(sbom, read_sbom(options.sbom));
    request.sbom = sbom;
  }
  request.issued_ns = base::system_clock().utc_ns() / second_ns * second_ns;
  GARITA_TRY_ASSIGN(certificate, make_certificate(bundle, evidence, request));
  trust::Envelope envelope = to_envelope(certificate);
  envelope.what = options.out;
  if (const auto read = trust::parse_certificate(envelope); !read) return read.error();
  GARITA_TRY_ASSIGN(file, base::AtomicFile::create(options.out));
  GARITA_TRY(file.append(trust::to_json(envelope)));
  GARITA_TRY(file.commit_new());
  return envelope;
}

}  // namespace

int certify(const Terminal& terminal, const std::vector<std::string>& arguments) {
  auto options = parse(terminal, arguments);
  if (!options) return fail(terminal, options.error());
  if (options->help) return 0;
  const auto envelope = make(*options);
  if (!envelope) return fail(terminal, envelope.error());
  terminal.out << terminal.text("conform.certify_done",
                                {{"path", options->out}, {"digest", base::to_text(envelope->id())}})
               << std::endl;
  return 0;
}

}  // namespace garita::conformance
