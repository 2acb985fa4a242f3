#include "app/domains.hpp"

// The list of all domains, one line each, the default first. A domain is a folder below src/domains with a
// function `vaster::NAME::domain()`.
// clang-format off
#define VASTER_DOMAINS(each) \
    each(va) \
    each(trading) \
    each(service) \
    each(stream) \
    each(drill)
// clang-format on

#define VASTER_DECLARE(name) \
    namespace vaster::name { \
    cli::Domain domain();    \
    }  // namespace vaster::name
#define VASTER_MAKE(name) ::vaster::name::domain(),

VASTER_DOMAINS(VASTER_DECLARE)

namespace vaster::app {

std::vector<cli::Domain> domains() {
    return {VASTER_DOMAINS(VASTER_MAKE)};
}

}  // namespace vaster::app
