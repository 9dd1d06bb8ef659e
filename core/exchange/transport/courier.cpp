#include "core/exchange/transport/courier.hpp"

#include <algorithm>

namespace garita::exchange {
namespace {

constexpr size_t entries_a_look = 1'000;

// What a full disk or a full quota means to a sender.
std::optional<Hold> hold_of(const base::Error& error) {
  if (error.id == "base.disk_full") return Hold::disk_full;
  return std::nullopt;
}

}  // namespace

base::Result<void> Courier::turn(uint32_t wait_ms) {
  GARITA_TRY(look_for_new());
  ask_again_after_cut();
  wake_due();
  bool busy = false;
  for (size_t i = 0; i < options_.messages_a_turn; ++i) {
    GARITA_TRY_ASSIGN(sent, send_next());
    if (!sent) break;
    busy = true;
  }
  for (size_t i = 0; i < options_.messages_a_turn; ++i) {
    GARITA_TRY_ASSIGN(came, take_in(parts_.forth, busy || i > 0 ? 0 : wait_ms));
    if (!came) break;
  }
  if (&parts_.back == &parts_.forth) return {};
  for (size_t i = 0; i < options_.messages_a_turn; ++i) {
    GARITA_TRY_ASSIGN(came, take_in(parts_.back, 0));
    if (!came) break;
  }
  return {};
}

std::optional<base::Error> Courier::why_held() const {
  for (const auto& [id, hold] : held_) {
    const auto flight = flights_.find(id);
    if (flight == flights_.end()) continue;
    const char* const why = hold == Hold::disk_full ? "exchange.peer_disk_full"
                            : hold == Hold::quota   ? "exchange.peer_quota"
                                                    : "exchange.peer_sequence";
    const Entry& entry = flight->second.entry;
    return base::Error{
        base::Outcome::incomplete,
        why,
        {{"peer", options_.peer}, {"lane", entry.lane}, {"sequence", std::to_string(entry.place.sequence)}},
        0};
  }
  return std::nullopt;
}

void Courier::refuse(const base::Error& error) {
  ++counts_.refused[error.id];
  if (on_refused) on_refused(error);
}

// ---- What is to be sent

base::Result<void> Courier::look_for_new() {
  const uint64_t version = parts_.outbox.version();
  if (outbox_version_ == version) return {};
  GARITA_TRY_ASSIGN(entries, parts_.outbox.waiting(options_.peer, newest_, entries_a_look));
  for (Entry& entry : entries) {
    newest_ = std::max(newest_, entry.id);
    const bool tried = entry.tried;
    Flight& flight = flights_[entry.id];
    flight.entry = std::move(entry);
    places_[flight.entry.place] = flight.entry.id;
    if (tried) flight.next = max_chunks, flight.rounds = 1;  // in an earlier life: ask first
    make_ready(flight);
  }
  if (entries.size() < entries_a_look) outbox_version_ = version;
  return {};
}

void Courier::make_ready(Flight& flight) {
  if (flight.due_ms) due_.erase({*flight.due_ms, flight.entry.id});
  flight.due_ms.reset();
  ready_.insert(rank_of(flight));
}

// What was handed to a connection that is gone may be lost: whatever was begun begins with a question.
void Courier::ask_again_after_cut() {
  if (generation_ == parts_.forth.generation()) return;
  const bool first = !generation_;
  generation_ = parts_.forth.generation();
  if (first) return;
  for (auto& [id, flight] : flights_) {
    if (flight.next == 0 && flight.rounds == 0) continue;
    flight.asked_below =
        std::max(flight.asked_below, std::min(flight.next, chunks_of(flight.entry.size_bytes)));
    flight.next = max_chunks;
    flight.unanswered = 0;
    make_ready(flight);
  }
}

void Courier::wake_due() {
  const uint64_t now = now_ms();
  while (!due_.empty() && due_.begin()->first <= now) {
    Flight& flight = flights_.at(due_.begin()->second);
    // By a slow way nobody answers a question soon: it carries all of it again, but for what still lies
    // there.
    if (parts_.forth.is_slow()) flight.next = 0;
    make_ready(flight);
  }
}

base::Result<bool> Courier::send_next() {
  if (ready_.empty()) return false;
  Flight& flight = flights_.at(ready_.begin()->second);
  if (auto prepared = prepare(flight); !prepared) {
    wait_for_answer(flight);  // the others go on
    return prepared.error();
  }
  return flight.next < flight.manifest->chunks.size() ? send_chunk(flight) : send_manifest(flight);
}

base::Result<void> Courier::prepare(Flight& flight) {
  if (flight.manifest) return {};
  GARITA_TRY_ASSIGN(manifest, parts_.outbox.manifest(flight.entry));
  if (flight.next < manifest.chunks.size()) {
    GARITA_TRY_ASSIGN(content, parts_.outbox.content(flight.entry));
    flight.content = std::move(content);
  }
  GARITA_TRY(parts_.outbox.mark_tried(flight.entry));
  flight.manifest = std::move(manifest);
  return {};
}

base::Result<bool> Courier::send_chunk(Flight& flight) {
  const Manifest& manifest = *flight.manifest;
  Chunk chunk{.content = manifest.content, .index = flight.next, .hash = manifest.chunks[flight.next]};
  const bool again = flight.next < flight.asked_below;
  if (flight.asked || !parts_.forth.holds(message_name(chunk))) {
    const uint64_t from = uint64_t{flight.next} * chunk_bytes;
    std::vector<std::byte> data(std::min<uint64_t>(chunk_bytes, manifest.size_bytes - from));
    GARITA_TRY(flight.content->read(from, data));
    chunk.data = data;
    GARITA_TRY_ASSIGN(taken, hand_over(parts_.forth, chunk, again ? flight.rounds + 1 : 0, flight.asked));
    if (!taken) return false;
    ++(again ? counts_.chunks_again : counts_.chunks_sent);
  }
  flight.asked_below = std::max(flight.asked_below, ++flight.next);
  return true;
}

base::Result<bool> Courier::send_manifest(Flight& flight) {
  GARITA_TRY_ASSIGN(taken, hand_over(parts_.forth, *flight.manifest, flight.rounds, true));
  if (!taken) return false;
  ++counts_.manifests_sent;
  wait_for_answer(flight);
  return true;
}

void Courier::wait_for_answer(Flight& flight) {
  const uint64_t wait_ms = options_.resend_ms << std::min<uint32_t>(flight.unanswered, 16);
  ++flight.rounds;
  ++flight.unanswered;
  flight.asked = false;
  ready_.erase(rank_of(flight));
  flight.due_ms = now_ms() + std::min(wait_ms, options_.longest_ms);
  due_.emplace(*flight.due_ms, flight.entry.id);
  flight.content.reset();  // files open only while something is sent
  flight.manifest.reset();
  flight.next = max_chunks;
}

base::Result<bool> Courier::hand_over(Transport& transport, const What& what, uint32_t again, bool asked) {
  GARITA_TRY_ASSIGN(bytes, parts_.keyring.seal_message(options_.peer, what));
  const base::Digest content = std::visit([](const auto& each) { return each.content; }, what);
  return transport.send({message_name(what), content, bytes, again, asked});
}

// ---- What comes

base::Result<bool> Courier::take_in(Transport& transport, uint32_t wait_ms) {
  GARITA_TRY_ASSIGN(incoming, transport.receive(wait_ms));
  if (!incoming) return false;
  auto opened = parts_.keyring.open(incoming->bytes);
  if (opened && opened->peer != options_.peer)
    opened = base::Error{base::Outcome::no, "exchange.message_foreign", {}};
  if (!opened) {
    refuse(opened.error());
    transport.handled(*incoming, false);
    return true;
  }
  auto taken = take(opened->message, *incoming);
  transport.handled(*incoming, !taken || *taken == Taken::keep);
  if (!taken) return taken.error();
  if (*taken == Taken::settled) transport.settled(std::get<Manifest>(opened->message.what).content);
  return true;
}

base::Result<Courier::Taken> Courier::take(const Message& message, const Incoming& incoming) {
  if (const auto* manifest = std::get_if<Manifest>(&message.what)) {
    GARITA_TRY_ASSIGN(is_whole, take(*manifest));
    return is_whole ? Taken::settled : Taken::done;
  }
  if (const auto* chunk = std::get_if<Chunk>(&message.what)) return take(*chunk, message.data);
  if (const auto* receipt = std::get_if<Receipt>(&message.what)) GARITA_TRY(take(*receipt, incoming));
  if (const auto* progress = std::get_if<Progress>(&message.what)) take(*progress);
  return Taken::done;
}

// What a full disk could not take is asked for again by its manifest. One that comes once more when its
// content is whole is not kept, or it would lie on a medium for ever.
base::Result<Courier::Taken> Courier::take(const Chunk& chunk, base::Bytes data) {
  auto taken = parts_.inbox.take(options_.peer, chunk, data);
  if (!taken && !hold_of(taken.error())) return taken.error();
  if (taken)
    ++counts_.chunks_taken;
  else
    refuse(taken.error());
  return taken && !*taken ? Taken::done : Taken::keep;
}

// An answer that cannot go now is given to the next question.
base::Result<bool> Courier::take(const Manifest& manifest) {
  auto answer = parts_.inbox.take(options_.peer, manifest);
  if (!answer && !hold_of(answer.error())) return answer.error();
  if (!answer)
    answer = Inbox::Answer(Progress{manifest.content, manifest.place, 0, *hold_of(answer.error())});
  const auto* receipt = std::get_if<Receipt>(&*answer);
  if (!receipt) {
    GARITA_TRY(hand_over(parts_.back, std::get<Progress>(*answer), ++counts_.progress_sent, true));
    return false;
  }
  ++counts_.whole;
  if (on_whole) on_whole(*receipt);
  GARITA_TRY(hand_over(parts_.back, *receipt, ++counts_.receipts_sent, true));
  return true;
}

base::Result<void> Courier::take(const Receipt& receipt, const Incoming& incoming) {
  GARITA_TRY_ASSIGN(settled, parts_.outbox.settle(options_.peer, receipt, incoming.bytes));
  if (!settled) return {};  // came twice, or of an outbox that is no more
  ++counts_.receipts;
  outbox_version_.reset();
  held_.erase(*settled);
  const auto found = flights_.find(*settled);
  if (found == flights_.end()) return {};
  Flight& flight = found->second;
  ready_.erase(rank_of(flight));
  if (flight.due_ms) due_.erase({*flight.due_ms, flight.entry.id});
  places_.erase(flight.entry.place);
  flights_.erase(found);
  return {};
}

Courier::Flight* Courier::flight_of(const Place& place, const base::Digest& content) {
  const auto id = places_.find(place);
  if (id == places_.end()) return nullptr;
  const auto found = flights_.find(id->second);
  return found != flights_.end() && found->second.entry.content == content ? &found->second : nullptr;
}

// Heard only while an answer is waited for: one that is late speaks of what is on its way already.
void Courier::take(const Progress& progress) {
  Flight* flight = flight_of(progress.place, progress.content);
  if (!flight || !flight->due_ms) return;
  const int64_t id = flight->entry.id;
  if (progress.hold != Hold::none) {
    held_[id] = progress.hold;
    return;
  }
  held_.erase(id);
  flight->next = std::min(progress.chunks, chunks_of(flight->entry.size_bytes));
  flight->unanswered = 0;
  flight->asked = true;
  make_ready(*flight);
}

}  // namespace garita::exchange
