#pragma once

#include <string_view>

#include "domains/va/data/column_profile.hpp"

namespace vaster::va {

/// How much a column looks like the one with the causes, the sites, the IDs, the weights of deaths: 0 for not
/// at all; from 50 on by its name and its values, below by its values alone.
struct Likeness {
    int cause = 0;
    int site = 0;
    int id = 0;
    int weight = 0;
};

inline constexpr int by_name = 50;

/// Looks at the name, in any case and behind any names of groups, and at the values: a cause has at least two
/// texts (by its values alone: that repeat); a site 2 to 60 (by its values alone: each in at least 20 rows);
/// IDs differ, or nearly; weights are numbers above 0 in every row, never told by their values alone. Ages,
/// sexes, dates and answers are none of these.
[[nodiscard]] Likeness likeness_of(ColumnProfile const& column);

/// Is the column called as the weights of a survey are, or as those of bodies, with numbers that may be
/// either?
[[nodiscard]] bool may_be_weights(ColumnProfile const& column);

/// Has the column texts, all of which some coding of answers knows?
[[nodiscard]] bool is_of_answers(ColumnProfile const& column);

/// A text or number that questionnaires write for "not known", "refused" or "does not apply", but which no
/// coding knows: 9, 88, "Don't know".
[[nodiscard]] bool may_mean_not_known(std::string_view text);

}  // namespace vaster::va
