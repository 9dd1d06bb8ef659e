#include "core/isolate/wire/messages.hpp"

#include "core/base/text.hpp"
#include "core/load/status.hpp"

namespace garita::isolate {
namespace {

constexpr size_t max_text = 64u << 10;
constexpr size_t max_list = 4096;
constexpr size_t max_fields = 16;
constexpr uint64_t max_count = uint64_t{1} << 48;  // so that sums of counts never run over

void put_list(Writer& out, const std::vector<std::string>& list) {
  out.put(static_cast<uint32_t>(list.size()));
  for (const std::string& item : list) out.text(item);
}

std::vector<std::string> get_list(Reader& in) {
  std::vector<std::string> list;
  const auto count = in.get<uint32_t>();
  if (count > max_list) in.fail();
  for (uint32_t i = 0; i < count && in.ok(); ++i) list.push_back(in.text(max_text));
  return list;
}

}  // namespace

void put_manifest(Writer& out, const load::Manifest& manifest) {
  for (const std::string* text : {&manifest.id, &manifest.name, &manifest.vendor, &manifest.version,
                                  &manifest.licence, &manifest.driver.path})
    out.text(*text);
  out.text(manifest.folder.string());
  out.put(manifest.abi_min);
  out.put(manifest.abi_max);
  for (const auto* list :
       {&manifest.models, &manifest.profiles, &manifest.capabilities, &manifest.extensions})
    put_list(out, *list);
  const load::DriverLimits& limits = manifest.limits;
  for (uint32_t limit :
       {limits.max_call_ms, limits.decode_ms, limits.max_threads, limits.memory_mb, limits.held_strips})
    out.put(limit);
  out.put(limits.max_scan_rows);
  out.put(limits.max_strip_bytes);
  out.put(static_cast<uint32_t>(manifest.files.size()));
  for (const load::PackageFile& file : manifest.files) out.text(file.path);
}

load::Manifest get_manifest(Reader& in) {
  load::Manifest manifest;
  for (std::string* text : {&manifest.id, &manifest.name, &manifest.vendor, &manifest.version,
                            &manifest.licence, &manifest.driver.path})
    *text = in.text(max_text);
  manifest.folder = in.text(max_text);
  manifest.abi_min = in.get<uint32_t>();
  manifest.abi_max = in.get<uint32_t>();
  for (auto* list : {&manifest.models, &manifest.profiles, &manifest.capabilities, &manifest.extensions})
    *list = get_list(in);
  load::DriverLimits& limits = manifest.limits;
  for (uint32_t* limit :
       {&limits.max_call_ms, &limits.decode_ms, &limits.max_threads, &limits.memory_mb, &limits.held_strips})
    *limit = in.get<uint32_t>();
  limits.max_scan_rows = in.get<uint64_t>();
  limits.max_strip_bytes = in.get<uint64_t>();
  for (std::string& path : get_list(in)) manifest.files.push_back({std::move(path), {}});
  return manifest;
}

void put_error(Writer& out, const base::Error& error) {
  out.put(static_cast<uint8_t>(error.outcome));
  out.put(error.status);
  out.text(error.id);
  out.put(static_cast<uint32_t>(error.fields.size()));
  for (const base::Field& field : error.fields) {
    out.text(field.name);
    out.text(std::string_view(field.value).substr(0, 4096));
  }
}

std::optional<base::Error> get_error(OutsideReader& in) {
  const Untrusted<base::Error> given = in.value([](Reader& plain) {
    base::Error error;
    const auto outcome = plain.get<uint8_t>();
    error.status = plain.get<uint32_t>();
    error.id = plain.text(128);
    const auto count = plain.get<uint32_t>();
    if (count > max_fields || outcome < 1 || outcome > 4) plain.fail();
    for (uint32_t i = 0; i < count && plain.ok(); ++i) {
      std::string name = plain.text(64);
      error.fields.push_back({std::move(name), plain.text(4096)});
    }
    error.outcome = static_cast<base::Outcome>(outcome);
    return error;
  });
  if (!in.ok()) return std::nullopt;
  return given.checked([](const base::Error& error) {
    const load::StatusClass kind = load::class_of(error.status);
    return error.id.starts_with("load.") && base::sentence(base::Language::en, error.id) &&
           kind != load::StatusClass::flow && kind != load::StatusClass::none;
  });
}

void put_counts(Writer& out, const load::Counts& counts, load::Counts& last) {
  const bool changed =
      counts.unknown_events != last.unknown_events || counts.unknown_values != last.unknown_values ||
      counts.dropped_attributes != last.dropped_attributes || counts.cut_texts != last.cut_texts;
  out.put(static_cast<uint8_t>(changed));
  if (!changed) return;
  last = counts;
  for (uint64_t count :
       {counts.unknown_events, counts.unknown_values, counts.dropped_attributes, counts.cut_texts})
    out.put(count);
}

void get_counts(OutsideReader& in, load::Counts& last) {
  if (!in.flag()) return;
  for (uint64_t* count :
       {&last.unknown_events, &last.unknown_values, &last.dropped_attributes, &last.cut_texts})
    *count = in.get<uint64_t>().clamped(max_count);
}

void put_value(Writer& out, const image::Value& value) {
  out.put(value.type);
  out.put(value.integer);
  out.put(value.real);
  out.text(value.text);
}

image::Value get_value(Reader& in) {
  image::Value value;
  value.type = in.get<uint32_t>();
  value.integer = in.get<int64_t>();
  value.real = in.get<double>();
  value.text = in.text(1u << 20);
  return value;
}

}  // namespace garita::isolate
