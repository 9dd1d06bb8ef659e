#include "conformance/rules/canary.hpp"

#include <fstream>
#include <nlohmann/json.hpp>

#include "conformance/rules/stand.hpp"
#include "core/isolate/box/policy.hpp"
#include "core/isolate/session.hpp"

namespace garita::conformance {
namespace {

using nlohmann::json;

constexpr uint64_t patience_ns = 10'000'000'000;

class BoxSeen final : public isolate::WorkerObserver {
 public:
  void crashed(const isolate::Crash& crash) override { box = isolate::name_of(crash.box); }
  std::string box;
};

class Tried final : public isolate::AttemptSink {
 public:
  // From the supervisor's thread; read when the session is gone.
  void attempted(const isolate::Attempt& attempt) override {
    if (all_.size() < most)
      all_.push_back({{"class", isolate::name_of(attempt.kind)},
                      {"call", attempt.call},
                      {"target", attempt.target},
                      {"decision", isolate::name_of(attempt.decision)}});
  }
  const json& all() const { return all_; }

 private:
  static constexpr size_t most = 16;
  json all_ = json::array();
};

base::Error fate_of(const load::Manifest& manifest, BoxSeen& seen, Tried& tried) {
  const Input nothing;
  auto configuration = host::grant_configuration(manifest, {});
  if (!configuration) return configuration.error();
  Stand stand(manifest, nothing, *configuration, {});
  isolate::WorkerOptions options;
  options.decoy = true;  // so that connect is reached, and says where to
  options.observer = &seen;
  options.attempts = &tried;
  const auto due_ns = [] { return base::system_clock().monotonic_ns() + patience_ns; };
  auto session = isolate::open_isolated(manifest, stand, "", "canary", due_ns(), options);
  if (!session) return session.error();
  const load::Next got = (*session)->next(due_ns());
  (void)(*session)->close(due_ns());
  return got.error;  // no id: nothing stopped it
}

}  // namespace

bool run_canary(const load::Manifest& manifest, const std::filesystem::path& report) {
  BoxSeen box;
  Tried tried;
  const base::Error seen = fate_of(manifest, box, tried);
  json fields = json::object();
  for (const base::Field& field : seen.fields) fields[field.name] = field.value;
  const json all = {{"box", box.box},
                    {"policy", base::to_text(isolate::Policy::built_in().digest())},
                    {"tried", tried.all()},
                    {"seen", {{"id", seen.id}, {"fields", fields}}}};
  std::ofstream file(report, std::ios::binary | std::ios::trunc);
  file << all.dump(-1, ' ', false, json::error_handler_t::replace) << '\n';
  return file.flush().good();
}

}  // namespace garita::conformance
