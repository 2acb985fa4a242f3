#include "app/domains.hpp"

#include "domains/drill/drill.hpp"
#include "domains/trading/trading.hpp"
#include "vaster/va/domain.hpp"

namespace vaster::app {

std::vector<cli::Domain> domains() {
    return {
        va::domain(),
        trading::domain(),
        drill::domain(),
    };
}

}  // namespace vaster::app
