// Drills: studies that compute nothing of interest.
#include "domains/drill/drill.hpp"

#include "domains/drill/drill_kind.hpp"

namespace vaster::drill {

cli::Domain domain() {
    cli::Domain domain;
    domain.name = "drill";
    domain.doc = "how a cluster and this program behave, before a week's work is trusted to them";
    domain.kinds = {drill::make_drill()};
    domain.trial = drill::short_drill;
    return domain;
}

}  // namespace vaster::drill
