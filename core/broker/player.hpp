// Plays a recording back as the streams of a broker: in the order and with the times of then, as fast as the
// driver takes it or in real time.
//
// The clock is virtual. It stands still while the driver computes, and moves only while the driver waits: to the
// next recorded arrival or to the driver's deadline, whichever is first. So what a driver sees of time and bytes
// depends on the recording alone, however fast or slow the machine is, and however much it reads at once.
//
// What the driver writes is counted and goes nowhere. An opening waits for the recorded one; what came for an
// opening that the driver has not made yet waits for it. Behind the last record every stream is at its END.
#pragma once

#include <atomic>
#include <cstdint>
#include <deque>
#include <filesystem>
#include <map>
#include <memory>
#include <mutex>
#include <optional>
#include <set>
#include <string>
#include <vector>

#include "core/base/clock.hpp"
#include "core/base/result.hpp"
#include "core/broker/channel.hpp"
#include "core/broker/recording.hpp"
#include "core/broker/signal.hpp"

namespace garita::broker {

class Inbox;

inline constexpr uint64_t max_waiting_replay_bytes = 64u << 20;  // for streams that the driver does not read or open

// The recording's time. Any thread.
class ReplayClock final : public base::Clock {
 public:
  uint64_t monotonic_ns() const override { return now_ns_; }
  int64_t utc_ns() const override { return static_cast<int64_t>(now_ns_) + utc_minus_ns_; }
  void set(uint64_t now_ns) { now_ns_ = now_ns; }
  void set(uint64_t now_ns, int64_t utc_ns) {
    utc_minus_ns_ = utc_ns - static_cast<int64_t>(now_ns);
    now_ns_ = now_ns;
  }

 private:
  std::atomic<uint64_t> now_ns_{0};
  std::atomic<int64_t> utc_minus_ns_{0};
};

// One thread at a time, that of the broker's calls; what is marked may come from any.
class Player final : public Pacer {
 public:
  enum class Speed : uint8_t { fast, real };

  ~Player() override;

  // Reads it once from end to end: what is damaged is refused here ("broker.recording_*"), never halfway.
  static base::Result<std::shared_ptr<Player>> open(const std::filesystem::path& path, Speed speed);

  const ReplayClock& clock() const { return clock_; }
  const std::filesystem::path& path() const { return path_; }
  const RecordingSummary& summary() const { return summary_; }
  const RecordingSummary::Stream* stream(std::string_view name) const;  // nullptr: it has none of that name
  bool over() const { return over_; }                                   // nothing more will ever come; any thread

  // ---- For the broker. An inbox outlives the player's last advance.
  void supply(std::string_view name, std::shared_ptr<Inbox> inbox);
  bool advance(Signal::Lock& lock, Signal& signal, uint64_t deadline_ns) override;

  // ---- For a stream that is opened and closed, without the broker's lock.
  void attach(const std::string& name, Channel* channel);
  void detach(const Channel* channel);

  // ---- For a relay, whose library waits without a word to anybody: how much the driver wrote then, up to what has been
  // played.
  uint64_t written_then(const Channel* channel) const;

 private:
  struct Kept {  // a record that waits for its stream
    RecordKind kind;
    Moment at;
    std::vector<std::byte> bytes;
    garita_status status;
    uint64_t count;
  };
  struct Line {  // a stream of the recording
    std::string name;
    uint32_t kind = 0;
    Channel* channel = nullptr;
    bool stands = false;          // the channel was told that it is open
    std::atomic<uint64_t> written{0};  // by the driver of then, in the opening that the channel has
    uint32_t openings = 0;        // recorded so far, and not made by the driver yet: they lie in `kept`
    std::deque<Kept> kept;
    std::shared_ptr<Inbox> inbox;
  };

  Player(std::filesystem::path path, Speed speed, RecordingSummary summary, RecordingReader reader);
  bool read_ahead();
  bool await(Signal::Lock& lock, Signal& signal, uint64_t until_ns);
  void play(const Record& record);
  void give(Line& line, const Kept& kept);
  void hand_over(Line& line);
  void begin_object(const Record& record);
  void end_object();
  void end_all(const base::Error& why);
  void check_room();

  const std::filesystem::path path_;
  const Speed speed_;
  const RecordingSummary summary_;
  RecordingReader reader_;
  ReplayClock clock_;
  const Record* ahead_ = nullptr;  // read, not played
  std::deque<Line> lines_;         // by number
  uint64_t kept_bytes_ = 0;
  struct Gathered;
  std::unique_ptr<Gathered> object_;  // the object in hand
  uint64_t real_start_ns_ = 0;        // of the machine's clock, for Speed::real
  bool end_told_ = false;
  std::mutex playing_;  // a relay and the driver may both wait; taken without the broker's lock
  std::atomic<bool> over_{false};
};

}  // namespace garita::broker
