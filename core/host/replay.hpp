// A run whose streams come from a recording.
#pragma once

#include <filesystem>
#include <memory>
#include <optional>

#include "core/base/digest.hpp"
#include "core/base/result.hpp"
#include "core/base/signature.hpp"
#include "core/broker/broker.hpp"
#include "core/broker/player.hpp"
#include "core/load/manifest.hpp"

namespace garita::host {

// Every stream of the recording that the manifest declares, from there.
// Errors: host.missing_stream, host.replay_nothing {path, driver}, broker.recording_*.
base::Result<broker::Broker::Sources> grant_replay(const load::Manifest& manifest, const std::filesystem::path& recording);

// The player of the recording that the sources name; null where they name none.
base::Result<std::shared_ptr<broker::Player>> open_replay(const broker::Broker::Sources& sources,
                                                          broker::Player::Speed speed);

// What a recording says of its own end, where that is not that of its session: "broker.recording_cut" {path},
// "broker.recording_overflow".
std::optional<base::Error> replay_warning(const broker::Player& player);

// What takes the place of chance in a run that is to be repeated to the byte: known to who holds the site's key alone, and
// another for each recording. The key must be one whose signatures are always the same: "host.deterministic_key".
base::Result<base::Digest> deterministic_secret(const base::SigningKey& key, const broker::Player& player);

}  // namespace garita::host
