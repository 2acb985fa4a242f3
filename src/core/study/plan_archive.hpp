#pragma once

#include <cstdint>
#include <string>
#include <utility>
#include <variant>

#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>

#include "core/study/serialization.hpp"

/// A plan as Boost's archive writes it: study files hold the hash of these bytes.

namespace boost::serialization {

template <class Archive>
void serialize(Archive& archive, vaster::study::Cell& cell, unsigned) {
    auto const kind = static_cast<std::uint8_t>(cell.index());
    archive << kind;
    std::visit([&](auto const& value) { archive << value; }, cell);
}

template <class Archive, class Tag>
void serialize(Archive& archive, vaster::Id<Tag>& id, unsigned) {
    archive << std::as_const(id.value);
}

}  // namespace boost::serialization
