// Asks core/trust whether a driver may run, each time before its worker is started: of the documents that lie
// in the site's state folder at that moment, so that a revocation holds from the next start on. Each answer
// that is another than the one before is a line of the site's log (audit/audit.log), of the kinds
// trust.admitted and trust.refused:
//
//   {"driver", "driver_sha256", "box", "utc"} and {"certificate", "level", "profile"} or {"id", "reason"}
//
// The digests are the manifest's own and that of its text. The worker loads sealed copies that are held
// against the same digests, so what was asked about is what runs.
#pragma once

#include <filesystem>
#include <memory>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/isolate/wire/box.hpp"
#include "core/load/manifest.hpp"
#include "core/trust/admit.hpp"

namespace garita::host {

// The driver as core/trust sees it.
trust::Candidate candidate_of(const load::Manifest& manifest, isolate::Box box);

// One thread at a time.
class Gate {
 public:
  // unboxed: it would run inside the host, or from its file under a debugger; no certificate is good for
  // that. All references outlive it.
  Gate(trust::Policy policy, std::filesystem::path state, const load::Manifest& manifest, bool unboxed,
       const base::Clock& clock = base::system_clock());

  // What to tell a person nevertheless ("trust.status_stale"), or the refusal: trust.*, base.file_*.
  base::Result<std::vector<base::Error>> admit(isolate::Box box);

  // Of the last that was admitted; null: none yet.
  std::shared_ptr<const trust::Admission> admission() const { return admission_; }

 private:
  base::Result<trust::Admission> ask(isolate::Box box) const;
  base::Result<void> write_down(isolate::Box box, const base::Result<trust::Admission>& answer) const;

  const trust::Policy policy_;
  const std::filesystem::path state_;
  const load::Manifest& manifest_;
  const bool unboxed_;
  const base::Clock& clock_;
  std::string told_;  // the last answer, in short
  std::shared_ptr<const trust::Admission> admission_;
};

}  // namespace garita::host
