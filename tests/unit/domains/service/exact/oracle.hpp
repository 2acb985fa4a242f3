#pragma once

#include <cstdlib>
#include <filesystem>
#include <fstream>
#include <string>
#include <vector>

#include <nlohmann/json.hpp>

namespace vaster::testing {

/// Numbers of very different size, and what exact rational arithmetic in Python makes of them.
struct ReduceOracle {
    std::vector<double> numbers;  ///< empty where the oracle is not beside the checkout
    nlohmann::json expected;

    /// A hexadecimal floating-point text of the oracle.
    [[nodiscard]] double number(std::string const& name) const {
        return std::strtod(expected.at(name).get<std::string>().c_str(), nullptr);
    }
};

inline ReduceOracle reduce_oracle() {
    auto const folder = std::filesystem::path(VASTER_SHARED_DIR) / "reference/models-in-use";
    ReduceOracle oracle;
    std::ifstream table(folder / "reduce.csv");
    std::string line;
    std::getline(table, line);
    while (std::getline(table, line)) oracle.numbers.push_back(std::strtod(line.c_str(), nullptr));
    if (!oracle.numbers.empty())
        oracle.expected = nlohmann::json::parse(std::ifstream(folder / "reduce.json"));
    return oracle;
}

}  // namespace vaster::testing
