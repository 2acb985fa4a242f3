#pragma once

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// Tariff (2.0): scores of causes, turned into ranks among training deaths.
///     score_c(x) = sum_{s present} tariff_sc
///     rank_c(x)  = share of the training deaths, every cause weighing the same, whose score for c is higher,
///     and half
///                  of those whose score is equal, and 1 / (2 K n_max)
/// with the tariffs of tariff_table.hpp, K causes in the training set and n_max deaths of the most
/// frequent. Weighing training death i by 1 / n_{c_i} is the limit of resampling them to a uniform
/// distribution of causes, as the method has it, without the noise of a draw; the last term is half of one of
/// the K n_max deaths of such a sample. The cause of a death is the one with the smallest rank among those
/// with a score above 0, ties the lower cause index first.
///
/// Tariff has no probabilities. Ours are in proportion to 1 / rank: of training deaths of equally many of
/// each cause that score as high, at most 1 / (K rank) can be of cause c. The most probable cause is
/// Tariff's. A cause with a score of 0 or less ranks behind all that have one.
///
/// Undetermined: where no cause has a score above 0 (no sign that counts is present) every cause that
/// occurs in the training set gets the same probability, as Tariff 2.0 shares such deaths out. Its further
/// cut-offs, which leave deaths of poor ranks without a cause, are not applied: a comparison needs one for
/// every death.
///
/// Missing answers are never present in a score. In training, by policy: absent: absent; nan: left out of the
/// shares; ordinal: "missing" is a sign of its own (signs.hpp). Causes that do not occur in the training set
/// get probability 0.
///
/// James, Flaxman and Murray (2011), doi:10.1186/1478-7954-9-31; Serina et al. (2015),
/// doi:10.1186/s12916-015-0527-9.
[[nodiscard]] Model tariff();

}  // namespace vaster::models
