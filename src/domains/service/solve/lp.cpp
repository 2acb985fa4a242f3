// LP files as CPLEX has them: text of words and signs, in sections.
#include <algorithm>
#include <cmath>
#include <map>
#include <set>
#include <string_view>
#include <unordered_map>
#include <utility>

#include <fmt/core.h>

#include "base/support/byte_text.hpp"
#include "domains/service/solve/lp_tokens.hpp"
#include "domains/service/solve/readers.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service::solve {
namespace {

using lp::Kind;
using lp::Token;

std::string in_small_letters(std::string_view text) {
    std::string small(text);
    for (char& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return small;
}

enum class Section { none, objective, rows, bounds, generals, binaries, end };

std::map<std::string, Section> const& section_words() {
    using enum Section;
    static std::map<std::string, Section> const words{
        {"st", rows},           {"s.t.", rows},         {"st.", rows},         {"bounds", bounds},
        {"bound", bounds},      {"generals", generals}, {"general", generals}, {"gen", generals},
        {"integers", generals}, {"integer", generals},  {"int", generals},     {"binaries", binaries},
        {"binary", binaries},   {"bin", binaries},      {"end", end}};
    return words;
}

/// A sum of terms and numbers, as it stands on one side of a relation.
struct Sum {
    std::map<std::size_t, double> terms = {};
    double constant = 0;
    bool has_constant = false;
    bool infinite = false;  ///< the constant is an infinity, with the sign of `constant`
};

class Reader {
  public:
    Reader(std::string const& file, std::vector<Token> tokens) : file_(file), tokens_(std::move(tokens)) {}

    Problem read() {
        begin();
        while (section_ != Section::end) {
            if (front().kind == Kind::end)
                refuse("the file ends without 'End': it is cut short, or is not an LP file");
            before_ = std::exchange(statement_, at_);
            if (begins_section()) continue;
            switch (section_) {
                case Section::objective:
                    read_objective();
                    break;
                case Section::rows:
                    read_row();
                    break;
                case Section::bounds:
                    read_bound();
                    break;
                default:
                    read_integer();
            }
        }
        if (front().kind != Kind::end) refuse("there is more after 'End'");
        check_bounds();
        return std::move(problem_);
    }

  private:
    [[nodiscard]] Token const& front(std::size_t ahead = 0) const {
        return tokens_[std::min(at_ + ahead, tokens_.size() - 1)];
    }

    template <class... Args>
    [[noreturn]] void refuse(fmt::format_string<Args...> text, Args&&... args) const {
        auto const& token = front();
        throw DataError(fmt::format("{}: line {}, column {}: {}{}", file_, token.line, token.column,
                                    fmt::format(text, std::forward<Args>(args)...), hint()));
    }

    /// Is there a word shortly before that would begin a section if it began its line?
    [[nodiscard]] std::string hint() const {
        std::size_t first = std::min(before_, at_);
        while (first > 0 && tokens_[first - 1].line == front().line) --first;
        for (std::size_t i = first; i <= at_ && i < tokens_.size(); ++i)
            if (!tokens_[i].begins_line && is_section_word(i))
                return fmt::format(" ('{}' in line {} begins a section only at the beginning of a line)",
                                   legible(tokens_[i].text), tokens_[i].line);
        return {};
    }

    /// "the file ends" or "'x' stands", for messages.
    [[nodiscard]] std::string seen() const {
        return front().kind == Kind::end ? "the file ends"
                                         : fmt::format("'{}' stands", legible(front().text));
    }

    void begin() {
        auto const word = in_small_letters(front().text);
        bool const maximize = word == "maximize" || word == "maximise" || word == "maximum" || word == "max";
        bool const minimize = word == "minimize" || word == "minimise" || word == "minimum" || word == "min";
        if (front().kind == Kind::end)
            refuse(
                "the problem is empty: the file says nothing; an LP file begins with Minimize or Maximize");
        if (!maximize && !minimize)
            refuse("'{}': an LP file begins with Minimize or Maximize", legible(front().text));
        if (front(1).kind == Kind::colon)
            refuse("'{}:' begins a file of lp_solve, which is not read; LP files of CPLEX are",
                   legible(front().text));
        problem_.sense = maximize ? Sense::maximize : Sense::minimize;
        section_ = Section::objective;
        ++at_;
    }

    /// Goes on to the next section where one begins.
    bool begins_section() {
        auto const& token = front();
        if (token.kind != Kind::name || !token.begins_line || front(1).kind == Kind::colon) return false;
        auto const word = in_small_letters(token.text);
        auto const next_word = in_small_letters(front(1).text);
        if ((word == "subject" && next_word == "to") || (word == "such" && next_word == "that")) {
            at_ += 2;
            enter(Section::rows);
            return true;
        }
        if (word == "sos" || word == "sos1" || word == "sos2" || word == "semi" || word == "semis" ||
            word == "pwlobj")
            refuse(
                "section '{}' is not read: linear problems with integer variables are; state the problem "
                "without it",
                legible(token.text));
        if (word == "lazy" || word == "user")
            refuse("section '{} {}' is not read; make its rows constraints", legible(token.text),
                   legible(front(1).text));
        auto const found = section_words().find(word);
        if (found == section_words().end()) return false;
        ++at_;
        enter(found->second);
        return true;
    }

    void enter(Section section) { section_ = section; }

    /// "name:" or "name :", where one stands.
    std::string label() {
        if (front().kind != Kind::name || front(1).kind != Kind::colon) return {};
        auto name = front().text;
        at_ += 2;
        return name;
    }

    /// The variable of that name, which stands before here; made where there is none yet.
    std::size_t variable(std::string const& name) {
        auto const word = in_small_letters(name);
        if (word == "nan" || word == "inf" || word == "infinity") {
            --at_;
            refuse("'{}' is not a finite number, and not a name that a variable may have", legible(name));
        }
        auto const [place, is_new] = places_.emplace(name, problem_.variables.size());
        if (is_new) problem_.variables.push_back({.name = name});
        return place->second;
    }

    static bool is_infinity(Token const& token) {
        auto const word = in_small_letters(token.text);
        return token.kind == Kind::name && (word == "inf" || word == "infinity");
    }

    /// Terms, up to what is none.
    Sum sum() {
        Sum result;
        for (bool first = true;; first = false) {
            double sign = 1;
            bool has_sign = false;
            for (; front().kind == Kind::sign; ++at_) {
                if (front().text == "-") sign = -sign;
                has_sign = true;
            }
            refuse_quadratic();
            bool const takes = front().kind == Kind::number || front().kind == Kind::name;
            if (!takes && (has_sign || first))
                refuse("{} where a term was expected: a number, or a variable", seen());
            // Without a sign between them two terms do not add up: the second begins something else.
            if (!takes || (!first && !has_sign)) return result;
            if (front().kind == Kind::name && front(1).kind == Kind::colon) {
                if (has_sign || first) refuse("a term was expected here, and not a name with a colon");
                return result;
            }
            add_term(result, sign);
        }
    }

    void refuse_quadratic() const {
        if (front().kind == Kind::bracket)
            refuse(
                "'{}': terms that are not linear are not read from LP files; write the problem as JSON "
                "(docs/service/solve.md)",
                front().text);
    }

    void add_term(Sum& sum, double sign) {
        if (is_infinity(front())) {
            sum.constant += sign * unlimited;
            sum.has_constant = sum.infinite = true;
            ++at_;
            return;
        }
        double coefficient = sign;
        bool const with_number = front().kind == Kind::number;
        if (with_number) {
            coefficient *= front().number;
            ++at_;
            refuse_quadratic();
        }
        bool const with_name = front().kind == Kind::name && front(1).kind != Kind::colon &&
                               !(with_number && front().begins_line && is_section_word(at_));
        if (with_name) {
            auto const& name = front().text;
            ++at_;
            sum.terms[variable(name)] += coefficient;
            refuse_quadratic();
            return;
        }
        sum.constant += coefficient;
        sum.has_constant = true;
    }

    /// Can a section begin with the token?
    [[nodiscard]] bool is_section_word(std::size_t place) const {
        if (tokens_[place].kind != Kind::name) return false;
        static std::set<std::string> const others{"such",  "sos",  "sos1", "sos2",   "semi",
                                                  "semis", "lazy", "user", "subject"};
        auto const word = in_small_letters(tokens_[place].text);
        return section_words().count(word) > 0 || others.count(word) > 0;
    }

    void read_objective() {
        if (has_objective_)
            refuse("'{}': a section such as 'Subject To' was expected", legible(front().text));
        (void)label();
        has_objective_ = true;
        if (begins_section()) return;
        auto const objective = sum();
        if (objective.infinite) refuse("the objective has an infinity in it");
        for (auto const& [index, coefficient] : objective.terms)
            problem_.objective.push_back({index, coefficient});
        problem_.constant = objective.constant;
    }

    std::string relation() {
        if (front().kind != Kind::relation) refuse("{} where a relation was expected: <=, >= or =", seen());
        auto sign = front().text;
        ++at_;
        return sign;
    }

    /// expression <= expression, or number <= expression <= number.
    void read_row() {
        Token const start = front();
        Row row{.name = label()};
        if (row.name.empty()) row.name = fmt::format("R{}", problem_.rows.size() + 1);
        if (!row_names_.insert(row.name).second)
            throw DataError(
                fmt::format("{}: line {}, column {}: there are two constraints '{}'; give one "
                            "another name, or leave it out",
                            file_, start.line, start.column, legible(row.name)));
        Sum left = sum();
        if (front().text == "->") refuse("indicator constraints are not read");
        auto const sign = relation();
        Sum right = sum();
        if (front().kind == Kind::relation) {
            read_range(row, left, right, sign);
        } else {
            for (auto const& [index, coefficient] : right.terms) left.terms[index] -= coefficient;
            double const side = right.constant - left.constant;
            if (!std::isfinite(side)) refuse("constraint '{}' has an infinity in it", legible(row.name));
            if (left.terms.empty()) refuse("constraint '{}' has no variables", legible(row.name));
            if (sign != "<") row.lower = side;
            if (sign != ">") row.upper = side;
            add_row(std::move(row), left);
        }
    }

    void read_range(Row& row, Sum const& left, Sum const& middle, std::string const& sign) {
        auto const second = relation();
        Sum const right = sum();
        if (!left.terms.empty() || !right.terms.empty() || second != sign || sign == "=")
            refuse("constraint '{}' has two relations: it must be number <= terms <= number",
                   legible(row.name));
        double const one = bound_of(left.constant) - middle.constant;
        double const other = bound_of(right.constant) - middle.constant;
        row.lower = sign == "<" ? one : other;
        row.upper = sign == "<" ? other : one;
        add_row(std::move(row), middle);
    }

    void add_row(Row row, Sum const& sum) {
        row.terms.reserve(sum.terms.size());
        for (auto const& [index, coefficient] : sum.terms) row.terms.push_back({index, coefficient});
        problem_.rows.push_back(std::move(row));
    }

    // ---- bounds

    /// x free; x <= 4; 0 <= x; 0 <= x <= 4; x = 3.
    void read_bound() {
        if (front().kind == Kind::name && front(1).kind == Kind::name && !front(1).begins_line &&
            in_small_letters(front(1).text) == "free") {
            auto const index = known_variable();
            ++at_;
            set_lower(index, -unlimited);
            set_upper(index, unlimited);
            return;
        }
        if (front().kind == Kind::name && !is_infinity(front())) {
            auto const index = known_variable();
            auto const sign = relation();
            set(index, sign, bound());
            return;
        }
        double const first = bound();
        auto const sign = relation();
        auto const index = known_variable();
        set(index, sign == "<" ? ">" : sign == ">" ? "<" : sign, first);
        if (front().kind == Kind::relation) {
            auto const second = relation();
            if (second != sign || sign == "=") refuse("bounds must be number <= variable <= number");
            set(index, second, bound());
        }
    }

    std::size_t known_variable() {
        if (front().kind != Kind::name) refuse("{} where a variable was expected", seen());
        auto const found = places_.find(front().text);
        if (found == places_.end())
            refuse("there is no variable '{}' in objective and constraints", legible(front().text));
        ++at_;
        return found->second;
    }

    double bound() {
        double sign = 1;
        for (; front().kind == Kind::sign; ++at_)
            if (front().text == "-") sign = -sign;
        double value = 0;
        if (is_infinity(front()))
            value = unlimited;
        else if (front().kind == Kind::number)
            value = front().number;
        else
            refuse("{} where a number was expected, or infinity", seen());
        ++at_;
        return bound_of(sign * value);
    }

    void set(std::size_t index, std::string const& sign, double value) {
        if (sign != "<") set_lower(index, value);
        if (sign != ">") set_upper(index, value);
    }

    void set_lower(std::size_t index, double value) {
        if (!with_lower_.insert(index).second)
            refuse("variable '{}' has a second lower bound; keep one", name_of(index));
        problem_.variables[index].lower = value;
    }

    void set_upper(std::size_t index, double value) {
        if (!with_upper_.emplace(index, front().line).second)
            refuse("variable '{}' has a second upper bound; keep one", name_of(index));
        problem_.variables[index].upper = value;
    }

    [[nodiscard]] std::string name_of(std::size_t index) const {
        return legible(problem_.variables[index].name);
    }

    void read_integer() {
        auto const index = known_variable();
        Variable& one = problem_.variables[index];
        one.integer = true;
        if (section_ != Section::binaries) return;
        bool const wide = (with_lower_.count(index) > 0 && one.lower < 0) ||
                          (with_upper_.count(index) > 0 && one.upper > 1);
        --at_;
        if (wide)
            refuse("'{}' is binary, but its bounds are wider than 0 to 1; make it general", name_of(index));
        ++at_;
        if (with_lower_.count(index) == 0) one.lower = 0;
        if (with_upper_.count(index) == 0) one.upper = 1;
    }

    void check_bounds() const {
        for (auto const& [index, line] : with_upper_) {
            auto const& one = problem_.variables[index];
            if (with_lower_.count(index) == 0 && one.upper < 0)
                throw DataError(fmt::format(
                    "{}: line {}: variable '{}' has the upper bound {} and no lower one, which is then 0 to "
                    "some programs and none to others: say which, as in -inf <= {} <= {}",
                    file_, line, name_of(index), one.upper, name_of(index), one.upper));
        }
    }

    std::string const& file_;
    std::vector<Token> tokens_;
    std::size_t at_ = 0;
    std::size_t statement_ = 0;  ///< where the statement began that is being read
    std::size_t before_ = 0;     ///< and the one before
    Section section_ = Section::none;
    bool has_objective_ = false;
    Problem problem_;
    std::unordered_map<std::string, std::size_t> places_;
    std::set<std::string> row_names_;
    std::set<std::size_t> with_lower_;
    std::map<std::size_t, std::size_t> with_upper_;  ///< with the line
};

}  // namespace

Problem read_lp(std::string const& file, std::string_view text) {
    return Reader(file, lp::tokens_of(file, text)).read();
}

}  // namespace vaster::service::solve
