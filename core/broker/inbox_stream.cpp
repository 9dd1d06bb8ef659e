// dir:PATH as a stream: open while the folder is there. The objects come from Inbox, on the driver's thread.
#include <filesystem>
#include <utility>

#include "core/broker/stream.hpp"

namespace garita::broker {
namespace {

class InboxStream final : public Stream {
 public:
  explicit InboxStream(std::shared_ptr<Channel> channel) : channel_(std::move(channel)) {}

  StreamInfo info() const override { return {GARITA_STREAM_OBJECTS, 0}; }

  void start() override {
    std::error_code error;
    const std::filesystem::directory_iterator entries(channel_->address().path, error);
    if (!error) return channel_->opened();
    channel_->open_failed({base::Outcome::usage,
                           "broker.inbox_folder",
                           {{"folder", channel_->address().path}, {"reason", error.message()}},
                           GARITA_NOT_CONFIGURED});
  }
  void resume() override {}
  void stop() override {}

  Answer send(std::span<const std::byte>, size_t& taken) override {
    taken = 0;
    return {GARITA_NOT_SUPPORTED, channel_->error("broker.read_only", GARITA_NOT_SUPPORTED)};
  }

 private:
  std::shared_ptr<Channel> channel_;
};

}  // namespace

std::shared_ptr<Stream> make_inbox_stream(boost::asio::io_context&, std::shared_ptr<Channel> channel, Addresses) {
  return std::make_shared<InboxStream>(std::move(channel));
}

}  // namespace garita::broker
