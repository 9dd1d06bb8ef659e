// What may go to whom, and for what? Deny by default: what no line gives stays here.
//
//   schema = "garita.sharing/1"
//
//   [[rule]]
//   to = ["us.cbp"]                         # recipients, by the names that the exchange has for them
//   purpose = ["risk"]                      # and what they want it for; a pair stands in one rule only
//   classes = ["technical", "cargo"]        # redaction classes of the record (sdk/proto, options.proto)
//   give = ["conveyance.plates[].state"]    # fields beside those
//   withhold = ["documents.manifest"]        # fields of these; wins over both
//   names = true                            # the recipient is told what a withheld field is called
//   planes = "reduced"                      # "whole"; "reduced": no finer than one in `factor`; "withheld"
//   factor = 16                             # 4, 16, 64 or 256, of rows and of columns
//   attachments = ["scene"]                 # scene, plate, original, report
//   calibrations = true
//   raw = true                              # what the detector delivered
//   recordings = true                       # the bytes off the wire
//
// Some parts hold what others are there to withhold: raw planes show the whole plane, a picture of the scene
// shows the plate, and an original file, a recording or an unverified value may hold anything. A rule that
// gives one and withholds the other is refused when it is read.
#pragma once

#include <cstdint>
#include <map>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "core/exchange/policy/policy_file.hpp"
#include "garita/v1/options.pb.h"

namespace garita::exchange {

inline constexpr std::string_view sharing_schema = "garita.sharing/1";

enum class PlaneShare : uint8_t { withheld, reduced, whole };

// Why something goes or stays; "exchange.why_" + word_of() is its sentence.
enum class Why : uint8_t {
  listed,         // the line names it or its class
  field_given,    // by `give`
  field_held,     // by `withhold`
  class_missing,  // the rule does not list its class
  part_missing,   // the rule does not list such parts
  unknown_field,  // a newer record's: nobody has said who may see it
  finer,          // an overview finer than the rule's factor
};
std::string_view word_of(Why why);

// line: of the policy file; of the rule where nothing in it speaks of the thing.
struct Decision {
  bool goes = false;
  uint32_t line = 0;
  Why why = Why::class_missing;
};

struct SharingRule {
  uint32_t line = 0;
  Words to, purpose;
  std::map<v1::Redaction, uint32_t> classes;  // by line, as below
  Words give, withhold;
  bool names = false;
  PlaneShare planes = PlaneShare::withheld;
  uint32_t planes_line = 0, factor = 0;
  std::map<uint32_t, uint32_t> attachments;  // GARITA_ATTACHMENT_*
  std::optional<uint32_t> calibrations, raw, recordings;

  // Of a field of the record, by its path.
  Decision field(std::string_view path) const;
  // level: of an overview (4^level rows and columns in one); 0: the plane itself.
  Decision plane(uint32_t level) const;
  Decision raw_plane() const { return part(raw); }
  Decision calibration() const { return part(calibrations); }
  Decision attachment(uint32_t role) const;

 private:
  Decision part(const std::optional<uint32_t>& given) const;
};

struct SharingPolicy {
  std::string path;
  std::vector<SharingRule> rules;

  // nullptr: nothing goes to them for that.
  const SharingRule* find(std::string_view to, std::string_view purpose) const;
};

struct ReadSharing {
  SharingPolicy policy;
  std::vector<base::Error>
      problems;  // exchange.policy_*, each with {path, line}; a policy with one is not used
};
// `path` names it in errors. Any text, however hostile; any thread.
ReadSharing parse_sharing(std::string_view toml, const std::string& path);
// The first problem is the error.
base::Result<SharingPolicy> load_sharing(const std::string& path);

// Does a pattern of the policy ("conveyance.plates[]", a field or what holds it) speak of this path?
bool covers(std::string_view pattern, std::string_view path);

}  // namespace garita::exchange
