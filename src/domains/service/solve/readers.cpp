#include "domains/service/solve/readers.hpp"

#include <algorithm>
#include <charconv>
#include <cmath>
#include <filesystem>
#include <unordered_set>

#include <fmt/core.h>

#include "base/support/byte_text.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::service::solve {
namespace {

std::string in_small_letters(std::string_view text) {
    std::string small(text);
    for (char& c : small)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return small;
}

template <class Named>
void check_names(std::string const& file, std::vector<Named> const& all, std::string_view what) {
    std::unordered_set<std::string_view> names;
    for (auto const& one : all)
        require<DataError>(names.insert(one.name).second,
                           "{}: there are two {}s '{}'; each needs a name of its own", file, what,
                           legible(one.name));
}

}  // namespace

Problem read_problem(std::string const& file, std::string_view text) {
    auto const extension = in_small_letters(std::filesystem::path(file).extension().string());
    require<DataError>(text.find('\0') == std::string_view::npos,
                       "{}: holds a zero byte: this is not a text; .mps, .lp and .json are", file);
    Problem problem;
    if (extension == ".mps")
        problem = read_mps(file, text);
    else if (extension == ".lp")
        problem = read_lp(file, text);
    else if (extension == ".json")
        problem = read_json(file, text);
    else
        throw DataError(
            fmt::format("{}: problems are read from files that end in .mps, .lp or .json; this one "
                        "ends in '{}': unpack or rename it",
                        file, extension));
    check_problem(file, problem);
    return problem;
}

std::optional<double> number_of(std::string_view text) {
    std::string digits = in_small_letters(text);
    std::replace(digits.begin(), digits.end(), 'd', 'e');
    std::string_view rest = digits;
    bool const negative = !rest.empty() && rest.front() == '-';
    if (!rest.empty() && (rest.front() == '-' || rest.front() == '+')) rest.remove_prefix(1);
    double number = unlimited;
    if (rest != "inf" && rest != "infinity") {
        if (rest.empty() || rest.find_first_not_of("0123456789.e+-") != std::string_view::npos ||
            rest.front() == '-' || rest.front() == '+')
            return std::nullopt;
        auto const* const end = rest.data() + rest.size();
        auto const [stop, problem] = std::from_chars(rest.data(), end, number);
        if (problem != std::errc() || stop != end) return std::nullopt;
    }
    return negative ? -number : number;
}

double bound_of(double number) {
    if (std::abs(number) < as_good_as_infinite) return number;
    return number > 0 ? unlimited : -unlimited;
}

void check_problem(std::string const& file, Problem const& problem) {
    require<DataError>(!problem.variables.empty(),
                       "{}: the problem is empty: it has no variables, so that there is nothing to solve; is "
                       "this the whole file?",
                       file);
    check_names(file, problem.variables, "variable");
    check_names(file, problem.rows, "constraint");
}

}  // namespace vaster::service::solve
