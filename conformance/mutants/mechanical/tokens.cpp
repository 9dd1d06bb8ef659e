#include "conformance/mutants/mechanical/tokens.hpp"

#include <algorithm>
#include <array>
#include <string>

namespace garita::conformance::mechanical {
namespace {

bool is_letter(char c) { return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_'; }
bool is_digit(char c) { return c >= '0' && c <= '9'; }

// Longest first.
constexpr std::array<std::string_view, 26> signs = {"<<=", ">>=", "...", "->*", "<=>", "::", "->", "++", "--",
                                                    "<<",  ">>",  "<=",  ">=",  "==",  "!=", "&&", "||", "+=",
                                                    "-=",  "*=",  "/=",  "%=",  "&=",  "|=", "^=", ".*"};

class Reader {
 public:
  explicit Reader(std::string_view source) : source_(source) {}

  std::vector<Token> all() {
    while (at_ < source_.size())
      if (!skipped()) take();
    return std::move(tokens_);
  }

 private:
  std::string_view rest() const { return source_.substr(at_); }
  bool begins(std::string_view what) const { return rest().starts_with(what); }
  void skip_to(size_t end) { at_ = std::min(end, source_.size()); }
  void skip_past(std::string_view what, size_t from) {
    const size_t found = source_.find(what, from);
    skip_to(found == source_.npos ? found : found + what.size());
  }

  bool skipped() {
    const char c = source_[at_];
    if (c == '\n') first_ = true;
    if (c == ' ' || c == '\t' || c == '\r' || c == '\n') return ++at_, true;
    if (begins("//")) return skip_to(source_.find('\n', at_)), true;
    if (begins("/*")) return skip_past("*/", at_ + 2), true;
    if (c == '#' && first_) return skip_directive(), true;
    first_ = false;
    return false;
  }

  void skip_directive() {
    size_t end = source_.find('\n', at_);
    while (end != source_.npos && end > 0 && source_[end - 1] == '\\') end = source_.find('\n', end + 1);
    skip_to(end);
  }

  void take() {
    const size_t from = at_;
    const char c = source_[at_];
    Token::Kind kind = Token::Kind::sign;
    if (begins("R\"")) {
      const size_t bracket = source_.find('(', at_);
      const auto name =
          bracket == source_.npos ? "" : std::string(source_.substr(at_ + 2, bracket - at_ - 2));
      skip_past(")" + name + "\"", at_), kind = Token::Kind::text;
    } else if (is_letter(c)) {
      while (at_ < source_.size() && (is_letter(source_[at_]) || is_digit(source_[at_]))) ++at_;
      kind = Token::Kind::word;
    } else if (is_digit(c)) {
      take_number(), kind = Token::Kind::number;
    } else if (c == '"' || c == '\'') {
      take_text(c), kind = Token::Kind::text;
    } else {
      const auto sign = std::find_if(signs.begin(), signs.end(), [&](auto each) { return begins(each); });
      at_ += sign == signs.end() ? 1 : sign->size();
    }
    tokens_.push_back({kind, from, source_.substr(from, at_ - from)});
  }

  // 0x1F, 1'000'000, 1e-5, 0.5f
  void take_number() {
    while (at_ < source_.size()) {
      const char c = source_[at_], last = source_[at_ - (at_ > 0)];
      const bool exponent = (c == '+' || c == '-') && (last == 'e' || last == 'E') && !is_hexadecimal();
      const bool apart = c == '\'' && at_ + 1 < source_.size() && is_digit(source_[at_ + 1]);
      if (!is_letter(c) && !is_digit(c) && c != '.' && !exponent && !apart) return;
      ++at_;
    }
  }
  bool is_hexadecimal() const {
    size_t from = at_;
    while (from > 0 && (is_letter(source_[from - 1]) || is_digit(source_[from - 1]))) --from;
    return source_.substr(from, 2) == "0x";
  }

  void take_text(char quote) {
    for (++at_; at_ < source_.size() && source_[at_] != quote; ++at_)
      if (source_[at_] == '\\') ++at_;
    skip_to(at_ + 1);
  }

  std::string_view source_;
  size_t at_ = 0;
  bool first_ = true;  // of its line
  std::vector<Token> tokens_;
};

}  // namespace

std::vector<Token> tokens_of(std::string_view source) { return Reader(source).all(); }

}  // namespace garita::conformance::mechanical
