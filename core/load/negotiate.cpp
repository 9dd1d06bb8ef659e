#include "core/load/negotiate.hpp"

#include <algorithm>
#include <cstring>

#include "core/load/driver_call.hpp"
#include "core/load/error_text.hpp"
#include "core/load/fault.hpp"
#include "core/load/status.hpp"

namespace garita::load {

std::string abi_text(uint32_t version) {
  return std::to_string(version >> 16) + "." + std::to_string(version & 0xFFFF);
}
namespace {

constexpr std::string_view entry_name = "garita_driver_entry";
constexpr std::string_view host_version = "0.1.0";

base::Error refusal(const Manifest& manifest, std::string_view call, std::string_view id,
                    std::initializer_list<base::Field> fields = {},
                    garita_status status = GARITA_DRIVER_FAULT) {
  return fault(manifest.name, call, id, fields, status, base::Outcome::not_loaded);
}

base::Error mismatch(const Manifest& manifest) {
  return refusal(manifest, entry_name, "version_mismatch",
                 {{"min", abi_text(manifest.abi_min)},
                  {"max", abi_text(manifest.abi_max)},
                  {"host_min", abi_text(GARITA_ABI_MIN)},
                  {"host_max", abi_text(GARITA_ABI_LATEST)}},
                 GARITA_VERSION_MISMATCH);
}

struct Answered {
  garita_status status = GARITA_OK;
  garita_answer answer{};
  garita_error error{};
};

base::Result<Answered> ask(const Manifest& manifest, garita_driver_entry_function entry, uint32_t min,
                           uint32_t max) {
  const garita_negotiation negotiation = {
      sizeof negotiation, min, max, 0, {host_version.data(), static_cast<uint32_t>(host_version.size()), 0}};
  Answered answered;
  answered.error = empty_error();
  answered.answer.struct_size = sizeof answered.answer;
  GARITA_TRY(call_driver(manifest.name, entry_name,
                         [&] { answered.status = entry(&negotiation, &answered.answer, &answered.error); }));
  return answered;
}

// The binary's own range is the manifest's: it speaks both ends and nothing beyond them.
base::Result<void> check_range(const Manifest& manifest, garita_driver_entry_function entry) {
  const auto speaks = [&](uint32_t version) -> base::Result<bool> {
    GARITA_TRY_ASSIGN(answered, ask(manifest, entry, version, version));
    return answered.status == GARITA_OK && answered.answer.abi == version;
  };
  for (const auto& [version, expected] :
       {std::pair(manifest.abi_min, true), std::pair(manifest.abi_max, true),
        std::pair(manifest.abi_min - 1, false), std::pair(manifest.abi_max + 1, false)}) {
    GARITA_TRY_ASSIGN(spoken, speaks(version));
    if (spoken != expected)
      return refusal(manifest, entry_name, "range_differs",
                     {{"version", abi_text(version)},
                      {"min", abi_text(manifest.abi_min)},
                      {"max", abi_text(manifest.abi_max)}},
                     GARITA_VERSION_MISMATCH);
  }
  return {};
}

base::Result<void> check_answer(const Manifest& manifest, const Answered& answered) {
  const garita_answer& answer = answered.answer;
  if (answered.status == GARITA_VERSION_MISMATCH) return mismatch(manifest);
  if (answered.status != GARITA_OK)
    return driver_answered(manifest.name, entry_name, answered.status, answered.error,
                           base::Outcome::not_loaded);
  if (answer.struct_size != sizeof answer)
    return refusal(
        manifest, entry_name, "answer_size",
        {{"size", std::to_string(answer.struct_size)}, {"expected", std::to_string(sizeof answer)}});
  const uint32_t highest = std::min(manifest.abi_max, GARITA_ABI_LATEST);
  if (answer.abi != highest)
    return refusal(manifest, entry_name, "answer_abi",
                   {{"version", abi_text(answer.abi)}, {"expected", abi_text(highest)}},
                   GARITA_VERSION_MISMATCH);
  if (!answer.api) return refusal(manifest, entry_name, "table_null", {{"table", "garita_driver_api"}});
  return {};
}

base::Result<void> check_table(const Manifest& manifest, const garita_driver_api& api) {
  GARITA_TRY(check_table_size(manifest.name, entry_name, "garita_driver_api", api.struct_size, sizeof api));
  for (const auto& [slot, there] :
       {std::pair("describe", api.describe != nullptr), std::pair("open", api.open != nullptr)})
    if (!there)
      return refusal(manifest, entry_name, "slot_null", {{"table", "garita_driver_api"}, {"slot", slot}});
  return {};
}

base::Result<std::string> described(const Manifest& manifest, const garita_text& text, const char* field) {
  if (text.size_bytes > GARITA_MAX_KEY_BYTES || (!text.data && text.size_bytes != 0))
    return refusal(manifest, "describe", "describe_text", {{"field", field}});
  return std::string(text.data ? text.data : "", text.size_bytes);
}

base::Result<void> same(const Manifest& manifest, const char* field, const std::string& in_manifest,
                        const std::string& in_binary) {
  if (in_manifest == in_binary) return {};
  return refusal(manifest, "describe", "describe_differs",
                 {{"field", field}, {"manifest", in_manifest}, {"binary", in_binary}});
}

std::string joined(std::vector<std::string> words) {
  std::sort(words.begin(), words.end());
  std::string all;
  for (const std::string& word : words) all += (all.empty() ? "" : ", ") + word;
  return all;
}

base::Result<void> same_list(const Manifest& manifest, const char* field,
                             const std::vector<std::string>& in_manifest, const garita_array& array) {
  constexpr uint32_t max_words = 256;
  if (array.count > max_words ||
      (array.count != 0 && (!array.data || array.element_size_bytes < sizeof(garita_text) ||
                            array.element_size_bytes > max_table_bytes)))
    return refusal(manifest, "describe", "describe_text", {{"field", field}});
  std::vector<std::string> words;
  for (uint32_t i = 0; i < array.count; ++i) {
    garita_text word;
    std::memcpy(&word, static_cast<const std::byte*>(array.data) + size_t{i} * array.element_size_bytes,
                sizeof word);
    GARITA_TRY_ASSIGN(text, described(manifest, word, field));
    words.push_back(std::move(text));
  }
  return same(manifest, field, joined(in_manifest), joined(std::move(words)));
}

}  // namespace

base::Result<void> ranges_meet(const Manifest& manifest) {
  if (manifest.abi_min > GARITA_ABI_LATEST || manifest.abi_max < GARITA_ABI_MIN) return mismatch(manifest);
  return {};
}

base::Result<const garita_driver_api*> negotiate(const Manifest& manifest, garita_driver_entry_function entry,
                                                 uint32_t& abi) {
  GARITA_TRY_ASSIGN(answered, ask(manifest, entry, GARITA_ABI_MIN, GARITA_ABI_LATEST));
  GARITA_TRY(check_answer(manifest, answered));
  GARITA_TRY(check_table(manifest, *answered.answer.api));
  GARITA_TRY(check_range(manifest, entry));
  abi = answered.answer.abi;
  return answered.answer.api;
}

base::Result<void> compare_description(const Manifest& manifest, const garita_driver_api& api) {
  garita_description description{};
  description.struct_size = sizeof description;
  garita_error error = empty_error();
  garita_status status = GARITA_OK;
  GARITA_TRY(call_driver(manifest.name, "describe", [&] { status = api.describe(&description, &error); }));
  if (status != GARITA_OK)
    return driver_answered(manifest.name, "describe", status, error, base::Outcome::not_loaded);
  GARITA_TRY_ASSIGN(id, described(manifest, description.id, "id"));
  GARITA_TRY_ASSIGN(version, described(manifest, description.version, "version"));
  GARITA_TRY(same(manifest, "id", manifest.id, id));
  GARITA_TRY(same(manifest, "version", manifest.version, version));
  GARITA_TRY(same_list(manifest, "models", manifest.models, description.models));
  GARITA_TRY(same_list(manifest, "capabilities", manifest.capabilities, description.capabilities));
  return same_list(manifest, "extensions", manifest.extensions, description.extensions);
}

}  // namespace garita::load
