#include "vaster/support/random.hpp"

#include "base/support/hash.hpp"

namespace vaster {

Random random_stream(std::uint64_t study_seed, std::string_view identity, Purpose purpose) {
    std::uint64_t const key = scramble(scramble(study_seed) ^ hash64(identity));
    return Random(scramble(key ^ static_cast<std::uint64_t>(purpose)));
}

}  // namespace vaster
