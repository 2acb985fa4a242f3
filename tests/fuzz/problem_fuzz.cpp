// Optimisation problems as MPS, LP and JSON: any text is read, or refused in one Error.
#include <cmath>
#include <cstdint>
#include <cstdlib>
#include <string>

#include "domains/service/solve/check.hpp"
#include "domains/service/solve/readers.hpp"
#include "vaster/support/errors.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace vaster;
    using namespace vaster::service::solve;
    std::string const text(reinterpret_cast<char const*>(data), size);
    for (auto const* const file : {"a.mps", "a.lp", "a.json"}) {
        try {
            auto const problem = read_problem(file, text);
            std::vector<double> const x(problem.variables.size(), 1.5);
            (void)violation_of(problem, x);
            (void)is_convex(problem);
            for (auto const& row : problem.rows)
                for (auto const& term : row.terms)
                    if (term.variable >= x.size() || !std::isfinite(term.coefficient)) std::abort();
        } catch (Error const&) {
        }
    }
    return 0;
}
