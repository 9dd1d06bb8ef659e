// replay:FILE: a stream of a recording. What the driver writes goes nowhere.
#include <utility>

#include "core/broker/player.hpp"
#include "core/broker/stream.hpp"

namespace garita::broker {
namespace {

class ReplayStream final : public Stream {
 public:
  ReplayStream(std::shared_ptr<Player> player, std::shared_ptr<Channel> channel)
      : player_(std::move(player)), channel_(std::move(channel)),
        recorded_(channel_->grant().stream.empty() ? channel_->name() : channel_->grant().stream) {}

  StreamInfo info() const override {
    const auto* stream = player_->stream(recorded_);
    return stream ? StreamInfo{stream->kind, stream->max_datagram_bytes} : StreamInfo{};
  }

  void start() override { player_->attach(recorded_, channel_.get()); }
  void resume() override {}
  void stop() override { player_->detach(channel_.get()); }

  Answer send(std::span<const std::byte> data, size_t& taken) override {
    taken = data.size();
    return {};
  }

 private:
  const std::shared_ptr<Player> player_;
  const std::shared_ptr<Channel> channel_;
  const std::string recorded_;
};

}  // namespace

std::shared_ptr<Stream> make_replay_stream(std::shared_ptr<Player> player, std::shared_ptr<Channel> channel) {
  return std::make_shared<ReplayStream>(std::move(player), std::move(channel));
}

}  // namespace garita::broker
