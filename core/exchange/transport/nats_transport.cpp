#include "core/exchange/transport/nats_transport.hpp"

#include <algorithm>
#include <chrono>
#include <thread>

#include "core/base/ids.hpp"
#include "core/base/random.hpp"
#include "core/exchange/transport/nats_names.hpp"
#include "core/exchange/transport/nats_pull.hpp"

namespace garita::exchange {
namespace {

base::Error setup_error(natsStatus status) {
  return {base::Outcome::not_loaded, "exchange.nats_setup", {{"reason", natsStatus_GetText(status)}}};
}

natsStatus set_up(natsOptions* to, const NatsOptions& from) {
  natsStatus status = natsOptions_SetURL(to, from.url.c_str());
  if (status == NATS_OK) status = natsOptions_SetName(to, ("garita " + from.own).c_str());
  if (status == NATS_OK) status = natsOptions_SetCustomInboxPrefix(to, nats_inbox(from.own).c_str());
  if (status == NATS_OK) status = natsOptions_SetTimeout(to, from.patience_ms);
  if (status == NATS_OK) status = natsOptions_SetMaxReconnect(to, -1);
  if (status == NATS_OK) status = natsOptions_SetReconnectWait(to, 200);
  if (status == NATS_OK)
    status = natsOptions_SetReconnectBufSize(to, 1);  // while it is away nothing is taken
  if (status == NATS_OK) status = natsOptions_SetRetryOnFailedConnect(to, true, nullptr, nullptr);
  if (status == NATS_OK && !from.credentials_file.empty())
    status = natsOptions_SetUserCredentialsFromFiles(to, from.credentials_file.c_str(), nullptr);
  if (status == NATS_OK && !from.ca_file.empty())
    status = natsOptions_LoadCATrustedCertificates(to, from.ca_file.c_str());
  if (status == NATS_OK && !from.certificate_file.empty())
    status = natsOptions_LoadCertificatesChain(to, from.certificate_file.c_str(), from.key_file.c_str());
  return status;
}

}  // namespace

struct NatsTransport::State {
  NatsOptions options;
  std::string life;  // of this program, for the ids of what is sent again
  ServerConnection connection{};
  JetStream stream{};
  std::optional<NatsPull> in{};
  std::optional<base::Error> refused_out{}, refused_in{};  // by the server, the last time that it was asked
  ServerMessage current{};

  bool connected() const { return natsConnection_Status(connection.get()) == NATS_CONN_STATUS_CONNECTED; }
  jsOptions patience() const {
    jsOptions wait;
    jsOptions_Init(&wait);
    wait.Wait = options.patience_ms;
    if (!options.domain.empty()) wait.Domain = options.domain.c_str();
    return wait;
  }
  base::Error refusal(const std::string& from, const std::string& to, natsStatus status) const;
  bool has_own_stream();
  bool has_consumer();
};

NatsTransport::NatsTransport(std::unique_ptr<State> state) : state_(std::move(state)) {}
NatsTransport::~NatsTransport() = default;

base::Result<std::unique_ptr<NatsTransport>> NatsTransport::open(const NatsOptions& options) {
  std::array<uint8_t, 8> life{};
  GARITA_TRY(base::system_random().fill(life));
  std::unique_ptr<State> state(new State{.options = options, .life = base::to_hex(life)});
  natsOptions* made = nullptr;
  if (const natsStatus status = natsOptions_Create(&made); status != NATS_OK) return setup_error(status);
  const ServerOptions set(made);
  if (const natsStatus status = set_up(made, options); status != NATS_OK) return setup_error(status);
  natsConnection* connection = nullptr;
  const natsStatus connecting = natsConnection_Connect(&connection, made);
  if (connecting != NATS_OK && connecting != NATS_NOT_YET_CONNECTED) return setup_error(connecting);
  state->connection.reset(connection);
  jsCtx* stream = nullptr;
  jsOptions wait = state->patience();
  if (const natsStatus status = natsConnection_JetStream(&stream, connection, &wait); status != NATS_OK)
    return setup_error(status);
  state->stream.reset(stream);
  return std::unique_ptr<NatsTransport>(new NatsTransport(std::move(state)));
}

uint64_t NatsTransport::generation() const {
  natsStatistics* counts = nullptr;
  uint64_t reconnects = 0;
  if (natsStatistics_Create(&counts) != NATS_OK) return 0;
  if (natsConnection_GetStats(state_->connection.get(), counts) == NATS_OK)
    natsStatistics_GetCounts(counts, nullptr, nullptr, nullptr, nullptr, &reconnects);
  natsStatistics_Destroy(counts);
  return reconnects;
}

std::optional<base::Error> NatsTransport::trouble() const {
  if (!state_->connected())
    return base::Error{base::Outcome::incomplete, "exchange.nats_away", {{"url", state_->options.url}}, 0};
  return state_->refused_out ? state_->refused_out : state_->refused_in;
}

base::Error NatsTransport::State::refusal(const std::string& from, const std::string& to,
                                          natsStatus status) const {
  const char* said = nats_GetLastError(nullptr);
  const std::string reason = said && *said ? said : natsStatus_GetText(status);
  return {base::Outcome::incomplete,
          "exchange.nats_refused",
          {{"stream", nats_stream(from, to)}, {"reason", reason}},
          0};
}

// Of what comes here. Of what goes from here it is the peer's, perhaps in an account where we may say things
// and ask nothing.
bool NatsTransport::State::has_own_stream() {
  const std::string name = nats_stream(options.peer, options.own),
                    subjects = nats_subjects(options.peer, options.own) + ".>";
  jsStreamInfo* info = nullptr;
  jsOptions wait = patience();
  jsErrCode error{};
  natsStatus status = js_GetStreamInfo(&info, stream.get(), name.c_str(), &wait, &error);
  if (status == NATS_NOT_FOUND) {
    jsStreamConfig config;
    jsStreamConfig_Init(&config);
    const char* subject = subjects.c_str();
    config.Name = name.c_str();
    config.Subjects = &subject;
    config.SubjectsLen = 1;
    config.Retention = js_WorkQueuePolicy;
    config.Discard = js_DiscardNew;
    config.Storage = js_FileStorage;
    config.Replicas = options.replicas;
    config.MaxBytes = static_cast<int64_t>(options.max_bytes);
    config.MaxMsgSize = static_cast<int32_t>(max_message_bytes);
    status = js_AddStream(&info, stream.get(), &config, &wait, &error);
  }
  jsStreamInfo_Destroy(info);
  refused_in = status == NATS_OK ? std::nullopt : std::optional(refusal(options.peer, options.own, status));
  return status == NATS_OK;
}

// ---- Sending

base::Result<bool> NatsTransport::send(const Outgoing& message) {
  State& state = *state_;
  if (!state.connected()) return false;
  const std::string subject =
      nats_subjects(state.options.own, state.options.peer) + "." + message.name[2 * sizeof(base::Digest) + 1];
  std::string id = message.name;
  if (message.again > 0) id += "." + state.life + "." + std::to_string(message.again);
  jsPubOptions publish;
  jsPubOptions_Init(&publish);
  publish.MsgId = id.c_str();
  publish.MaxWait = state.options.patience_ms;
  jsErrCode error{};
  const natsStatus status = js_Publish(nullptr, state.stream.get(), subject.c_str(), message.bytes.data(),
                                       static_cast<int>(message.bytes.size()), &publish, &error);
  state.refused_out.reset();
  if (status != NATS_OK) state.refused_out = state.refusal(state.options.own, state.options.peer, status);
  return status == NATS_OK;
}

// ---- Receiving

// Whose work queue it is: made once, with the name and the form of which there can be no other.
bool NatsTransport::State::has_consumer() {
  if (in) return true;
  if (!has_own_stream()) return false;
  const std::string name = nats_stream(options.peer, options.own);
  const std::string subjects = nats_subjects(options.peer, options.own) + ".>";
  jsConsumerConfig config;
  jsConsumerConfig_Init(&config);
  config.Durable = nats_consumer;
  config.FilterSubject = subjects.c_str();
  config.AckPolicy = js_AckExplicit;
  jsOptions wait = patience();
  jsErrCode error{};
  jsConsumerInfo* info = nullptr;
  natsStatus status = js_GetConsumerInfo(&info, stream.get(), name.c_str(), nats_consumer, &wait, &error);
  if (status == NATS_NOT_FOUND)
    status = js_AddConsumer(&info, stream.get(), name.c_str(), &config, &wait, &error);
  jsConsumerInfo_Destroy(info);
  refused_in = status == NATS_OK ? std::nullopt : std::optional(refusal(options.peer, options.own, status));
  if (status != NATS_OK) return false;
  in.emplace(connection.get(),
             NatsPull::Consumer{name, nats_consumer, options.domain, nats_inbox(options.own)});
  return true;
}

base::Result<std::optional<Incoming>> NatsTransport::receive(uint32_t wait_ms) {
  State& state = *state_;
  const bool is_gone = state.in && state.in->gone();
  if (is_gone) state.in.reset();  // made anew at the next look
  if (is_gone || !state.connected() || !state.has_consumer()) {
    std::this_thread::sleep_for(std::chrono::milliseconds(std::min<uint32_t>(wait_ms, 100)));
    return std::optional<Incoming>();
  }
  state.current = state.in->next(wait_ms, generation());
  const natsMsg* message = state.current.get();
  if (!message) return std::optional<Incoming>();
  return std::optional(Incoming{
      std::string(natsMsg_GetData(message), static_cast<size_t>(natsMsg_GetDataLength(message))), {}});
}

// Taken off the server in any case: what is not whole here is asked for at its sender.
void NatsTransport::handled(const Incoming&, bool) {
  if (state_->current) state_->in->acknowledge(*state_->current);
  state_->current.reset();
}

}  // namespace garita::exchange
