#include "domains/service/solve/lp_tokens.hpp"

#include <array>
#include <cmath>

#include <fmt/core.h>

#include "base/support/byte_text.hpp"
#include "domains/service/solve/readers.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service::solve::lp {
namespace {

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool begins_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || static_cast<unsigned char>(c) >= 0x80 ||
           std::string_view("!\"#$%&(),_?@'`{}~|").find(c) != std::string_view::npos;
}

bool is_in_name(char c) {
    return begins_name(c) || is_digit(c) || c == '.';
}

/// A character that looks like a sign of the language, and what is to be written instead.
struct Lookalike {
    std::string_view character;
    std::string_view code;
    std::string_view instead;
};

constexpr std::array<Lookalike, 8> lookalikes{{{"\xE2\x88\x92", "U+2212", "-"},
                                               {"\xE2\x80\x93", "U+2013", "-"},
                                               {"\xE2\x80\x94", "U+2014", "-"},
                                               {"\xE2\x89\xA4", "U+2264", "<="},
                                               {"\xE2\x89\xA5", "U+2265", ">="},
                                               {"\xC3\x97", "U+00D7", "the number before the variable"},
                                               {"\xC2\xB7", "U+00B7", "the number before the variable"},
                                               {"\xC2\xA0", "U+00A0", "a blank"}}};

class Lexer {
  public:
    Lexer(std::string const& file, std::string_view text) : file_(file), text_(text) {}

    std::vector<Token> tokens() {
        std::vector<Token> all;
        do all.push_back(next());
        while (all.back().kind != Kind::end);
        return all;
    }

  private:
    Token next() {
        skip();
        Token token;
        token.line = line_;
        token.column = at_ - line_start_ + 1;
        token.begins_line = fresh_;
        fresh_ = false;
        if (at_ >= text_.size()) return token;
        char const c = text_[at_];
        if (is_digit(c) || c == '.') {
            take_number(token);
        } else if (begins_name(c)) {
            auto const from = at_;
            while (at_ < text_.size() && is_in_name(text_[at_])) ++at_;
            token.kind = Kind::name;
            token.text = text_.substr(from, at_ - from);
            check_name(token);
        } else {
            take_sign(token, c);
        }
        return token;
    }

    void take_number(Token& token) {
        auto const from = at_;
        while (at_ < text_.size() && (is_digit(text_[at_]) || text_[at_] == '.')) ++at_;
        if (at_ < text_.size() && (text_[at_] == 'e' || text_[at_] == 'E')) {
            auto digits = at_ + 1;
            if (digits < text_.size() && (text_[digits] == '+' || text_[digits] == '-')) ++digits;
            if (digits < text_.size() && is_digit(text_[digits])) {
                while (digits < text_.size() && is_digit(text_[digits])) ++digits;
                at_ = digits;
            }
        }
        token.kind = Kind::number;
        token.text = text_.substr(from, at_ - from);
        auto const number = number_of(token.text);
        if (!number || !std::isfinite(*number))
            refuse(token, "is not a number (or not one that a double can hold)");
        token.number = *number;
        if (at_ < text_.size() && text_[at_] == ',')
            refuse(token, "is followed by a comma; write 2.5 for 2,5, and 1000 for 1,000");
    }

    /// What was hardly meant as a part of a name is not taken for a variable that nobody knows.
    void check_name(Token const& token) const {
        for (auto const& [character, code, instead] : lookalikes)
            if (token.text.find(character) != std::string::npos)
                refuse(token,
                       fmt::format("has the character {} in it, which looks like another one; write {}", code,
                                   instead));
        if (token.text.front() == ',' || token.text.back() == ',')
            refuse(token, "begins or ends with a comma, which separates nothing in LP files; leave it out");
    }

    void take_sign(Token& token, char c) {
        token.text = std::string(1, c);
        ++at_;
        auto const follows = [&](std::string_view signs) {
            if (at_ >= text_.size() || signs.find(text_[at_]) == std::string_view::npos) return;
            if (token.text == "=") token.text = std::string(1, text_[at_]);
            ++at_;
        };
        switch (c) {
            case '+':
            case '-':
                token.kind = Kind::sign;
                return;
            case ':':
                token.kind = Kind::colon;
                return;
            case '<':
            case '>':
                token.kind = Kind::relation;
                follows("=");
                return;
            case '=':
                token.kind = Kind::relation;
                follows("<>=");
                return;
            case '[':
            case ']':
            case '*':
            case '^':
            case '/':
                token.kind = Kind::bracket;
                return;
            case ';':
                refuse(token,
                       "ends a statement in the LP files of lp_solve, which are not read; those of "
                       "CPLEX are (docs/service/solve.md)");
            default:
                refuse(token, "has no meaning here");
        }
    }

    [[noreturn]] void refuse(Token const& token, std::string_view why) const {
        throw DataError(fmt::format("{}: line {}, column {}: '{}' {}", file_, token.line, token.column,
                                    legible(token.text), why));
    }

    /// Blanks, line ends and comments.
    void skip() {
        for (; at_ < text_.size(); ++at_) {
            if (text_[at_] == '\\')
                while (at_ + 1 < text_.size() && text_[at_ + 1] != '\n') ++at_;
            else if (text_[at_] == '\n')
                begin_line();
            else if (text_[at_] != ' ' && text_[at_] != '\t' && text_[at_] != '\r')
                return;
        }
    }

    void begin_line() {
        ++line_;
        line_start_ = at_ + 1;
        fresh_ = true;
    }

    std::string const& file_;
    std::string_view text_;
    std::size_t at_ = 0;
    std::size_t line_ = 1;
    std::size_t line_start_ = 0;
    bool fresh_ = true;
};

}  // namespace

std::vector<Token> tokens_of(std::string const& file, std::string_view text) {
    return Lexer(file, text).tokens();
}

}  // namespace vaster::service::solve::lp
