// Problems as JSON, with formulas.
#include <algorithm>
#include <array>
#include <cmath>
#include <set>

#include <fmt/core.h>
#include <nlohmann/json.hpp>

#include "base/support/byte_text.hpp"
#include "base/support/nearest.hpp"
#include "domains/service/solve/formula.hpp"
#include "domains/service/solve/readers.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service::solve {
namespace {

using Json = nlohmann::json;
using Keys = std::vector<std::string>;

/// Parses, and refuses a key that is there twice: the library would keep the last one in silence.
Json parsed(std::string const& file, std::string_view text) {
    std::vector<std::set<std::string>> keys;
    constexpr int deepest = 100;
    auto const watch = [&](int depth, Json::parse_event_t event, Json& value) {
        require<DataError>(depth <= deepest, "{}: arrays and objects lie in one another more than {} deep",
                           file, deepest);
        if (event == Json::parse_event_t::object_start) keys.emplace_back();
        if (event == Json::parse_event_t::object_end) keys.pop_back();
        if (event == Json::parse_event_t::key)
            require<DataError>(keys.back().insert(value.get<std::string>()).second,
                               "{}: the key '{}' is there twice in one object; keep one", file,
                               legible(value.get<std::string>()));
        return true;
    };
    try {
        return Json::parse(text, watch);
    } catch (Json::exception const& problem) {
        // "[json.exception.parse_error.101] parse error at line 3, column 4: ..."
        std::string_view why = problem.what();
        auto const bracket = why.find("] ");
        if (bracket != std::string_view::npos) why.remove_prefix(bracket + 2);
        throw DataError(fmt::format("{}: cannot be read as JSON: {}", file, legible(why)));
    }
}

class Reader {
  public:
    Reader(std::string const& file, Json const& document) : file_(file), document_(document) {}

    Problem read() {
        if (!document_.is_object()) refuse("", "must be an object with variables, objective, constraints");
        check_keys(document_, "",
                   {"name", "source", "comment", "sense", "class", "variables", "objective", "constraints",
                    "known"});
        problem_.name = text_at(document_, "", "name", "");
        auto const sense = text_at(document_, "", "sense", "minimize");
        if (sense != "minimize" && sense != "maximize")
            refuse("sense", fmt::format("is \"{}\" (must be \"minimize\" or \"maximize\")", legible(sense)));
        problem_.sense = sense == "maximize" ? Sense::maximize : Sense::minimize;
        auto const problem_class = text_at(document_, "", "class", "");
        if (!problem_class.empty() && problem_class != "global" && problem_class != "local")
            refuse("class", fmt::format("is \"{}\" (must be \"local\" or \"global\", or not given; what else "
                                        "matters is found by reading)",
                                        legible(problem_class)));
        problem_.global = problem_class == "global";
        read_variables();
        read_objective();
        read_constraints();
        check_integers();
        return std::move(problem_);
    }

  private:
    [[noreturn]] void refuse(std::string_view where, std::string_view why) const {
        throw DataError(fmt::format("{}: {}{}{}", file_, where, where.empty() ? "" : " ", why));
    }

    void check_keys(Json const& object, std::string const& where, Keys const& known) const {
        for (auto const& [key, value] : object.items())
            if (std::find(known.begin(), known.end(), key) == known.end())
                refuse(where, fmt::format("has the key '{}', which is not known; {}", legible(key),
                                          suggestion(key, known, "keys are")));
    }

    static std::string path_of(std::string const& where, char const* key) {
        return where.empty() ? key : fmt::format("{}.{}", where, key);
    }

    [[nodiscard]] std::string text_at(Json const& object, std::string const& where, char const* key,
                                      std::string const& otherwise) const {
        auto const found = object.find(key);
        if (found == object.end()) return otherwise;
        if (!found->is_string()) refuse(path_of(where, key), "must be a text");
        return found->get<std::string>();
    }

    /// @param otherwise  where the key is not given, or null
    [[nodiscard]] double number_at(Json const& object, std::string const& where, char const* key,
                                   double otherwise) const {
        auto const found = object.find(key);
        if (found == object.end() || found->is_null()) return otherwise;
        if (!found->is_number())
            refuse(path_of(where, key), fmt::format("is {} (must be a number, or null where there is none)",
                                                    legible(found->dump())));
        return found->get<double>();
    }

    [[nodiscard]] Json const& list_at(char const* key) const {
        static Json const nothing = Json::array();
        auto const found = document_.find(key);
        if (found == document_.end()) return nothing;
        if (!found->is_array()) refuse(key, "must be a list");
        return *found;
    }

    void read_variables() {
        std::size_t number = 0;
        for (auto const& one : list_at("variables")) {
            auto const where = fmt::format("variables[{}]", number++);
            if (!one.is_object()) refuse(where, "must be an object with a name");
            check_keys(one, where, {"name", "lower", "upper", "start", "type", "comment"});
            Variable variable;
            variable.name = text_at(one, where, "name", "");
            if (variable.name.empty()) refuse(where, "has no name");
            auto const type = text_at(one, where, "type", "real");
            if (type != "real" && type != "integer" && type != "binary")
                refuse(where + ".type",
                       fmt::format("is \"{}\" (must be \"real\", \"integer\" or \"binary\")", legible(type)));
            bool const binary = type == "binary";
            variable.integer = type != "real";
            variable.lower = bound_of(number_at(one, where, "lower", binary ? 0 : -unlimited));
            variable.upper = bound_of(number_at(one, where, "upper", binary ? 1 : unlimited));
            if (binary && (variable.lower < 0 || variable.upper > 1))
                refuse(where, "is binary, but its bounds are wider than 0 to 1; make it \"integer\"");
            variable.start = number_at(one, where, "start", std::nan(""));
            names_.push_back(variable.name);
            problem_.variables.push_back(std::move(variable));
        }
        check_problem(file_, problem_);
    }

    [[nodiscard]] std::shared_ptr<Formula const> formula_at(std::string const& where,
                                                            std::string const& text) const {
        try {
            return std::make_shared<Formula const>(text, names_);
        } catch (DataError const& problem) {
            throw DataError(fmt::format("{}: {}: {}", file_, where, problem.what()));
        }
    }

    /// The formula as terms, where it is linear; what is constant in it.
    [[nodiscard]] bool is_linear(Formula const& formula, std::string const& where, std::vector<Term>& terms,
                                 double& constant) const {
        auto const polynomial = formula.quadratic();
        if (!polynomial || !polynomial->squares.empty()) return false;
        constant = polynomial->constant;
        bool finite = std::isfinite(constant);
        for (auto const& [variable, coefficient] : polynomial->linear) {
            finite = finite && std::isfinite(coefficient);
            terms.push_back({variable, coefficient});
        }
        if (!finite) refuse(where, "has a coefficient that is not a finite number");
        return true;
    }

    void read_objective() {
        auto const text = text_at(document_, "", "objective", "");
        if (text.empty())
            refuse("objective", "is not given (must be a formula; \"0\" where any point will do)");
        auto formula = formula_at("objective", text);
        if (!is_linear(*formula, "objective", problem_.objective, problem_.constant))
            problem_.formula = std::move(formula);
    }

    void read_constraints() {
        std::size_t number = 0;
        for (auto const& one : list_at("constraints")) {
            auto const where = fmt::format("constraints[{}]", number++);
            if (!one.is_object()) refuse(where, "must be an object with an expression");
            check_keys(one, where, {"name", "expression", "lower", "upper", "comment"});
            Row row;
            row.name = text_at(one, where, "name", fmt::format("c{}", number));
            auto const text = text_at(one, where, "expression", "");
            if (text.empty()) refuse(where, "has no expression");
            row.lower = bound_of(number_at(one, where, "lower", -unlimited));
            row.upper = bound_of(number_at(one, where, "upper", unlimited));
            if (row.lower == -unlimited && row.upper == unlimited)
                refuse(where,
                       "has neither 'lower' nor 'upper', so that it holds nothing back; give one of them, a "
                       "number");
            auto formula = formula_at(where + ".expression", text);
            double constant = 0;
            if (is_linear(*formula, where, row.terms, constant)) {
                row.lower -= constant;
                row.upper -= constant;
                row.constant = constant;
            } else {
                row.formula = std::move(formula);
            }
            problem_.rows.push_back(std::move(row));
        }
    }

    void check_integers() const {
        auto const type = class_of(problem_);
        if (type == Class::lp || type == Class::mip) return;
        for (auto const& variable : problem_.variables)
            if (variable.integer)
                refuse("", fmt::format("variable '{}' is an integer, and the problem is not linear: there is "
                                       "no solver for that here; make it linear, or the variable real",
                                       legible(variable.name)));
    }

    std::string const& file_;
    Json const& document_;
    Keys names_;
    Problem problem_;
};

}  // namespace

Problem read_json(std::string const& file, std::string_view text) {
    auto const document = parsed(file, text);
    return Reader(file, document).read();
}

}  // namespace vaster::service::solve
