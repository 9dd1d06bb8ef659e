#include "core/broker/player.hpp"

#include <algorithm>
#include <chrono>
#include <utility>

#include "core/broker/inbox.hpp"
#include "core/broker/sealed_copy.hpp"

namespace garita::broker {
namespace {

constexpr uint64_t longest_step_ns = 60'000'000'000;  // of the clock behind the last record

Moment moment_of(const Record& record) { return {record.at_ns, record.at_utc_ns}; }

}  // namespace

// An object whose files are being read.
struct Player::Gathered {
  Line* line = nullptr;
  uint32_t files_left = 0;
  HandedOut object;
  std::optional<SealedCopy::Maker> maker;
  base::Digest sha256{};
  uint64_t bytes_left = 0;
};

base::Result<std::shared_ptr<Player>> Player::open(const std::filesystem::path& path, Speed speed) {
  GARITA_TRY_ASSIGN(summary, summarize_recording(path));
  GARITA_TRY_ASSIGN(reader, RecordingReader::open(path));
  return std::shared_ptr<Player>(new Player(path, speed, std::move(summary), std::move(reader)));
}

Player::Player(std::filesystem::path path, Speed speed, RecordingSummary summary, RecordingReader reader)
    : path_(std::move(path)), speed_(speed), summary_(std::move(summary)), reader_(std::move(reader)) {
  clock_.set(summary_.start_ns, summary_.start_utc_ns);
  for (const RecordingSummary::Stream& stream : summary_.streams) {
    lines_.emplace_back();
    lines_.back().name = stream.name;
    lines_.back().kind = stream.kind;
  }
}

Player::~Player() = default;

const RecordingSummary::Stream* Player::stream(std::string_view name) const {
  for (const RecordingSummary::Stream& each : summary_.streams)
    if (each.name == name) return &each;
  return nullptr;
}

// ---- Who takes what is played

void Player::supply(std::string_view name, std::shared_ptr<Inbox> inbox) {
  for (Line& line : lines_)
    if (line.name == name) line.inbox = inbox;
}

void Player::attach(const std::string& name, Channel* channel) {
  for (Line& line : lines_) {
    if (line.name != name) continue;
    line.channel = channel;
    if (line.kind == GARITA_STREAM_OBJECTS) line.stands = true, channel->opened();
    else hand_over(line);
    if (!over_ || line.stands) return;
  }
  if (over_) channel->open_failed(channel->error("broker.replay_over", GARITA_DEVICE_LOST));
}

void Player::detach(const Channel* channel) {
  for (Line& line : lines_) {
    if (line.channel != channel) continue;
    line.channel = nullptr;
    line.stands = false;
  }
}

// What waits for the stream, as far as its present opening goes.
void Player::hand_over(Line& line) {
  while (line.channel && !line.kept.empty()) {
    const Kept& kept = line.kept.front();
    if (kept.kind == RecordKind::opened) {
      if (line.stands) return;
      line.stands = true;
      --line.openings;
      line.channel->opened();
    } else if (line.stands) {
      give(line, kept);
    }
    kept_bytes_ -= kept.bytes.size();
    line.kept.pop_front();
  }
}

void Player::give(Line& line, const Kept& kept) {
  Channel& channel = *line.channel;
  if (kept.kind == RecordKind::from_device) (void)channel.arrived(kept.bytes, kept.at);
  if (kept.kind == RecordKind::dropped) channel.dropped(kept.count);
  if (kept.kind != RecordKind::ended || kept.status == GARITA_OK) return;
  if (kept.status == GARITA_END) return channel.ended(GARITA_END, {}, kept.at);
  channel.ended(GARITA_DEVICE_LOST, channel.error("broker.replay_lost", GARITA_DEVICE_LOST), kept.at);
}

// ---- Objects

void Player::begin_object(const Record& record) {
  object_ = std::make_unique<Gathered>();
  object_->line = &lines_[record.stream];
  object_->files_left = record.files;
}

void Player::end_object() {
  const auto object = std::move(object_);
  if (object->line->inbox) object->line->inbox->supply(std::move(object->object));
}

// ---- Playing

void Player::play(const Record& record) {
  Line* line = record.stream < lines_.size() ? &lines_[record.stream] : nullptr;
  switch (record.kind) {
    case RecordKind::object:
      return begin_object(record);
    case RecordKind::to_device:
      line->written += record.body.size();
      return;
    case RecordKind::file: {
      Gathered& object = *object_;
      object.object.files.push_back({std::string(record.name), record.modified_utc_ns, nullptr});
      object.sha256 = record.sha256;
      object.bytes_left = record.count;
      auto maker = SealedCopy::Maker::create();
      if (!maker) return end_all(maker.error());
      object.maker = std::move(*maker);
      break;
    }
    case RecordKind::piece:
      if (const auto added = object_->maker->append(record.body); !added) return end_all(added.error());
      object_->bytes_left -= record.body.size();
      break;
    case RecordKind::opened:
    case RecordKind::from_device:
    case RecordKind::dropped:
    case RecordKind::ended: {
      if (line->kind == GARITA_STREAM_OBJECTS) return;  // open as long as the driver has it open
      if (record.kind == RecordKind::opened) ++line->openings;
      if (!line->channel && line->openings == 0) return;  // of an opening that the driver has ended itself
      if (record.kind == RecordKind::from_device && line->stands && line->kept.empty())
        return void(line->channel->arrived(record.body, moment_of(record)));
      kept_bytes_ += record.kind == RecordKind::from_device ? record.body.size() : 0;
      line->kept.push_back({record.kind, moment_of(record), {}, record.status, record.count});
      if (record.kind == RecordKind::from_device) line->kept.back().bytes.assign(record.body.begin(), record.body.end());
      return hand_over(*line);
    }
    default:
      return;
  }
  if (object_->bytes_left != 0) return;  // a file's last byte, or an empty file
  auto copy = object_->maker->finish();
  if (!copy) return end_all(copy.error());
  if ((*copy)->sha256() != object_->sha256)
    return end_all({base::Outcome::not_loaded,
                    "broker.recording_object",
                    {{"path", path_.string()}, {"file", object_->object.files.back().name}},
                    GARITA_HOST_FAILURE});
  object_->object.files.back().copy = std::move(*copy);
  if (--object_->files_left == 0) end_object();
}

// why: empty, or what ends it before its time.
void Player::end_all(const base::Error& why) {
  over_ = true;
  ahead_ = nullptr;
  object_.reset();
  const Moment now{clock_.monotonic_ns(), clock_.utc_ns()};
  for (Line& line : lines_) {
    if (line.inbox) line.inbox->supply_ends();
    if (!line.channel) continue;
    if (!line.stands) line.channel->open_failed(line.channel->error("broker.replay_over", GARITA_DEVICE_LOST));
    else if (why.id.empty()) line.channel->ended(GARITA_END, {}, now);
    else line.channel->ended(GARITA_HOST_FAILURE, why, now);
  }
}

bool Player::read_ahead() {
  if (over_) return false;
  if (ahead_) return true;
  auto record = reader_.next();
  if (record && *record) {
    ahead_ = *record;
    return true;
  }
  end_all(record ? base::Error{} : record.error());
  return false;
}

// False: something rang before that moment of the recording came. In real time it comes as it came then.
bool Player::await(Signal::Lock& lock, Signal& signal, uint64_t until_ns) {
  if (speed_ == Speed::fast) return true;
  const base::Clock& real = base::system_clock();
  if (real_start_ns_ == 0) real_start_ns_ = real.monotonic_ns() - (clock_.monotonic_ns() - summary_.start_ns);
  const uint64_t due_ns = real_start_ns_ + (until_ns - std::min(until_ns, summary_.start_ns));
  const uint64_t now_ns = real.monotonic_ns();
  return now_ns >= due_ns || !signal.sleep(lock, due_ns - now_ns);
}

uint64_t Player::written_then(const Channel* channel) const {
  for (const Line& line : lines_)
    if (line.channel == channel) return line.written;
  return 0;
}

bool Player::advance(Signal::Lock& lock, Signal& signal, uint64_t deadline_ns) {
  lock.unlock();
  const std::lock_guard one_at_a_time(playing_);
  lock.lock();
  const uint64_t now_ns = clock_.monotonic_ns();
  const uint64_t limit_ns = std::clamp(deadline_ns, now_ns, now_ns + longest_step_ns);
  lock.unlock();
  const bool more = read_ahead();
  lock.lock();
  if (!more && !std::exchange(end_told_, true)) return true;  // what waits hears of it first
  const uint64_t next_ns = more ? ahead_->at_ns : UINT64_MAX;
  if (next_ns > limit_ns) {
    if (limit_ns > now_ns && !await(lock, signal, limit_ns)) return true;
    clock_.set(limit_ns);
    return limit_ns < deadline_ns;
  }
  if (next_ns > now_ns && !await(lock, signal, next_ns)) return true;
  lock.unlock();
  do {
    const Record& record = *std::exchange(ahead_, nullptr);
    clock_.set(std::max(record.at_ns, clock_.monotonic_ns()), record.at_utc_ns);
    play(record);
    check_room();
  } while (object_ && read_ahead());
  lock.lock();
  return true;
}

// A driver that waits for one stream and never reads another must not fill the memory.
void Player::check_room() {
  uint64_t waiting = kept_bytes_;
  for (Line& line : lines_)
    if (line.stands && line.channel) waiting += line.channel->feed().queued_bytes();
  if (waiting > max_waiting_replay_bytes && !over_)
    end_all({base::Outcome::incomplete,
             "broker.replay_unread",
             {{"path", path_.string()}, {"limit", std::to_string(max_waiting_replay_bytes >> 20)}},
             GARITA_HOST_LIMIT});
}

}  // namespace garita::broker
