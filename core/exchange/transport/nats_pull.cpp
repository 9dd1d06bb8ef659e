#include "core/exchange/transport/nats_pull.hpp"

#include <algorithm>
#include <cstring>

namespace garita::exchange {
namespace {

constexpr int messages_a_question = 16;
constexpr int64_t question_ms = 10'000;
constexpr int64_t grace_ms = 2'000;  // for the answer that nothing came
constexpr int most_status_messages = 8;

std::string subject_of(const NatsPull::Consumer& of) {
  const std::string api = of.domain.empty() ? "$JS.API" : "$JS." + of.domain + ".API";
  return api + ".CONSUMER.MSG.NEXT." + of.stream + "." + of.name;
}

// The server's word about a question: that it has expired, or that nobody is there. Messages have a place for
// an acknowledgement.
bool is_status(natsMsg* message) {
  const char* reply = natsMsg_GetReply(message);
  return !reply || std::strncmp(reply, "$JS.ACK.", 8) != 0;
}

// Any word but that the question has expired without a message.
bool says_gone(natsMsg* message) {
  const char* status = nullptr;
  if (natsMsg_IsNoResponders(message)) return true;
  return natsMsgHeader_Get(message, "Status", &status) == NATS_OK && std::strcmp(status, "408") != 0;
}

}  // namespace

NatsPull::NatsPull(natsConnection* connection, Consumer consumer)
    : connection_(connection), subject_(subject_of(consumer)) {
  natsInbox* unique = nullptr;
  if (natsInbox_Create(&unique) != NATS_OK) return;
  const ServerInbox freed(unique);
  inbox_ = consumer.inbox + std::strrchr(unique, '.');
  natsSubscription* in = nullptr;
  if (natsConnection_SubscribeSync(&in, connection_, inbox_.c_str()) == NATS_OK) in_.reset(in);
}

bool NatsPull::ask() {
  if (outstanding_ > 0 && nats_Now() < expires_ms_) return true;
  const std::string question = "{\"batch\":" + std::to_string(messages_a_question) +
                               ",\"expires\":" + std::to_string(question_ms * 1'000'000) + "}";
  if (natsConnection_PublishRequestString(connection_, subject_.c_str(), inbox_.c_str(), question.c_str()) !=
      NATS_OK)
    return false;
  outstanding_ = messages_a_question;
  expires_ms_ = nats_Now() + question_ms + grace_ms;
  return true;
}

ServerMessage NatsPull::next(uint32_t wait_ms, uint64_t generation) {
  if (generation_ != generation) outstanding_ = 0;
  generation_ = generation;
  if (!in_ || !ask()) return nullptr;
  for (int i = 0; i < most_status_messages; ++i) {
    natsMsg* came = nullptr;
    if (natsSubscription_NextMsg(&came, in_.get(), std::max<int64_t>(wait_ms, 1)) != NATS_OK) return nullptr;
    ServerMessage message(came);
    if (!is_status(message.get())) {
      --outstanding_;
      return message;
    }
    outstanding_ = 0;
    gone_ |= says_gone(message.get());
    wait_ms = 0;
  }
  return nullptr;
}

void NatsPull::acknowledge(const natsMsg& message) {
  (void)natsConnection_PublishString(connection_, natsMsg_GetReply(&message), "+ACK");
}

}  // namespace garita::exchange
