// file:PATH: the bytes of a regular file from its beginning, read-only, END behind the last.
#include <boost/asio/post.hpp>
#include <utility>

#include "core/base/file.hpp"
#include "core/broker/stream.hpp"

namespace garita::broker {
namespace {

namespace asio = boost::asio;

class FileStream final : public Stream, public std::enable_shared_from_this<FileStream> {
 public:
  FileStream(asio::io_context& io, std::shared_ptr<Channel> channel)
      : io_(io), channel_(std::move(channel)), buffer_(channel_->chunk_bytes()) {}

  void start() override {
    auto opened = base::real_file_system().open(channel_->address().path);
    if (!opened) {
      base::Error error = std::move(opened).error();
      error.status = GARITA_NOT_CONFIGURED;  // the site named a file that cannot be read
      return channel_->open_failed(std::move(error));
    }
    file_ = std::move(opened).value();
    channel_->opened();
    read_soon();
  }

  void resume() override {
    if (std::exchange(paused_, false)) read_soon();
  }

  void stop() override { file_.reset(); }

  Answer send(std::span<const std::byte>, size_t& taken) override {
    taken = 0;
    return {GARITA_NOT_SUPPORTED, channel_->error("broker.read_only", GARITA_NOT_SUPPORTED)};
  }

 private:
  // One chunk a turn: the other streams of the thread come in between.
  void read_soon() {
    asio::post(io_, [self = shared_from_this()] {
      if (self->file_) self->read();
    });
  }

  void read() {
    const auto size = file_->read_some(offset_, buffer_);
    if (!size) {
      base::Error error = size.error();
      error.status = GARITA_DEVICE_LOST;
      return channel_->ended(GARITA_DEVICE_LOST, std::move(error));
    }
    if (*size == 0) return channel_->ended(GARITA_END, {});
    offset_ += *size;
    paused_ = !channel_->arrived({buffer_.data(), *size});
    if (!paused_) read_soon();
  }

  asio::io_context& io_;
  std::shared_ptr<Channel> channel_;
  std::vector<std::byte> buffer_;
  std::unique_ptr<base::RandomAccessFile> file_;
  uint64_t offset_ = 0;
  bool paused_ = false;
};

}  // namespace

std::shared_ptr<Stream> make_file_stream(asio::io_context& io, std::shared_ptr<Channel> channel, Addresses) {
  return std::make_shared<FileStream>(io, std::move(channel));
}

}  // namespace garita::broker
