// Filters of models, and references to them: any text is understood, or refused in one Error.
#include <cstdint>
#include <string>

#include "core/registry/filter.hpp"
#include "core/registry/json.hpp"
#include "core/registry/names.hpp"
#include "vaster/support/errors.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    using namespace vaster;
    std::string const text(reinterpret_cast<char const*>(data), size);
    static registry::Row const row{
        {"name", {std::string("causes")}}, {"version", {3.0}}, {"metrics.x", {0.5}}};
    try {
        registry::Filter const filter(text);
        (void)filter.holds(row);
        filter.require_keys({row});
    } catch (Error const&) {
    }
    (void)registry::parse_reference(text);
    try {
        (void)registry::event_in(text);
    } catch (Error const&) {
    }
    (void)registry::state_in(text);
    return 0;
}
