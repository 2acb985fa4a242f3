#include "rules.hpp"

namespace vaster::strategies {
Series linear_svc_classifier(Input const& in) {
    return Series(in.size());
}

Series pca_tree_quantile(Input const& in) {
    return Series(in.size());
}
}  // namespace vaster::strategies
