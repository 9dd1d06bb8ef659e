#include "conformance/mutants/mechanical/mutations.hpp"

#include <algorithm>
#include <charconv>
#include <map>
#include <random>

#include "conformance/mutants/mechanical/tokens.hpp"

namespace garita::conformance::mechanical {
namespace {

using Kind = Token::Kind;
using Tokens = std::vector<Token>;

const std::map<std::string_view, std::pair<const char*, std::string_view>>& exchanges() {
  static const std::map<std::string_view, std::pair<const char*, std::string_view>> table = {
      {"<", {"boundary", "<="}},    {"<=", {"boundary", "<"}},    {">", {"boundary", ">="}},
      {">=", {"boundary", ">"}},    {"==", {"equality", "!="}},   {"!=", {"equality", "=="}},
      {"&&", {"logic", "||"}},      {"||", {"logic", "&&"}},      {"+", {"arithmetic", "-"}},
      {"-", {"arithmetic", "+"}},   {"*", {"arithmetic", "/"}},   {"/", {"arithmetic", "*"}},
      {"+=", {"arithmetic", "-="}}, {"-=", {"arithmetic", "+="}},
  };
  return table;
}

bool is_one_of(std::string_view text, std::initializer_list<std::string_view> all) {
  return std::find(all.begin(), all.end(), text) != all.end();
}

class Finder {
 public:
  explicit Finder(std::string_view source) : source_(source), tokens_(tokens_of(source)) {}

  std::vector<Mutation> all() {
    for (i_ = 0; i_ < tokens_.size(); ++i_) {
      if (depth_of_function() == 0 || is_declaration()) continue;
      exchange(), number(), swap(), sign(), branch(), endian();
    }
    std::stable_sort(found_.begin(), found_.end(),
                     [](const Mutation& a, const Mutation& b) { return a.offset < b.offset; });
    return std::move(found_);
  }

 private:
  const Token& token(size_t i) const {
    static const Token none{Kind::sign, 0, ""};
    return i < tokens_.size() ? tokens_[i] : none;
  }
  std::string_view text(size_t i) const { return token(i).text; }

  void add(const char* rule, size_t offset, size_t length, std::string after) {
    const auto begin = source_.begin();
    const auto line = std::count(begin, begin + static_cast<std::ptrdiff_t>(offset), '\n') + 1;
    found_.push_back({rule, offset, length, std::move(after), static_cast<uint32_t>(line)});
  }

  // House style has a blank on both sides of every operator with two operands, and on neither of a
  // template's brackets or a reference.
  bool between_blanks(size_t i) const {
    const Token& own = token(i);
    const size_t end = own.offset + own.text.size();
    const auto blank = [](char c) { return c == ' ' || c == '\n'; };
    return own.offset > 0 && end < source_.size() && blank(source_[own.offset - 1]) && blank(source_[end]);
  }

  // Braces that hold statements: behind ")", "const", "noexcept", "else", "do", "override", "try".
  size_t depth_of_function() {
    const std::string_view own = text(i_);
    if (own == "{") {
      const bool body =
          i_ > 0 && (is_one_of(text(i_ - 1), {")", "const", "noexcept", "override", "else", "do"}) ||
                     (bodies_ > 0 && is_one_of(text(i_ - 1), {";", "{", "}"})) || has_return_type());
      if (body && bodies_ == 0) early_return();
      braces_.push_back(body);
      bodies_ += body;
    } else if (own == "}" && !braces_.empty()) {
      bodies_ -= braces_.back();
      braces_.pop_back();
    }
    return bodies_;
  }
  // "-> Type {" of a lambda or a function.
  bool has_return_type() const {
    for (size_t back = i_; back-- > 0 && i_ - back < 12;) {
      if (text(back) == "->") return true;
      if (is_one_of(text(back), {";", "{", "}"})) return false;
    }
    return false;
  }

  // First token of the statement that i_ is in; braces that hold values belong to it.
  size_t statement() const {
    size_t first = i_;
    while (first > 0) {
      const bool values =
          text(first - 1) == "{" && first > 1 && is_one_of(text(first - 2), {"=", ",", "(", "]", "{"});
      if (!values && is_one_of(text(first - 1), {";", "{", "}"})) break;
      --first;
    }
    return first;
  }
  bool is_declaration() const {
    const size_t first = statement();
    const std::string_view begin = text(first), next = text(first + 1);
    return is_one_of(begin, {"static_assert", "constexpr", "using", "template", "struct", "class", "enum",
                             "case"}) ||
           (is_one_of(begin, {"static", "inline"}) && next == "constexpr");
  }

  void exchange() {
    const auto entry = exchanges().find(text(i_));
    if (entry == exchanges().end() || token(i_).kind != Kind::sign || !between_blanks(i_)) return;
    if (token(i_ + 1).kind == Kind::text || (i_ > 0 && token(i_ - 1).kind == Kind::text))
      return;  // joins texts
    add(entry->second.first, token(i_).offset, text(i_).size(), std::string(entry->second.second));
  }

  void number() {
    const std::string_view own = text(i_);
    uint32_t value = 0;
    const auto [stop, error] = std::from_chars(own.data(), own.data() + own.size(), value);
    const bool plain = error == std::errc{} && value < UINT32_MAX && (own.size() == 1 || own[0] != '0');
    const bool suffix = stop == own.data() + own.size() || *stop == 'u' || *stop == 'U';
    if (token(i_).kind != Kind::number || !plain || !suffix) return;
    add("off_by_one", token(i_).offset, own.size(),
        std::to_string(value + 1) + std::string(stop, own.data() + own.size()));
  }

  void swap() {
    if (!is_one_of(text(i_), {"-", "/", "<", ">"}) || i_ == 0 || !between_blanks(i_)) return;
    const auto alone = [](const Token& own) { return own.kind == Kind::word || own.kind == Kind::number; };
    const Token &a = token(i_ - 1), &b = token(i_ + 1);
    const bool bound = i_ > 1 && is_one_of(text(i_ - 2), {".", "->", "::", "*", "/", "%"});
    if (!alone(a) || !alone(b) || a.text == b.text || a.text == "return" || bound ||
        is_one_of(text(i_ + 2), {".", "->", "(", "[", "::", "*", "/", "%", "<"}))
      return;
    add("swap", a.offset, b.offset + b.text.size() - a.offset,
        std::string(b.text) + " " + std::string(text(i_)) + " " + std::string(a.text));
  }

  void sign() {
    if (text(i_) != "-" || i_ == 0 || between_blanks(i_)) return;
    if (!is_one_of(text(i_ - 1), {"(", "=", ",", "return", "?", ":", "{", "<", ">", "=="})) return;
    add("sign", token(i_).offset, 1, "");
  }

  void branch() {
    if (text(i_) != "if" || text(i_ + 1) != "(") return;
    size_t depth = 0, condition = i_ + 2;
    for (size_t i = i_ + 1; i < tokens_.size(); ++i) {
      depth += text(i) == "(";
      if (text(i) == ";" && depth == 1) condition = i + 1;  // if (initializer; condition)
      if (text(i) == ")" && --depth == 0) {
        if (const Token& from = token(condition); is_condition(condition, i))
          add("branch", from.offset, token(i).offset - from.offset,
              "false && (" + std::string(source_.substr(from.offset, token(i).offset - from.offset)) + ")");
        return;
      }
    }
  }
  // Not a declaration with a value: if (const auto x = f()).
  bool is_condition(size_t from, size_t end) const {
    for (size_t i = from; i < end; ++i)
      if (text(i) == "=") return false;
    return from < end;
  }

  void endian() {
    if (token(i_).kind != Kind::word) return;
    for (const auto& [a, b] :
         {std::pair<std::string_view, std::string_view>{"little", "big"}, {"big", "little"}})
      if (const size_t at = text(i_).find(a); at != std::string_view::npos) {
        add("endian", token(i_).offset + at, a.size(), std::string(b));
        return;
      }
  }

  // Where the function is void: "return;", else "return {};". Constructors are left alone.
  void early_return() {
    size_t first = statement();
    while (first > 0 && text(first - 1) != ";" && text(first - 1) != "}" && text(first - 1) != "{") --first;
    bool is_void = false, is_main_name = false;
    size_t words = 0;
    for (size_t i = first; i < i_ && text(i) != "("; ++i) {
      is_void |= text(i) == "void";
      words += token(i).kind == Kind::word;
      is_main_name |=
          is_one_of(text(i), {"if", "for", "while", "switch", "namespace", "struct", "class", "operator"});
    }
    const size_t end = token(i_).offset + 1;
    if (words >= 2 && !is_main_name && text(i_ + 1) != "}")
      add("return", end, 0, is_void ? " return;" : " return {};");
  }

  std::string_view source_;
  Tokens tokens_;
  size_t i_ = 0, bodies_ = 0;
  std::vector<bool> braces_;
  std::vector<Mutation> found_;
};

}  // namespace

std::vector<Mutation> mutations_of(std::string_view source) { return Finder(source).all(); }

std::string mutated(std::string_view source, const Mutation& mutation) {
  std::string own(source);
  own.replace(mutation.offset, mutation.length, mutation.after);
  return own;
}

std::vector<Mutation> sample(std::vector<Mutation> all, size_t count, uint64_t seed) {
  std::mt19937_64 random(seed);
  for (size_t i = all.size(); i > 1; --i) std::swap(all[i - 1], all[random() % i]);
  std::map<std::string, std::vector<Mutation>> by_rule;
  for (Mutation& each : all) by_rule[each.rule].push_back(std::move(each));
  std::vector<Mutation> own;
  for (bool some = true; some && own.size() < count;) {
    some = false;
    for (auto& [rule, left] : by_rule) {
      if (left.empty() || own.size() >= count) continue;
      own.push_back(std::move(left.back()));
      left.pop_back();
      some = true;
    }
  }
  return own;
}

}  // namespace garita::conformance::mechanical
