#include "vaster/study/study.hpp"

#include <stdexcept>

#include <fmt/format.h>

namespace vaster::study {

Experiment const& NoRecords::nothing(std::size_t row) {
    throw std::logic_error(fmt::format("there is no row {} in a study that has not begun", row));
}

std::unique_ptr<Study> Kind::reopen(Config const&, KeptData const&) const {
    throw std::logic_error("a study of kind '" + name() + "' keeps no data in its file");
}

std::unique_ptr<Study> Kind::open_from(Config const&, std::shared_ptr<SealedBlock const> const&) const {
    throw std::logic_error("a study of kind '" + name() + "' has no block of data to be opened from");
}

}  // namespace vaster::study
