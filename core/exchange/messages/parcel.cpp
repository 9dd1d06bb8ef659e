#include "core/exchange/messages/parcel.hpp"

#include <algorithm>

#include "core/base/utf8.hpp"
#include "core/exchange/messages/fixed_bytes.hpp"
#include "garita/wire/answer.pb.h"

namespace garita::exchange {
namespace {

constexpr std::string_view magic = "garita.parcel/1\n";
constexpr size_t size_bytes = 4;

base::Error malformed_parcel(const char* what) {
  return {base::Outcome::no, "exchange.parcel_malformed", {{"what", what}}};
}

bool is_reason_word(std::string_view word) {
  return word.size() <= max_reason_bytes && std::all_of(word.begin(), word.end(), [](char c) {
           return (c >= 'a' && c <= 'z') || (c >= '0' && c <= '9') || c == '_';
         });
}

// protobuf has checked the UTF-8.
bool is_text(std::string_view text, size_t max_bytes) { return text.size() <= max_bytes; }
std::string cut(std::string_view text, size_t max_bytes) {
  return std::string(base::cut_at_code_point(text, max_bytes));
}

// ---- Reading, one function an answer

using What = decltype(Answer::what);

base::Result<What> read(const wire::Decision& from) {
  if (!wire::Decision::Verdict_IsValid(from.verdict()) || from.verdict() == 0)
    return malformed_parcel("verdict");
  if (!is_reason_word(from.reason())) return malformed_parcel("reason");
  if (!is_text(from.note(), max_note_bytes)) return malformed_parcel("note");
  return What(OfficerDecision{static_cast<DecisionVerdict>(from.verdict()), from.reason(), from.note()});
}

base::Result<What> read(const wire::Request& from) {
  Request request{.identifier = from.identifier(), .reason = from.reason(), .note = from.note()};
  if (!copy(from.id(), request.id)) return malformed_parcel("id");
  if (!wire::Request::Wish_IsValid(from.wish()) || from.wish() == 0) return malformed_parcel("wish");
  if (!is_text(from.identifier(), max_identifier_bytes)) return malformed_parcel("identifier");
  if (!is_reason_word(from.reason())) return malformed_parcel("reason");
  if (!is_text(from.note(), max_note_bytes)) return malformed_parcel("note");
  request.wish = static_cast<Wish>(from.wish());
  return What(std::move(request));
}

base::Result<What> read(const wire::Reply& from) {
  Reply reply{.granted = from.granted(), .reason = from.reason(), .note = from.note()};
  if (!copy(from.request(), reply.request)) return malformed_parcel("request");
  if (!is_reason_word(from.reason())) return malformed_parcel("reason");
  if (!is_text(from.note(), max_note_bytes)) return malformed_parcel("note");
  return What(std::move(reply));
}

base::Result<What> read(const wire::Refusal& from) {
  if (!is_reason_word(from.reason())) return malformed_parcel("reason");
  return What(Refusal{from.quarantined(), from.reason()});
}

base::Result<What> read(const wire::Answer& from) {
  if (from.has_decision()) return read(from.decision());
  if (from.has_request()) return read(from.request());
  if (from.has_reply()) return read(from.reply());
  if (from.has_refusal()) return read(from.refusal());
  return malformed_parcel("answer");
}

// ---- Writing

void set(const OfficerDecision& from, wire::Answer& answer) {
  wire::Decision& decision = *answer.mutable_decision();
  decision.set_verdict(static_cast<wire::Decision::Verdict>(from.verdict));
  decision.set_reason(from.reason);
  decision.set_note(cut(from.note, max_note_bytes));
}

void set(const Request& from, wire::Answer& answer) {
  wire::Request& request = *answer.mutable_request();
  request.set_id(text_of(from.id));
  request.set_wish(static_cast<wire::Request::Wish>(from.wish));
  request.set_identifier(cut(from.identifier, max_identifier_bytes));
  request.set_reason(from.reason);
  request.set_note(cut(from.note, max_note_bytes));
}

void set(const Reply& from, wire::Answer& answer) {
  wire::Reply& reply = *answer.mutable_reply();
  reply.set_request(text_of(from.request));
  reply.set_granted(from.granted);
  reply.set_reason(from.reason);
  reply.set_note(cut(from.note, max_note_bytes));
}

void set(const Refusal& from, wire::Answer& answer) {
  answer.mutable_refusal()->set_quarantined(from.quarantined);
  answer.mutable_refusal()->set_reason(from.reason);
}

}  // namespace

std::string write_parcel_head(const Parcel& parcel) {
  wire::ParcelHead head;
  head.set_kind(static_cast<wire::ParcelHead::Kind>(parcel.kind));
  head.set_inspection(text_of(parcel.inspection));
  head.set_made_utc_ns(parcel.made_utc_ns);
  const std::string bytes = head.SerializeAsString();
  std::string out(magic);
  for (size_t i = 0; i < size_bytes; ++i) out += static_cast<char>(bytes.size() >> (8 * i) & 0xff);
  return out + bytes;
}

base::Result<Parcel> read_parcel(base::Bytes bytes) {
  const std::string_view text = bytes.text();
  if (!text.starts_with(magic) || text.size() < magic.size() + size_bytes) return malformed_parcel("form");
  size_t size = 0;
  for (size_t i = 0; i < size_bytes; ++i)
    size |= static_cast<size_t>(bytes.bytes()[magic.size() + i]) << (8 * i);
  const size_t from = magic.size() + size_bytes;
  if (size > max_parcel_head_bytes || size > text.size() - from) return malformed_parcel("head");
  wire::ParcelHead head;
  if (!head.ParseFromArray(text.data() + from, static_cast<int>(size))) return malformed_parcel("head");
  Parcel parcel{.made_utc_ns = head.made_utc_ns(), .payload = base::Bytes(text.substr(from + size))};
  if (!wire::ParcelHead::Kind_IsValid(head.kind()) || head.kind() == 0) return malformed_parcel("kind");
  if (!copy(head.inspection(), parcel.inspection)) return malformed_parcel("inspection");
  parcel.kind = static_cast<ParcelKind>(head.kind());
  if (parcel.kind == ParcelKind::answer && parcel.payload.size() > max_answer_bytes)
    return malformed_parcel("answer");
  return parcel;
}

std::string write_answer(const Answer& answer) {
  wire::Answer out;
  out.set_inspection(text_of(answer.inspection));
  std::visit([&](const auto& each) { set(each, out); }, answer.what);
  return out.SerializeAsString();
}

base::Result<Answer> read_answer(base::Bytes bytes) {
  wire::Answer from;
  if (bytes.size() > max_answer_bytes || !from.ParseFromArray(bytes.data(), static_cast<int>(bytes.size())))
    return malformed_parcel("answer");
  Answer answer;
  if (!copy(from.inspection(), answer.inspection)) return malformed_parcel("inspection");
  GARITA_TRY_ASSIGN(what, read(from));
  answer.what = std::move(what);
  return answer;
}

}  // namespace garita::exchange
