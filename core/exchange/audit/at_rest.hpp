// Does a folder lie on an encrypted volume? Asked before anything is written there, where a site says at_rest
// = "required".
#pragma once

#include <filesystem>
#include <string>

#include "core/base/result.hpp"

namespace garita::exchange {

enum class AtRest : uint8_t {
  unknown,  // not encrypted, or nothing says that it is
  volume,   // every disk under it is a dm-crypt (LUKS) volume
  folder,   // fscrypt: the folder has an encryption policy
  memory,   // tmpfs: gone with the power, unless it is swapped out
};

// `blocks`: what the system says of block devices, "/sys/dev/block".
AtRest at_rest_of(const std::filesystem::path& folder,
                  const std::filesystem::path& blocks = "/sys/dev/block");

// "exchange.at_rest" {path} unless volume or folder. AT_REST.md says how to make one.
base::Result<void> require_at_rest(const std::filesystem::path& folder,
                                   const std::filesystem::path& blocks = "/sys/dev/block");

// Of one device by its name there ("254:0"): itself, or all that it lies on (LVM, RAID), is dm-crypt.
bool is_encrypted_device(const std::filesystem::path& blocks, const std::string& device, unsigned depth = 0);

}  // namespace garita::exchange
