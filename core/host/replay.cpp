#include "core/host/replay.hpp"

#include <string>
#include <utility>

namespace garita::host {
namespace {

constexpr std::string_view purpose = "garita deterministic replay 1\n";

}  // namespace

base::Result<broker::Broker::Sources> grant_replay(const load::Manifest& manifest,
                                                   const std::filesystem::path& recording) {
  GARITA_TRY_ASSIGN(summary, broker::summarize_recording(recording));
  broker::Broker::Sources granted;
  for (const auto& stream : summary.streams) {
    if (!manifest.stream(stream.name)) continue;
    GARITA_TRY_ASSIGN(address, broker::Address::parse("replay:" + recording.string()));
    granted.emplace(stream.name, std::move(address));
  }
  if (granted.empty())
    return base::Error{base::Outcome::usage, "host.replay_nothing",
                       {{"path", recording.string()}, {"driver", manifest.name}}};
  for (const load::StreamDeclaration& stream : manifest.streams)
    if (stream.required && !granted.contains(stream.name))
      return base::Error{base::Outcome::usage, "host.missing_stream",
                         {{"driver", manifest.name}, {"stream", stream.name}}};
  return granted;
}

base::Result<std::shared_ptr<broker::Player>> open_replay(const broker::Broker::Sources& sources,
                                                          broker::Player::Speed speed) {
  for (const auto& [name, address] : sources)
    if (address.scheme == "replay") return broker::Player::open(address.path, speed);
  return std::shared_ptr<broker::Player>();
}

std::optional<base::Error> replay_warning(const broker::Player& player) {
  if (player.summary().end == broker::RecordingEnd::whole) return std::nullopt;
  const bool overflow = player.summary().end == broker::RecordingEnd::overflow;
  return base::Error{base::Outcome::incomplete,
                     overflow ? "broker.recording_overflow" : "broker.recording_cut",
                     {{"path", player.path().string()}}};
}

base::Result<base::Digest> deterministic_secret(const base::SigningKey& key, const broker::Player& player) {
  if (key.algorithm() != base::SignatureAlgorithm::ed25519)
    return base::Error{base::Outcome::usage, "host.deterministic_key",
                       {{"algorithm", std::string(base::name_of(key.algorithm()))}}};
  const std::string message = std::string(purpose) + base::to_text(player.summary().digest);
  GARITA_TRY_ASSIGN(signature, key.sign(message));
  return base::sha256(signature);
}

}  // namespace garita::host
