// Tables: everything that a program knows of them.
#include "domains/service/service.hpp"

#include "domains/service/cli/commands.hpp"

namespace vaster::service {

cli::Domain domain() {
    cli::Domain domain;
    domain.name = "service";
    domain.doc = "exact statistics and formulas over tables";
    domain.commands = {add_table};
    return domain;
}

}  // namespace vaster::service
