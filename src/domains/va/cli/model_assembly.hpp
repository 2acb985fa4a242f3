#pragma once

#include <filesystem>
#include <string>
#include <utility>
#include <vector>

#include "core/store/reader.hpp"
#include "domains/va/models/catalogue.hpp"
#include "domains/va/study/kept_model.hpp"
#include "domains/va/study/options.hpp"

namespace vaster::va {

/// A model file that has been made, or was there already.
struct Assembled {
    std::filesystem::path file;
    std::string content;    ///< its identity, as archive::Archive::content
    std::string file_hash;  ///< SHA-256 of the file
    KeptModel model;
};

/// Makes the model file of a finished training: what the final fits have left in their files, the weights of
/// an ensemble, the inner results, and where all of it comes from. The files of the fits are removed then.
/// Where they are gone and the model file is that of this study, it stays as it is.
/// @param study    a study file of kind va-train, every experiment of which is done
/// @param options  of its configuration
/// @throws DataError when a file is not what the study file says of it, or is gone; IoError
[[nodiscard]] Assembled assemble_model(store::Reader const& study, TrainingOptions const& options);

/// The inner results in a study file of kind va-train; designs without a finished experiment are left out.
[[nodiscard]] std::vector<InnerResults> inner_results(store::Reader const& study, std::size_t n_causes);

}  // namespace vaster::va
