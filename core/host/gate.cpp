#include "core/host/gate.hpp"

#include <algorithm>
#include <nlohmann/json.hpp>
#include <utility>

#include "core/base/text.hpp"
#include "core/host/evidence.hpp"
#include "core/trust/store.hpp"

namespace garita::host {
namespace {

std::string summary_of(const base::Result<trust::Admission>& answer) {
  if (!answer) return base::render(answer.error(), base::Language::en);
  return base::to_text(answer->certificate) + ' ' + std::to_string(answer->warnings.size());
}

}  // namespace

trust::Candidate candidate_of(const load::Manifest& manifest, isolate::Box box) {
  trust::Candidate candidate;
  candidate.driver = manifest.id;
  candidate.abi = load::abi_text(std::min<uint32_t>(manifest.abi_max, GARITA_ABI_LATEST));
  candidate.box = static_cast<unsigned>(box);
  // The manifest last: where a file changed with it, the file is what a person wants to hear of.
  candidate.files = {{manifest.driver.path, manifest.driver.sha256}};
  for (const load::PackageFile& file : manifest.files) candidate.files.push_back({file.path, file.sha256});
  candidate.files.push_back({manifest.name + std::string(load::manifest_suffix), manifest.sha256});
  return candidate;
}

Gate::Gate(trust::Policy policy, std::filesystem::path state, const load::Manifest& manifest, bool unboxed,
           const base::Clock& clock)
    : policy_(std::move(policy)),
      state_(std::move(state)),
      manifest_(manifest),
      unboxed_(unboxed),
      clock_(clock) {}

base::Result<std::vector<base::Error>> Gate::admit(isolate::Box box) {
  admission_.reset();
  auto answer = ask(box);
  // A device that is away is opened again and again: an answer is told where it is another than before.
  const std::string before = std::exchange(told_, summary_of(answer));
  const bool is_new = told_ != before;
  if (is_new && !policy_.open) {
    const auto written = write_down(box, answer);
    if (answer && !written) {  // what cannot be written down is not done
      told_.clear();
      return written.error();
    }
  }
  if (!answer) return std::move(answer).error();
  admission_ = std::make_shared<const trust::Admission>(std::move(*answer));
  return is_new ? admission_->warnings : std::vector<base::Error>();
}

base::Result<trust::Admission> Gate::ask(isolate::Box box) const {
  if (policy_.open) return trust::Admission{.open = true};
  if (unboxed_)
    return base::Error{base::Outcome::not_loaded, "trust.unboxed", {{"driver", manifest_.name}}, 0};
  GARITA_TRY_ASSIGN(store, trust::Store::open(state_ / "trust"));
  return trust::admit(policy_, candidate_of(manifest_, box), store.documents(), clock_.utc_ns());
}

base::Result<void> Gate::write_down(isolate::Box box, const base::Result<trust::Admission>& answer) const {
  nlohmann::json line = {{"driver", manifest_.id},
                         {"driver_sha256", base::to_text(manifest_.driver.sha256)},
                         {"box", isolate::name_of(box)},
                         {"utc", base::format_utc(clock_.utc_ns())}};
  if (answer) {
    line["certificate"] = base::to_text(answer->certificate);
    line["level"] = answer->content->level;
    line["profile"] = answer->content->profile;
  } else {
    line["id"] = answer.error().id;
    line["reason"] = base::render(answer.error(), base::Language::en);
  }
  return append_audit(state_, answer ? "trust.admitted" : "trust.refused",
                      line.dump(-1, ' ', false, nlohmann::json::error_handler_t::replace));
}

}  // namespace garita::host
