#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "domains/service/jobs/placeholders.hpp"

namespace vaster::service {

/// A key of a foreach and the values that it goes through.
struct ForeachList {
    std::string name;
    std::vector<std::string> values;
};

/// Every choice of one value from each list, the last list fastest.
[[nodiscard]] std::vector<Placeholders> product_of(std::vector<ForeachList> const& lists);

/// A choice for each row of a CSV table: its cells by the names of its columns. @throws DataError, IoError
[[nodiscard]] std::vector<Placeholders> rows_of(std::filesystem::path const& table);

}  // namespace vaster::service
