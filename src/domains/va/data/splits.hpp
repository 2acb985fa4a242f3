#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <vector>

#include "domains/va/data/cohort.hpp"
#include "vaster/support/random.hpp"

namespace vaster::va {

/// Positions in a cohort (see Cohort), not rows of its file.
using DeathList = std::vector<std::uint32_t>;

/// How a sample was drawn.
enum class Sampling {
    stratified,  ///< each cause in proportion to its deaths
    random,      ///< without regard to cause, because a cause has only one death
};

/// Deaths of one site, divided.
struct Split {
    DeathList train;
    DeathList test;
    Sampling sampling = Sampling::stratified;
};

/// All deaths of a site, ascending.
[[nodiscard]] DeathList deaths_of_site(Cohort const& cohort, std::uint32_t site);

/// Deaths in the test part of n deaths: ceil(test_fraction * n). All of them where n is too small.
[[nodiscard]] std::size_t test_size(std::size_t n_deaths, double test_fraction);

/// Deaths in a part of a training set: floor(fraction * n_train), the whole set for a fraction of 1.
[[nodiscard]] std::size_t reduced_size(std::size_t n_train, double fraction);

/// Divides deaths into a training and a test part, both ascending. n_test = ceil(test_fraction * n), as
/// scikit-learn has it. Where every cause that occurs has two deaths or more the test part is stratified:
/// cause c gets floor(n_c n_test / n), and what is left goes to the causes with the largest remainders (ties
/// at random). Else the test part is drawn at random. Where deaths share an ID, IDs are drawn in the place of
/// deaths, each with the cause of its first death.
/// @param deaths        positions in the cohort, at least two
/// @param test_fraction in (0, 1)
/// @throws DataError when either part would be empty
[[nodiscard]] Split split_deaths(Cohort const& cohort, std::span<std::uint32_t const> deaths,
                                 double test_fraction, Random random);

/// Draws a part of a training set, ascending. n = floor(fraction * n_train), as scikit-learn's train_size has
/// it; stratified, and by IDs, as split_deaths does it. A fraction of 1 gives the training set as it is,
/// order included.
/// @param fraction in (0, 1]
/// @throws DataError when nothing would be left
[[nodiscard]] DeathList reduce_deaths(Cohort const& cohort, std::span<std::uint32_t const> train,
                                      double fraction, Random random);

/// Divides deaths into folds for cross-validation: the fold of each death, in [0, n_folds). Every cause is
/// dealt out over the folds in turn, in random order, so that both the folds' sizes and each cause's deaths
/// in them differ by one at most. Where deaths share an ID, this holds for IDs.
/// @param deaths  positions in the cohort, at least n_folds
/// @throws DataError when there are fewer
[[nodiscard]] std::vector<std::uint32_t> fold_deaths(Cohort const& cohort,
                                                     std::span<std::uint32_t const> deaths,
                                                     std::uint32_t n_folds, Random random);

/// The parts of one site that a user has given, in the order of the file.
struct GivenSplit {
    DeathList train;
    DeathList test;
    std::map<double, DeathList> reduced;  ///< by fraction: train_0.25 and so on
};

struct GivenSplits {
    std::vector<GivenSplit>
        sites;         ///< [n_sites of the cohort]; sites the file does not name have empty parts
    std::string hash;  ///< of the file's content
};

/// Reads splits: a CSV with the columns label, site, row, part. `row` is a data row of the cohort's file,
/// from 0; part is train, test or train_FRACTION with 0 < FRACTION <= 1. Rows for other labels than `label`
/// are passed over.
/// @throws DataError with line and column for: an unknown site; a row that is not in the cohort (left out, or
/// beyond the
///         end) or belongs to another site; a row twice in one part, or in both train and test; a reduced
///         part that is not part of train; deaths of one ID in both train and test; an unknown part; no row
///         for `label`; a site with one of train and test only. As CsvReader does.
[[nodiscard]] GivenSplits read_splits(std::filesystem::path const& path, Cohort const& cohort,
                                      std::string_view label);

}  // namespace vaster::va
