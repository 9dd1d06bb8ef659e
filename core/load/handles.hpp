// Handles with a generation: number of a slot in the low 32 bits (from 1), how often it was used before in
// the high.
#pragma once

#include <cstdint>
#include <optional>
#include <utility>
#include <vector>

namespace garita::load {

// Values by handle; the caller bounds how many there are. Slots are used again, handles never (a slot that
// was used 2^32 times is left alone).
template <typename T>
class HandleTable {
 public:
  uint64_t add(T value) {
    uint32_t slot = free_slot();
    slots_[slot].value = std::move(value);
    ++size_;
    return handle_of(slot);
  }

  T* find(uint64_t handle) {
    Slot* slot = slot_of(handle);
    return slot && slot->value && slot->generation == handle >> 32 ? &*slot->value : nullptr;
  }

  // `mark` is what was_marked answers for this handle, until its slot is used again.
  std::optional<T> take(uint64_t handle, bool mark = false) {
    if (!find(handle)) return std::nullopt;
    Slot& slot = *slot_of(handle);
    std::optional<T> value = std::move(slot.value);
    slot.value.reset();
    slot.marked = mark;
    ++slot.generation;
    --size_;
    return value;
  }

  bool was_given(uint64_t handle) {
    Slot* slot = slot_of(handle);
    return slot && handle >> 32 < slot->generation;
  }
  bool was_marked(uint64_t handle) {
    Slot* slot = slot_of(handle);
    return slot && !slot->value && slot->marked && (handle >> 32) + 1 == slot->generation;
  }

  template <typename Predicate>
  void remove_if(Predicate predicate) {
    for (uint32_t i = 0; i < slots_.size(); ++i)
      if (slots_[i].value && predicate(handle_of(i), *slots_[i].value)) take(handle_of(i));
  }
  void clear() {
    remove_if([](uint64_t, T&) { return true; });
  }

  uint32_t size() const { return size_; }

 private:
  struct Slot {
    std::optional<T> value;
    uint64_t generation = 0;
    bool marked = false;
  };

  // Slots rest long before they are used again, so that an old handle is still known for what it was.
  static constexpr size_t resting_slots = 64;

  uint32_t free_slot() {
    if (slots_.size() < resting_slots) return slots_.emplace_back(), static_cast<uint32_t>(slots_.size() - 1);
    for (uint32_t tried = 0; tried < slots_.size(); ++tried) {
      next_ = (next_ + 1) % static_cast<uint32_t>(slots_.size());
      if (!slots_[next_].value && slots_[next_].generation < UINT32_MAX) return next_;
    }
    slots_.emplace_back();
    return static_cast<uint32_t>(slots_.size() - 1);
  }
  uint64_t handle_of(uint32_t slot) const { return slots_[slot].generation << 32 | (slot + 1u); }
  Slot* slot_of(uint64_t handle) {
    const auto number = static_cast<uint32_t>(handle);
    return number != 0 && number <= slots_.size() ? &slots_[number - 1] : nullptr;
  }

  std::vector<Slot> slots_;
  uint32_t next_ = 0;
  uint32_t size_ = 0;
};

}  // namespace garita::load
