#include "domains.hpp"

namespace vaster::app {

std::vector<cli::Domain> domains() {
    return {
        va::domain(),
        trading::domain(),
        drill::domain(),
    };
}

}  // namespace vaster::app
