#include "base/support/hash.hpp"

#include <fmt/core.h>
#include <xxhash.h>
#include <zlib.h>

namespace vaster {
namespace {

std::string hex(XXH128_hash_t hash) {
    return fmt::format("{:016x}{:016x}", hash.high64, hash.low64);
}

}  // namespace

std::uint64_t hash64(std::string_view bytes) {
    return XXH3_64bits(bytes.data(), bytes.size());
}

std::string hash_text(std::string_view bytes) {
    return hex(XXH3_128bits(bytes.data(), bytes.size()));
}

std::uint32_t crc32(std::span<std::byte const> bytes, std::uint32_t so_far) {
    if (bytes.empty()) return so_far;  // zlib would begin anew where there is no address
    return static_cast<std::uint32_t>(
        ::crc32_z(so_far, reinterpret_cast<unsigned char const*>(bytes.data()), bytes.size()));
}

struct ContentHash::State {
    XXH3_state_t* xxh = XXH3_createState();

    State() { XXH3_128bits_reset(xxh); }

    State(State const&) = delete;
    State& operator=(State const&) = delete;

    ~State() { XXH3_freeState(xxh); }
};

ContentHash::ContentHash() : state_(std::make_unique<State>()) {}

ContentHash::~ContentHash() = default;
ContentHash::ContentHash(ContentHash&&) noexcept = default;
ContentHash& ContentHash::operator=(ContentHash&&) noexcept = default;

void ContentHash::add(std::string_view bytes) {
    XXH3_128bits_update(state_->xxh, bytes.data(), bytes.size());
}

std::string ContentHash::text() const {
    return hex(XXH3_128bits_digest(state_->xxh));
}

}  // namespace vaster
