// Bytes -> attributes -> record -> leaves -> record: nothing may crash, and what was written must read back
// the same.
//
//   input      mode (1 byte: even attributes, odd leaves), then items to the end
//   item       type (1), key size (1), key, value size (2, little-endian), value
//              attributes: type is the ABI's; integers, reals and times are the value's first 8 bytes
//              leaves: type is the tag
#include <algorithm>
#include <cstdint>
#include <cstdlib>
#include <cstring>
#include <string>
#include <string_view>
#include <vector>

#include "core/record/attributes.hpp"
#include "core/record/describe.hpp"
#include "core/record/json.hpp"
#include "core/record/leaf.hpp"
#include "core/record/validate.hpp"

namespace {

using namespace garita;

class Input {
 public:
  Input(const uint8_t* data, size_t size) : left_(reinterpret_cast<const char*>(data), size) {}
  bool empty() const { return left_.empty(); }
  size_t byte() { return left_.empty() ? 0 : static_cast<uint8_t>(take(1)[0]); }
  std::string_view take(size_t size) {
    const std::string_view taken = left_.substr(0, size);
    left_.remove_prefix(taken.size());
    return taken;
  }

 private:
  std::string_view left_;
};

struct Item {
  size_t type;
  std::string key, value;
};

std::vector<Item> items(Input& input) {
  std::vector<Item> out;
  while (!input.empty() && out.size() < 8192) {
    Item item;
    item.type = input.byte();
    item.key = input.take(input.byte());
    const size_t low = input.byte();
    item.value = input.take(low | input.byte() << 8);
    out.push_back(std::move(item));
  }
  return out;
}

image::Attribute attribute(const Item& item) {
  image::Attribute out{item.key, {static_cast<uint32_t>(item.type), 0, 0, item.value}};
  char bytes[8] = {};
  std::memcpy(bytes, item.value.data(), std::min<size_t>(8, item.value.size()));
  std::memcpy(&out.value.integer, bytes, 8);
  std::memcpy(&out.value.real, bytes, 8);
  return out;
}

void check(bool holds) {
  if (!holds) std::abort();
}

// Every way out of a record, whatever it holds.
void read_out(const v1::Inspection& record) {
  record::to_json(record, 0);
  record::describe(record, base::Language::es);
  record::validate(record);
  const auto written = record::leaves(record);
  const auto back = record::decode_leaves(written);
  check(back.ok() && back->unknown.empty());
  check(record::leaves(back->inspection) == written);
}

void play_attributes(Input& input) {
  v1::Inspection record;
  record.mutable_identity()->set_id("mine");
  record::Report report;
  record::AttributeSetter setter(record, report);
  std::vector<image::Attribute> attributes;
  for (const Item& item : items(input)) attributes.push_back(attribute(item));
  setter.apply(attributes);
  check(record.identity().id() == "mine" && !record.has_provenance());
  check(record.unrecognized_size() <= 64 && record.vendor_attributes_size() <= 4096);
  read_out(record);
}

void play_leaves(Input& input) {
  std::vector<record::Leaf> leaves;
  for (const Item& item : items(input))
    leaves.push_back({item.key, static_cast<char>(item.type) + item.value});
  const auto decoded = record::decode_leaves(leaves);
  if (decoded.ok()) read_out(decoded->inspection);
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(const uint8_t* data, size_t size) {
  Input input(data, size);
  if (input.byte() % 2 == 0)
    play_attributes(input);
  else
    play_leaves(input);
  return 0;
}
