#pragma once

#include <string>
#include <string_view>

#include "base/support/byte_archive.hpp"
#include "vaster/study/experiment.hpp"

/// The shared words as bytes: between the processes of one run only, never a file format.
namespace vaster::study {

template <class Archive>
void Experiment::serialize(Archive& archive, unsigned) {
    archive& index& id& group& expected_seconds& cost_key& design& n_rows& first_row& skip_reason;
}

/// The object as bytes.
template <class T>
[[nodiscard]] std::string pack(T const& object) {
    return bytes_of(object);
}

/// The object back from its bytes.
template <class T>
[[nodiscard]] T unpack(std::string_view bytes) {
    return object_of<T>(bytes);
}

}  // namespace vaster::study
