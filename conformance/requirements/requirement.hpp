// What a driver must do, as data: conformance/requirements/*.toml, read once.
//
// A requirement owns the faults that the host itself finds: `faults` names them by their text ids,
// "load.stride_short", "load.stride_short@STRIP" where the event says whose it is,
// "load.text_too_long@SCAN_BEGIN:key" where the field does. So the one rule of that requirement fails where
// such a fault is seen, and every other rule says that it was blocked.
#pragma once

#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "conformance/requirements/embedded.hpp"
#include "core/base/result.hpp"
#include "core/base/text.hpp"

namespace garita::conformance {

struct LocalText {
  std::string en, es;
  const std::string& in(base::Language language) const { return language == base::Language::es ? es : en; }
};

inline constexpr int max_level = 3;  // 1 loads and behaves; 2 tells the truth; 3 survives

struct Requirement {
  std::string id;                     // "GAR-IMG-015"
  bool must = true;                   // else SHOULD
  int level = 1;                      // 1 … max_level
  LocalText text, why, hint;          // hint: what to change where it fails
  std::string since;                  // the ABI version that has it
  std::vector<std::string> profiles;  // manifest profiles it holds for; "all": every driver
  std::string verified_by;            // "tool" or "lab"
  std::string place;                  // where the specification says it
  std::vector<std::string> faults;

  bool holds_for(std::span<const std::string> driver_profiles) const;
};

// One word that a manifest may declare under capabilities.
struct Capability {
  std::string word;
  LocalText text;
  bool plain = false;     // may be there without being declared: the ordinary case
  bool untested = false;  // the kit cannot see it yet
};

class Catalogue {
 public:
  // Errors: conform.bad_requirement {file, what}, Outcome::usage.
  static base::Result<Catalogue> parse(std::span<const EmbeddedFile> files);
  // The files of this folder; they were tested when the kit was built.
  static const Catalogue& built_in();

  std::span<const Requirement> requirements() const { return requirements_; }  // by id
  std::span<const Capability> capabilities() const { return capabilities_; }
  const Requirement* find(std::string_view id) const;  // nullptr: there is none
  const Capability* capability(std::string_view word) const;

  // Whose fault it is; nullptr: no requirement's, so the driver is not to blame. The closest match wins.
  const Requirement* owner_of(const base::Error& error) const;

 private:
  std::vector<Requirement> requirements_;
  std::vector<Capability> capabilities_;
};

}  // namespace garita::conformance
