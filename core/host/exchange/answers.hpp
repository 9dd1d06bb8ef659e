// What was said about inspections between this site and its peers: decisions, requests, replies, refusals.
//
//   FOLDER/answers/<utc ns, 19 digits>-<from|to>-PEER-<16 hex digits>.json     one each
//
//   {"utc", "peer", "direction": "from" | "to", "inspection": hex, "what": "decision" | "request" | "reply" |
//    "refusal", …: "verdict"; "id", "wish", "identifier"; "request", "granted"; "quarantined"; "reason",
//    "note"}
#pragma once

#include <filesystem>
#include <vector>

#include "core/exchange/messages/parcel.hpp"

namespace garita::host {

inline constexpr size_t max_listed_answers = 10'000;

struct NotedAnswer {
  int64_t utc_ns = 0;
  std::string peer;
  bool from_peer = false;
  exchange::Answer answer;
};

// Any thread.
class AnswerBook {
 public:
  explicit AnswerBook(std::filesystem::path folder) : folder_(std::move(folder)) {}

  // `name`: of what carried it; the same one again is noted once.
  base::Result<void> note(const NotedAnswer& answer, const base::Digest& name);
  // Oldest first, the last max_listed_answers; what cannot be read is left out.
  std::vector<NotedAnswer> list() const;
  // Requests of peers that no reply was sent to.
  std::vector<NotedAnswer> open_requests() const;

 private:
  std::filesystem::path folder_;
};

std::string to_json(const NotedAnswer& answer);

std::string_view word_of(exchange::DecisionVerdict verdict);  // "release", "hold", "inspect"
std::string_view word_of(exchange::Wish wish);  // "look", "full_image", "raw_data", "scan_again"
std::optional<exchange::DecisionVerdict> verdict_of(std::string_view word);
std::optional<exchange::Wish> wish_of(std::string_view word);

}  // namespace garita::host
