#pragma once

#include <cstdint>
#include <filesystem>
#include <span>
#include <string>
#include <vector>

#include "core/h5/dataset.hpp"
#include "core/h5/file.hpp"
#include "core/store/header.hpp"
#include "core/store/inputs.hpp"
#include "core/store/rows.hpp"
#include "core/study/journal.hpp"
#include "vaster/study/experiment.hpp"
#include "vaster/study/schema.hpp"

namespace vaster::store {

/// Marks of /records: study::Status.
[[nodiscard]] constexpr std::uint32_t mark_of(study::Status status) {
    return static_cast<std::uint32_t>(status);
}

/// An open study file: what it says of itself and its tables. HDF5 has told where rows lie and is closed
/// again.
struct StudyFile {
    Header header;
    study::Schema schema;
    Table plan;
    Table records;
    Table attempts;
    Table schedule;
    std::vector<h5::Dataset> arrays;  ///< as schema.arrays
    std::vector<KeptInput> inputs;

    /// Where the elements of an experiment's array begin and how many rows of the dataset they are.
    struct Slice {
        std::uint64_t first = 0;
        std::uint64_t count = 0;
    };

    [[nodiscard]] Slice slice(std::size_t array, study::Experiment const& experiment) const;

    /// Arrays of an experiment, packed. @throws DataError when the plan's row points outside of a dataset
    [[nodiscard]] std::vector<std::vector<std::uint8_t>> read_arrays(
        study::Experiment const& experiment) const;

    /// The planned row and the stage that planned it, counted from 1; 0 when it is not planned (yet).
    /// @throws DataError when its checksum does not hold
    [[nodiscard]] std::uint32_t stage_of(std::uint64_t row, study::Experiment& experiment) const;
};

/// CRC-32 of arrays, one after the other.
[[nodiscard]] std::uint32_t checksum_of(std::vector<std::vector<std::uint8_t>> const& arrays);

/// Checks the seal, then opens: for reading, or for writing rows. @throws IoError, DataError as Reader does
[[nodiscard]] StudyFile open_study(std::filesystem::path const& path);
[[nodiscard]] StudyFile open_study_for_rows(std::filesystem::path const& path, h5::Driver driver);

}  // namespace vaster::store
