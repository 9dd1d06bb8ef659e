// folder: a message is a file. Both sites see the folder (a share, or a medium that is carried), and a folder
// alone is a complete deployment.
//
//   FOLDER/to-US/HEX.c00000000    messages for the site that calls itself "us"; each appears whole
//
// Chunks stay until their content is on the receiver's disk, so that a medium serves until it has done its
// work.
#pragma once

#include <deque>
#include <filesystem>
#include <map>
#include <memory>

#include "core/base/file.hpp"
#include "core/exchange/transport/transport.hpp"

namespace garita::exchange {

struct FolderOptions {
  std::filesystem::path folder;
  std::string own, peer;  // as the folders are called; letters, digits, '-', '_'
  uint64_t max_bytes =
      uint64_t{16} << 30;  // of what lies there for the peer; send() says "not now" beyond it
  uint32_t poll_ms = 200;
};

class FolderTransport final : public Transport {
 public:
  // The folder may be away: a medium that is not plugged in. It is never made, only to-… in it.
  explicit FolderTransport(FolderOptions options, base::FileSystem& files = base::real_file_system());

  base::Result<bool> send(const Outgoing& message) override;
  base::Result<std::optional<Incoming>> receive(uint32_t wait_ms) override;
  void handled(const Incoming& message, bool keep) override;
  void settled(const base::Digest& content) override;
  bool holds(const std::string& name) const override;
  uint64_t generation() const override { return 0; }
  bool is_slow() const override { return true; }

 private:
  using Time = std::filesystem::file_time_type;
  base::Result<bool> has_room(uint64_t more);
  void list();
  std::optional<Incoming> take_next();

  FolderOptions options_;
  base::FileSystem& files_;
  std::filesystem::path out_, in_;
  uint64_t room_ = 0;                 // that was found free, less what was written since
  std::deque<std::string> found_;     // names, to be read
  std::map<std::string, Time> kept_;  // read, and left there
};

}  // namespace garita::exchange
