#include "vaster/study/identity.hpp"

#include "base/support/hash.hpp"

namespace vaster::study {

ExperimentId identity_of(std::string_view design) {
    return {hash64(design)};
}

}  // namespace vaster::study
