#include "domains/va/models/part_checks.hpp"

#include <numeric>

namespace vaster::models {

void save_classes(Parts& parts, std::vector<std::uint32_t> const& causes) {
    parts.put("classes", causes);
}

std::vector<std::uint32_t> load_classes(Parts const& parts, std::size_t n_causes) {
    auto const causes = parts.get<std::uint32_t>("classes");
    require<DataError>(!causes.empty(), "part 'classes' is empty (a model knows one cause at least)");
    check_ascending("classes", causes);
    require<DataError>(causes.back() < n_causes, "part 'classes' names cause {} (there are {})",
                       causes.back(), n_causes);
    return {causes.begin(), causes.end()};
}

std::uint64_t sum_of(std::span<std::uint32_t const> counts) {
    return std::accumulate(counts.begin(), counts.end(), std::uint64_t{0});
}

}  // namespace vaster::models
