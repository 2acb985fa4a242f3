#pragma once

#include <vector>

#include "vaster/cli/domain.hpp"

namespace vaster {

namespace va {
[[nodiscard]] cli::Domain domain();
}

namespace trading {
[[nodiscard]] cli::Domain domain();
}

namespace drill {
[[nodiscard]] cli::Domain domain();
}

namespace app {

/// All that this program knows about, the default first.
[[nodiscard]] std::vector<cli::Domain> domains();

}  // namespace app

}  // namespace vaster
