#include "core/host/take_in.hpp"

#include <google/protobuf/message.h>

#include <charconv>
#include <string>
#include <vector>

namespace garita::host {
namespace {

namespace pb = google::protobuf;
using Type = pb::FieldDescriptor::CppType;

constexpr int max_other_devices = 16, max_readings = 4096, max_detections = 1024, max_streams = 256,
              max_attributes = 4096, max_unrecognized = 64, max_suspect = 4096;

// Fields that `to` does not have; lists only where it has none at all.
void fill_missing(const pb::Message& from, pb::Message& to) {
  std::vector<const pb::FieldDescriptor*> fields;
  from.GetReflection()->ListFields(from, &fields);
  for (const pb::FieldDescriptor* field : fields) {
    const pb::Reflection& r = *to.GetReflection();
    const bool message = field->cpp_type() == Type::CPPTYPE_MESSAGE;
    if (field->is_repeated() ? r.FieldSize(to, field) > 0 : r.HasField(to, field)) {
      if (message && !field->is_repeated())
        fill_missing(from.GetReflection()->GetMessage(from, field), *r.MutableMessage(&to, field));
      continue;
    }
    std::unique_ptr<pb::Message> alone(from.New());
    alone->CopyFrom(from);
    for (const pb::FieldDescriptor* other : fields)
      if (other != field) alone->GetReflection()->ClearField(alone.get(), other);
    to.MergeFrom(*alone);
  }
}

// "readings[3].values" of the other is "readings[10].values" here, where 7 were here before.
std::string moved(const std::string& path, std::string_view list, int by) {
  const std::string head = std::string(list) + '[';
  if (!path.starts_with(head)) return path;
  int index = 0;
  const char* begin = path.data() + head.size();
  const auto [end, code] = std::from_chars(begin, path.data() + path.size(), index);
  if (code != std::errc() || end == path.data() + path.size() || *end != ']') return path;
  return head + std::to_string(index + by) + std::string(end, path.data() + path.size());
}

template <typename List>
void append(const List& from, List& to, int most) {
  for (const auto& each : from)
    if (to.size() < most) *to.Add() = each;
}

template <typename List>
void append_of_device(const List& from, List& to, int most, uint32_t device_index) {
  const int first = to.size();
  append(from, to, most);
  for (int i = first; i < to.size(); ++i) to.Mutable(i)->set_device_index(device_index);
}

void add_suspects(const v1::Inspection& other, int readings, int detections, int attachments,
                  v1::Inspection& record) {
  for (const v1::Suspect& from : other.suspect()) {
    if (record.suspect_size() >= max_suspect) break;
    v1::Suspect& suspect = *record.add_suspect();
    suspect = from;
    suspect.set_path(moved(moved(moved(from.path(), "readings", readings), "detections", detections),
                           "attachments", attachments));
  }
}

void add_counts(const v1::Counts& from, v1::Counts& to) {
  std::vector<const pb::FieldDescriptor*> fields;
  from.GetReflection()->ListFields(from, &fields);
  for (const pb::FieldDescriptor* field : fields)
    if (field->cpp_type() == Type::CPPTYPE_UINT64 && !field->is_repeated())
      to.GetReflection()->SetUInt64(
          &to, field,
          to.GetReflection()->GetUInt64(to, field) + from.GetReflection()->GetUInt64(from, field));
}

}  // namespace

uint32_t take_in(const v1::Inspection& other, const Match& why, uint64_t window_ns, v1::Inspection& record) {
  if (record.other_devices_size() >= max_other_devices || record.joined_size() >= max_other_devices) return 0;
  *record.add_other_devices() = other.device();
  const auto device_index = static_cast<uint32_t>(record.other_devices_size());
  const int readings = record.readings_size(), detections = record.detections_size(),
            attachments = record.attachments_size();
  append_of_device(other.readings(), *record.mutable_readings(), max_readings, device_index);
  append_of_device(other.detections(), *record.mutable_detections(), max_detections, device_index);
  add_suspects(other, readings, detections, attachments, record);
  append(other.vendor_attributes(), *record.mutable_vendor_attributes(), max_attributes);
  append(other.unrecognized(), *record.mutable_unrecognized(), max_unrecognized);
  append(other.provenance().streams(), *record.mutable_provenance()->mutable_streams(), max_streams);
  if (other.has_conveyance()) fill_missing(other.conveyance(), *record.mutable_conveyance());
  if (other.has_documents()) fill_missing(other.documents(), *record.mutable_documents());
  if (other.has_counts()) add_counts(other.counts(), *record.mutable_counts());
  record.mutable_identity()->add_supplement_keys(other.identity().scan_key());

  v1::Joined& joined = *record.add_joined();
  joined.set_scan_key(other.identity().scan_key());
  joined.set_device_index(device_index);
  joined.set_reason(why.reason);
  joined.set_apart_ns(why.apart_ns);
  if (why.way_ns) joined.set_way_ns(*why.way_ns);
  joined.set_window_ns(window_ns);
  return device_index;
}

}  // namespace garita::host
