#pragma once

#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/prediction/cause_sums.hpp"
#include "domains/va/prediction/prediction_options.hpp"
#include "vaster/study/schema.hpp"

namespace vaster::va {

/// What is to be said of a death beside its causes: bits of its flags.
enum DeathFlag : std::uint8_t {
    flag_unreadable = 1,    ///< an answer cannot be read: no cause
    flag_unanswered = 2,    ///< every answer is missing
    flag_undetermined = 4,  ///< no cause is given
};

/// "unanswered undetermined"; empty where there are none.
[[nodiscard]] std::string flags_text(std::uint8_t flags);

/// What a study file says of one death.
struct DeathRow {
    std::int64_t row = 0;  ///< of the data file, from 0
    std::uint8_t flags = 0;
    std::vector<std::int32_t> causes;   ///< most probable first; -1: undetermined, or none
    std::vector<double> probabilities;  ///< of these; NaN: none
    std::int32_t true_cause = -1;       ///< -1: not known
    std::int32_t true_rank = -1;        ///< of the true cause among all, from 0; -1: not known
    double true_probability = 0;        ///< NaN: not known
    double weight = 1;                  ///< of the death
};

/// Which arrays and fields a prediction has.
struct PredictionLayout {
    std::size_t n_causes = 0;
    std::size_t n_groups = 0;
    std::size_t top = 0;               ///< causes that are kept of each death, at most n_causes
    bool scored = false;               ///< DeathRow has the true cause
    bool all = false;                  ///< every probability is kept
    bool batches = false;              ///< the model codes batches, and has cause fractions of its own
    Weighted weighted = Weighted::no;  ///< deaths have weights

    [[nodiscard]] std::size_t n_buckets() const { return buckets_for(n_groups); }

    /// Nothing summed.
    [[nodiscard]] CauseSums no_sums() const { return {n_groups, n_buckets(), n_causes, weighted}; }
};

/// Cells of results, in this order.
struct PredictionCells {
    std::int64_t deaths = 0;   ///< rows
    std::int64_t counted = 0;  ///< deaths in the cause fractions
    std::int64_t unreadable = 0;
    std::int64_t unanswered = 0;
    std::int64_t undetermined = 0;  ///< of those counted and of the unanswered: without a cause
    double converged = 0;           ///< models that sample: 1 or 0; NaN: others
    double rhat = 0;                ///< NaN: others
    double seconds = 0;
};

[[nodiscard]] study::Schema prediction_schema(PredictionLayout const& layout,
                                              std::vector<std::string> const& causes);

[[nodiscard]] study::Cells cells_of(PredictionCells const& cells);
[[nodiscard]] PredictionCells prediction_cells(study::Cells const& cells);

/// Names of arrays.
inline constexpr std::string_view deaths_array = "deaths";
inline constexpr std::string_view probability_array = "probability";
inline constexpr std::string_view sums_array = "cause_sums";
inline constexpr std::string_view summed_array = "summed_deaths";
inline constexpr std::string_view top_array = "top_causes";
inline constexpr std::string_view weights_array = "summed_weights";
inline constexpr std::string_view top_weights_array = "top_weights";
inline constexpr std::string_view own_array = "own_csmf";

/// The model's own cause fractions of a batch, [n_causes] each.
struct OwnFractions {
    std::vector<double> fraction, lo, hi;
};

/// What outputs say of the model, kept in the study file so that they need no model file.
struct ModelNote {
    std::string name;
    std::string content;                   ///< its content id
    std::string file_hash;                 ///< SHA-256 of the model file
    std::optional<double> transfer_error;  ///< for transfer_interval(); nothing: not known

    /// The first digits of the content id, which are enough to know the model by.
    [[nodiscard]] std::string stamp() const { return content.substr(0, 12); }

    bool operator==(ModelNote const&) const = default;
};

/// What outputs say of the posterior by which deaths were coded.
struct PosteriorNote {
    std::string content;  ///< its content id
    std::string batch;    ///< whose it is; empty: of all deaths of a file
    std::uint64_t n_deaths = 0;
    std::uint64_t n_sampled = 0;
    bool converged = false;
    OwnFractions csmf;  ///< of these deaths; empty: there are none

    [[nodiscard]] std::string stamp() const { return content.substr(0, 12); }
};

[[nodiscard]] study::LabelList label_of(PosteriorNote const& note);

/// Nothing: the study file has none. @throws DataError when it is not sound
[[nodiscard]] std::optional<PosteriorNote> posterior_note(study::Schema const& schema);

/// What a study file keeps of the matrix by which fractions are corrected: where it is from, and its counts.
[[nodiscard]] study::LabelList label_of(ConfusionCounts const& confusion);

/// Nothing: they are not corrected. @throws DataError when it is not sound
[[nodiscard]] std::optional<ConfusionCounts> confusion_in(study::Schema const& schema, std::size_t n_causes);

[[nodiscard]] study::LabelList label_of(ModelNote const& note);

/// @throws DataError when the study file has none
[[nodiscard]] ModelNote model_note(study::Schema const& schema);

/// The labels of a list; empty where there is no such list.
[[nodiscard]] std::vector<std::string> labels_named(study::Schema const& schema, std::string_view name);

/// What a block or batch yields.
struct BlockArrays {
    std::vector<DeathRow> deaths;
    std::vector<double>
        probability;  ///< [n_deaths][n_causes], NaN where there are none; empty unless all are kept
    CauseSums sums{1, 1, 1};
    OwnFractions own;  ///< empty: the model has none
};

/// As the schema's arrays, in order.
[[nodiscard]] std::vector<std::vector<std::uint8_t>> packed(BlockArrays const& arrays,
                                                            PredictionLayout const& layout);

/// The layout of a study file. @throws DataError when it is not one of a prediction
[[nodiscard]] PredictionLayout layout_of(study::Schema const& schema);

/// Takes apart what packed() made. @throws DataError when it is of another size
[[nodiscard]] BlockArrays unpacked(std::vector<std::vector<std::uint8_t>> const& arrays,
                                   PredictionLayout const& layout);

}  // namespace vaster::va
