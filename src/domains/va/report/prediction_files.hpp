#pragma once

#include <filesystem>
#include <string>
#include <vector>

#include "core/store/reader.hpp"
#include "domains/va/prediction/new_columns.hpp"
#include "domains/va/report/prediction_results.hpp"

namespace vaster::va {

/// How NAME.csv is laid out.
enum class CsvLayout {
    vaster,  ///< row, id, cause1, p1, ..., flags, model, kept columns
    openva,  ///< ID, cause1, prob1, ..., as getTopCOD(n) of openVA
};

struct PredictionFiles {
    std::filesystem::path base;  ///< "NAME" of NAME.csv, NAME-csmf.csv, NAME.json
    NewDeathsSource source;      ///< of the IDs and the kept columns
    CsvLayout layout = CsvLayout::vaster;
    bool stamp = true;  ///< a column with the model
};

/// Writes the files of a prediction that is complete: a row for every row of the data, in their order. Equal
/// predictions make equal bytes; times stay in the study file. Each file appears as a whole.
/// @throws DataError when the data have changed since; IoError
void write_prediction_files(store::Reader const& study, PredictionResults const& results,
                            PredictionFiles const& files);

}  // namespace vaster::va
