#pragma once

#include <compare>
#include <cstddef>
#include <cstdint>
#include <optional>
#include <string>
#include <string_view>
#include <utility>
#include <vector>

#include "domains/va/report/comparison.hpp"

// The experiments of a study as a grid: question x model x place.
namespace vaster::va {

/// What a site is called. There are few sites and many places: each name is kept once, until the program
/// ends.
class SiteName {
  public:
    explicit SiteName(std::string const& text);

    [[nodiscard]] std::string const& text() const noexcept { return *text_; }

    bool operator==(SiteName const&) const = default;

    auto operator<=>(SiteName const& other) const { return *text_ <=> *other.text_; }

  private:
    std::string const* text_;
};

/// Where and on which split something was tested.
struct TestedPlace {
    SiteName train_site, test_site;
    std::int64_t repeat = 0;

    auto operator<=>(TestedPlace const&) const = default;
};

/// What one model has at one place.
struct Tried {
    bool planned = false;              ///< in the plan and not skipped
    std::optional<std::uint32_t> row;  ///< of the study, when it has a result
};

/// All experiments of one type and fraction.
struct Question {
    Asked asked;
    std::vector<TestedPlace> places;            ///< ascending
    std::vector<SiteName> sites;                ///< [n_places] the site whose mean a place counts for
    std::vector<std::vector<Tried>> tried;      ///< [n_models][n_places]
    std::vector<store::Reader const*> studies;  ///< [n_models] where the results of a model are

    [[nodiscard]] std::size_t n_planned(std::size_t model) const;
};

struct Grid {
    std::vector<std::string> models;                         ///< in order of the plan
    std::vector<std::pair<std::size_t, std::size_t>> pairs;  ///< of models that are compared
    std::vector<Question> questions;                         ///< in order of the plan
    Holes holes;                                             ///< planned experiments without a result
    std::vector<std::string> notes;                          ///< skipped experiments
};

/// @throws DataError when the study does not have the design columns of a comparison
[[nodiscard]] Grid read_grid(store::Reader const& study);

/// Several studies as one grid: a model is named "STUDY: MODEL", and questions have the places at which all
/// studies tested the same deaths, which is so where the rows of the data and their true causes are the same.
/// A model that several studies have is compared with itself from study to study; one that a study alone has,
/// with every model of the other studies that they do not have in common. Notes say what was left out, how it
/// is known that the deaths are the same, and in what the studies differ.
/// @param studies  two or more, with different names
/// @throws UsageError with the reasons when no place is left; as read_grid(study) does
[[nodiscard]] Grid read_grid(std::vector<NamedStudy> const& studies);

/// A result column of reals by place, NaN where the model has no result or no value.
/// @throws as result_column does
[[nodiscard]] std::vector<double> values_of(Question const& question, std::size_t model,
                                            std::string_view column, study::CellType type);

/// How much each place counts in the mean over sites of the site's mean over its places that are used. The
/// weights sum to 1 unless none is used. One number a site is kept, and one bit a place.
class PlaceWeights {
  public:
    /// @param question  must outlive this object
    /// @param used      [n_places]
    PlaceWeights(Question const& question, std::vector<bool> used);

    /// 0 where the place is not used.
    [[nodiscard]] double of(std::size_t place) const;

    [[nodiscard]] bool none() const noexcept { return of_site_.empty(); }

  private:
    Question const* question_;
    std::vector<bool> used_;
    std::vector<std::pair<SiteName, double>> of_site_;
};

/// Position of a result column.
/// @throws UsageError when there is no result column of that name and type, naming those there are
[[nodiscard]] std::size_t result_column(study::Schema const& schema, std::string_view name,
                                        study::CellType type);

}  // namespace vaster::va
