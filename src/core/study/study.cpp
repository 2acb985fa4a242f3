#include "vaster/study/study.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace vaster::study {

Experiment const& NoRecords::nothing(std::size_t row) {
    throw std::logic_error(fmt::format("there is no row {} in a study that has not begun", row));
}

}  // namespace vaster::study
