#include "domains/stream/tasks/training_rows.hpp"

#include <string_view>

#include "base/support/hash.hpp"

namespace vaster::stream {

std::vector<double> TrainingRows::targets() const {
    std::vector<double> targets(size());
    for (std::size_t row = 0; row < size(); ++row) targets[row] = target(row);
    return targets;
}

std::string TrainingRows::hash() const {
    return hash_text({reinterpret_cast<char const*>(values_.data()), values_.size() * sizeof(double)});
}

}  // namespace vaster::stream
