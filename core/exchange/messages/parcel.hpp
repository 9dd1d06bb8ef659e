// What is sealed: a package on its way, or an answer about one. Only its recipient reads it, and what it
// reads is outside data.
//
//   16 bytes  "garita.parcel/1\n"
//   u32       size of the head (little endian), at most 4096
//   …         head, a ParcelHead (answer.proto)
//   …         a package, or an Answer
#pragma once

#include <array>
#include <string>
#include <variant>

#include "core/base/bytes.hpp"
#include "core/base/digest.hpp"
#include "core/base/result.hpp"

namespace garita::exchange {

inline constexpr size_t max_parcel_head_bytes = 4096;
inline constexpr size_t max_answer_bytes = 16u << 10;
inline constexpr size_t max_reason_bytes =
    40;  // a word of a-z, 0-9 and '_'; its sentence is exchange.reason_WORD
inline constexpr size_t max_note_bytes = 2'000;
inline constexpr size_t max_identifier_bytes = 64;

enum class ParcelKind : int { overview = 1, inspection = 2, answer = 3 };  // the numbers travel

struct Parcel {
  ParcelKind kind = ParcelKind::inspection;
  base::Digest inspection{};  // root of the package as it was signed
  int64_t made_utc_ns = 0;
  base::Bytes payload = {};  // borrowed
};

// All that stands before the payload.
std::string write_parcel_head(const Parcel& parcel);
// "exchange.parcel_malformed" {what}.
base::Result<Parcel> read_parcel(base::Bytes bytes);

// ---- Answers. Texts are UTF-8, cut to their limits when written, refused beyond them when read.

enum class DecisionVerdict : int { release = 1, hold = 2, inspect = 3 };
enum class Wish : int { look = 1, full_image = 2, raw_data = 3, scan_again = 4 };
using RequestId = std::array<uint8_t, 16>;

struct OfficerDecision {
  DecisionVerdict verdict = DecisionVerdict::hold;
  std::string reason, note;
};
// "Please look at container X", "please send the full image".
struct Request {
  RequestId id{};
  Wish wish = Wish::look;
  std::string identifier;  // a container or a plate
  std::string reason, note;
};
struct Reply {
  RequestId request{};
  bool granted = false;
  std::string reason, note;
};
// By the inbound policy.
struct Refusal {
  bool quarantined = false;
  std::string reason;
};

struct Answer {
  base::Digest inspection{};
  std::variant<OfficerDecision, Request, Reply, Refusal> what;
};

std::string write_answer(const Answer& answer);
base::Result<Answer> read_answer(base::Bytes bytes);  // "exchange.parcel_malformed" {what}

}  // namespace garita::exchange
