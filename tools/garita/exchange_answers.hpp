// garita exchange ask | reply | decide | answers: what one side says to the other about inspections.
#pragma once

#include "core/host/exchange/answers.hpp"
#include "core/host/exchange/sending.hpp"
#include "tools/garita/commands.hpp"
#include "tools/garita/options.hpp"

namespace garita::cli {

int ask_peer(const Terminal& terminal, const Options& options, const host::ExchangeConfig& config);
int reply_to_peer(const Terminal& terminal, const Options& options, const host::ExchangeConfig& config);
int decide_for_peer(const Terminal& terminal, const Options& options, const host::ExchangeConfig& config);
int list_answers(const Terminal& terminal, const Options& options, const host::ExchangeConfig& config);

void tell_answer(const Terminal& terminal, const host::NotedAnswer& answer);
// A code whose sentence, exchange.reason_…, both sides have: those of the inbound policy, and some that
// people give.
bool is_answer_reason(std::string_view code);
// The sentence of a reason code; a code that is not known, as it is.
std::string reason_text(const Terminal& terminal, const std::string& code);
void print_entry(const Terminal& terminal, const char* event, const std::string& peer,
                 const exchange::Entry& entry);

}  // namespace garita::cli
