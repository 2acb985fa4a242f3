#pragma once

#include "vaster/va/classifier.hpp"

namespace vaster::models {

/// Random forest: classification trees (classification_tree.hpp), each grown on its own sample of the
/// training deaths, with symptoms drawn anew for every split.
///     P(c | x) = mean over trees of the share of cause c in the leaf that x leads to
/// A death weighs as death_weights() says, in the impurity of splits and in the shares of leaves; deaths are
/// drawn evenly and min_leaf counts them, whatever they weigh (as scikit-learn's sample_weight; a draw by
/// weight would count the few heavy deaths of a survey over and over). A tree's stream is drawn from the
/// one given to fit(), so that a forest of 200 trees begins with the trees of one of 100.
///
/// Missing answers: absent: they count as absent; ordinal: a third value beyond present; nan: they have no
/// value, and every split learns on which side they belong. Causes that do not occur in the training set get
/// probability 0; a training set of one cause gives it probability 1. A death with all answers missing runs
/// through the trees as any other.
///
/// The same as scikit-learn's RandomForestClassifier but for the random numbers (docs/decisions/0005-*).
/// Breiman (2001), doi:10.1023/A:1010933404324.
[[nodiscard]] Model random_forest();

}  // namespace vaster::models
