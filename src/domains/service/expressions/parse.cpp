// Formulas are read by recursive descent, one function for each level of how tightly operators bind.
#include <algorithm>
#include <charconv>
#include <cmath>
#include <limits>
#include <optional>
#include <utility>

#include <fmt/core.h>

#include "base/support/nearest.hpp"
#include "domains/service/expressions/node.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service {
namespace {

using Node = Expression::Node;
using NodePointer = std::unique_ptr<Node const>;

struct Function {
    std::string_view name;
    Operation operation;
    std::size_t least_arguments;
    std::size_t most_arguments;
};

constexpr std::size_t any_number = std::numeric_limits<std::size_t>::max();

constexpr std::array<Function, 11> functions{{{"if", Operation::choice, 3, 3},
                                              {"missing", Operation::is_missing, 1, 1},
                                              {"min", Operation::least, 2, any_number},
                                              {"max", Operation::most, 2, any_number},
                                              {"abs", Operation::magnitude, 1, 1},
                                              {"exp", Operation::exponential, 1, 1},
                                              {"log", Operation::logarithm, 1, 1},
                                              {"sqrt", Operation::root, 1, 1},
                                              {"sin", Operation::sine, 1, 1},
                                              {"cos", Operation::cosine, 1, 1},
                                              {"floor", Operation::round_down, 1, 1}}};

struct Operator {
    std::string_view sign;
    Operation operation;
};

// Longer signs before those that they begin with.
constexpr std::array<Operator, 6> comparisons{{{"<=", Operation::at_most},
                                               {">=", Operation::at_least},
                                               {"!=", Operation::unequal},
                                               {"<", Operation::less},
                                               {">", Operation::greater},
                                               {"=", Operation::equal}}};
constexpr std::array<Operator, 2> sums{{{"+", Operation::plus}, {"-", Operation::minus}}};
constexpr std::array<Operator, 2> products{{{"*", Operation::times}, {"/", Operation::over}}};

bool is_blank(char c) {
    return c == ' ' || c == '\t' || c == '\n' || c == '\r';
}

bool is_digit(char c) {
    return c >= '0' && c <= '9';
}

bool begins_name(char c) {
    return (c >= 'a' && c <= 'z') || (c >= 'A' && c <= 'Z') || c == '_' ||
           static_cast<unsigned char>(c) >= 0x80;
}

bool is_in_name(char c) {
    return begins_name(c) || is_digit(c) || c == '.';
}

class Parser {
  public:
    Parser(std::string_view text, std::vector<std::string> const& columns, Names names)
        : text_(text), columns_(columns), names_(names) {}

    NodePointer whole() {
        auto node = alternatives();
        skip_blanks();
        if (at_ < text_.size()) refuse("something else was expected here: an operator, or the end");
        return node;
    }

  private:
    /// Counts how deep formulas lie in one another.
    class Depth {
      public:
        explicit Depth(Parser& parser) : parser_(parser) {
            if (++parser_.depth_ > Expression::greatest_depth)
                parser_.refuse(
                    fmt::format("formulas lie in one another more than {} deep", Expression::greatest_depth));
        }

        ~Depth() { --parser_.depth_; }

        Depth(Depth const&) = delete;
        Depth& operator=(Depth const&) = delete;

      private:
        Parser& parser_;
    };

    [[noreturn]] void refuse(std::string const& why) const { refuse_at(at_, why); }

    [[noreturn]] void refuse_at(std::size_t place, std::string const& why) const {
        constexpr std::size_t shown = 40;
        std::size_t const first = place > shown ? place - shown : 0;
        std::string line(text_.substr(first, 2 * shown));
        std::replace_if(
            line.begin(), line.end(), [](char c) { return is_blank(c); }, ' ');
        throw DataError(fmt::format("formula, at letter {}: {}\n  {}\n  {}^", place + 1, why, line,
                                    std::string(place - first, ' ')));
    }

    void skip_blanks() {
        while (at_ < text_.size() && is_blank(text_[at_])) ++at_;
    }

    [[nodiscard]] char next() {
        skip_blanks();
        return at_ < text_.size() ? text_[at_] : '\0';
    }

    bool accept(std::string_view sign) {
        skip_blanks();
        if (!text_.substr(at_).starts_with(sign)) return false;
        at_ += sign.size();
        return true;
    }

    /// A word of logic, which is not part of a longer name.
    bool accept_word(std::string_view word) {
        skip_blanks();
        if (!text_.substr(at_).starts_with(word)) return false;
        std::size_t const end = at_ + word.size();
        if (end < text_.size() && is_in_name(text_[end])) return false;
        at_ = end;
        return true;
    }

    void expect(char sign, std::string_view what) {
        if (next() != sign) refuse(fmt::format("'{}' was expected here: {}", sign, what));
        ++at_;
    }

    std::unique_ptr<Node> made(Operation operation, std::size_t from,
                               std::vector<NodePointer> operands = {}) {
        if (++n_nodes_ > Expression::most_nodes)
            refuse(fmt::format("a formula has at most {} parts", Expression::most_nodes));
        auto node = std::make_unique<Node>();
        node->operation = operation;
        node->text = std::string(text_.substr(from, at_ - from));
        node->operands = std::move(operands);
        return node;
    }

    NodePointer made_of(Operation operation, std::size_t from, NodePointer left, NodePointer right) {
        std::vector<NodePointer> operands;
        operands.push_back(std::move(left));
        operands.push_back(std::move(right));
        return made(operation, from, std::move(operands));
    }

    NodePointer made_of(Operation operation, std::size_t from, NodePointer only) {
        std::vector<NodePointer> operands;
        operands.push_back(std::move(only));
        return made(operation, from, std::move(operands));
    }

    NodePointer constant(std::size_t from, Value value) {
        auto node = made(Operation::constant, from);
        node->constant = std::move(value);
        return node;
    }

    NodePointer alternatives() {
        Depth const depth(*this);
        std::size_t const from = start();
        auto node = conjunction();
        while (accept_word("or")) node = made_of(Operation::either, from, std::move(node), conjunction());
        return node;
    }

    NodePointer conjunction() {
        std::size_t const from = start();
        auto node = inversion();
        while (accept_word("and")) node = made_of(Operation::both, from, std::move(node), inversion());
        return node;
    }

    NodePointer inversion() {
        Depth const depth(*this);
        std::size_t const from = start();
        if (!accept_word("not")) return comparison();
        return made_of(Operation::negation, from, inversion());
    }

    NodePointer comparison() {
        std::size_t const from = start();
        auto node = sum();
        for (auto const& [sign, operation] : comparisons) {
            if (!accept(sign)) continue;
            node = made_of(operation, from, std::move(node), sum());
            for (auto const& another : comparisons)
                if (text_.substr(start()).starts_with(another.sign))
                    refuse("comparisons do not follow one another: write a < b and b < c");
            return node;
        }
        return node;
    }

    template <std::size_t n>
    std::optional<Operation> accept_one(std::array<Operator, n> const& operators) {
        for (auto const& [sign, operation] : operators)
            if (accept(sign)) return operation;
        return std::nullopt;
    }

    NodePointer sum() {
        std::size_t const from = start();
        auto node = product();
        while (auto const operation = accept_one(sums))
            node = made_of(*operation, from, std::move(node), product());
        return node;
    }

    NodePointer product() {
        std::size_t const from = start();
        auto node = signed_power();
        while (auto const operation = accept_one(products))
            node = made_of(*operation, from, std::move(node), signed_power());
        return node;
    }

    NodePointer signed_power() {
        Depth const depth(*this);
        std::size_t const from = start();
        if (accept("-")) return made_of(Operation::sign, from, signed_power());
        if (accept("+")) return signed_power();
        auto node = operand();
        if (accept("^")) return made_of(Operation::power, from, std::move(node), signed_power());
        return node;
    }

    NodePointer operand() {
        char const c = next();
        std::size_t const from = at_;
        if (c == '(') {
            ++at_;
            auto node = alternatives();
            expect(')', "of the '(' before");
            return node;
        }
        if (is_digit(c) || c == '.') return number();
        if (c == '\'') return constant(from, quoted_by('\''));
        if (c == '"') return column(from, quoted_by('"'));
        if (begins_name(c)) return name();
        refuse(c == '\0' ? "the formula ends where a value was expected" : "a value was expected here");
    }

    std::size_t start() {
        skip_blanks();
        return at_;
    }

    NodePointer number() {
        std::size_t const from = at_;
        double value = 0;
        auto const* const first = text_.data() + at_;
        auto const [end, problem] = std::from_chars(first, text_.data() + text_.size(), value);
        if (problem != std::errc() || !std::isfinite(value)) refuse("this number cannot be computed with");
        at_ += static_cast<std::size_t>(end - first);
        if (at_ < text_.size() && is_in_name(text_[at_]))
            refuse(
                fmt::format("a number ends here; a {} whose name begins with a digit stands in double quotes",
                            names_ == Names::columns ? "column" : "variable"));
        return constant(from, value);
    }

    std::string quoted_by(char quote) {
        std::size_t const from = at_;
        std::string text;
        for (++at_; at_ < text_.size(); ++at_) {
            if (text_[at_] != quote) {
                text += text_[at_];
            } else if (at_ + 1 < text_.size() && text_[at_ + 1] == quote) {
                text += text_[at_++];
            } else {
                ++at_;
                return text;
            }
        }
        refuse_at(from, "this quotation mark is never closed");
    }

    NodePointer name() {
        std::size_t const from = at_;
        while (at_ < text_.size() && is_in_name(text_[at_])) ++at_;
        std::string const word(text_.substr(from, at_ - from));
        if (next() == '(') return call(from, word);
        if (word == "true" || word == "false") return constant(from, word == "true");
        return column(from, word);
    }

    NodePointer call(std::size_t from, std::string const& word) {
        auto const* const function = std::find_if(functions.begin(), functions.end(),
                                                  [&](Function const& one) { return one.name == word; });
        if (function == functions.end()) {
            std::vector<std::string> names;
            names.reserve(functions.size());
            for (auto const& one : functions) names.emplace_back(one.name);
            refuse_at(from,
                      fmt::format("'{}' is not a function; {}", word, suggestion(word, names, "there are")));
        }
        std::vector<NodePointer> arguments;
        expect('(', "the arguments of a function");
        do arguments.push_back(alternatives());
        while (accept(","));
        expect(')', "the end of the arguments, or a comma");
        bool const right =
            arguments.size() >= function->least_arguments && arguments.size() <= function->most_arguments;
        if (!right)
            refuse_at(from, fmt::format("{}() takes {} argument{}, not {}", word,
                                        function->most_arguments == any_number
                                            ? fmt::format("{} or more", function->least_arguments)
                                            : std::to_string(function->least_arguments),
                                        function->most_arguments == 1 ? "" : "s", arguments.size()));
        return made(function->operation, from, std::move(arguments));
    }

    NodePointer column(std::size_t from, std::string const& name) {
        auto const found = std::find(columns_.begin(), columns_.end(), name);
        if (found == columns_.end())
            refuse_at(from, fmt::format("'{}' is not a {}; {}{}", name,
                                        names_ == Names::columns ? "column" : "variable",
                                        suggestion(name, columns_, "there are"),
                                        names_ == Names::columns ? " (texts stand in 'single quotes')" : ""));
        auto node = made(Operation::column, from);
        node->text = name;
        node->column = static_cast<std::size_t>(found - columns_.begin());
        return node;
    }

    std::string_view text_;
    std::vector<std::string> const& columns_;
    Names names_;
    std::size_t at_ = 0;
    std::size_t depth_ = 0;
    std::size_t n_nodes_ = 0;
};

}  // namespace

std::unique_ptr<Expression::Node const> parse_formula(std::string_view text,
                                                      std::vector<std::string> const& columns, Names names) {
    return Parser(text, columns, names).whole();
}

}  // namespace vaster::service
