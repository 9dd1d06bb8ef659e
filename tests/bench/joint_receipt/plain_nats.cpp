#include "tests/bench/joint_receipt/plain_nats.hpp"

#include <nats/nats.h>

#include <algorithm>

namespace garita::bench {
namespace {

constexpr size_t message_bytes = 512u << 10;

void need(natsStatus status) {
  if (status != NATS_OK) give_up(std::string("plain nats: ") + natsStatus_GetText(status));
}

}  // namespace

struct PlainNats::State {
  natsConnection* connection = nullptr;
  jsCtx* stream = nullptr;

  ~State() {
    jsCtx_Destroy(stream);
    natsConnection_Destroy(connection);
  }
};

PlainNats::PlainNats(const std::string& url) : state_(std::make_unique<State>()) {
  need(natsConnection_ConnectTo(&state_->connection, url.c_str()));
  jsOptions options;
  need(jsOptions_Init(&options));
  options.PublishAsync.MaxPending = 32;
  need(natsConnection_JetStream(&state_->stream, state_->connection, &options));
  jsStreamConfig config;
  need(jsStreamConfig_Init(&config));
  const char* subjects[] = {"plain"};
  config.Name = "plain";
  config.Subjects = subjects;
  config.SubjectsLen = 1;
  config.Storage = js_FileStorage;
  need(js_AddStream(nullptr, state_->stream, &config, nullptr, nullptr));
}

PlainNats::~PlainNats() = default;

void PlainNats::publish(const Contents& contents) {
  for (const std::string& bytes : contents.all())
    for (size_t at = 0; at < bytes.size(); at += message_bytes)
      need(js_PublishAsync(state_->stream, "plain", bytes.data() + at,
                           static_cast<int>(std::min(message_bytes, bytes.size() - at)), nullptr));
  need(js_PublishAsyncComplete(state_->stream, nullptr));
  need(js_PurgeStream(state_->stream, "plain", nullptr, nullptr));
}

}  // namespace garita::bench
