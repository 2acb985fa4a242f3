#include "base/support/sha256.hpp"

#include <algorithm>
#include <bit>
#include <cstring>
#include <utility>

#include <fmt/core.h>

#if defined(__x86_64__)
#include <cpuid.h>
#include <immintrin.h>
#endif

namespace vaster {
namespace {

constexpr std::size_t block_size = 64;
constexpr std::size_t n_rounds = 64;

using State = std::array<std::uint32_t, 8>;

/// The first 32 bits of the fractional parts of the cube roots of the first 64 primes.
constexpr std::array<std::uint32_t, n_rounds> constants{
    0x428a2f98, 0x71374491, 0xb5c0fbcf, 0xe9b5dba5, 0x3956c25b, 0x59f111f1, 0x923f82a4, 0xab1c5ed5,
    0xd807aa98, 0x12835b01, 0x243185be, 0x550c7dc3, 0x72be5d74, 0x80deb1fe, 0x9bdc06a7, 0xc19bf174,
    0xe49b69c1, 0xefbe4786, 0x0fc19dc6, 0x240ca1cc, 0x2de92c6f, 0x4a7484aa, 0x5cb0a9dc, 0x76f988da,
    0x983e5152, 0xa831c66d, 0xb00327c8, 0xbf597fc7, 0xc6e00bf3, 0xd5a79147, 0x06ca6351, 0x14292967,
    0x27b70a85, 0x2e1b2138, 0x4d2c6dfc, 0x53380d13, 0x650a7354, 0x766a0abb, 0x81c2c92e, 0x92722c85,
    0xa2bfe8a1, 0xa81a664b, 0xc24b8b70, 0xc76c51a3, 0xd192e819, 0xd6990624, 0xf40e3585, 0x106aa070,
    0x19a4c116, 0x1e376c08, 0x2748774c, 0x34b0bcb5, 0x391c0cb3, 0x4ed8aa4a, 0x5b9cca4f, 0x682e6ff3,
    0x748f82ee, 0x78a5636f, 0x84c87814, 0x8cc70208, 0x90befffa, 0xa4506ceb, 0xbef9a3f7, 0xc67178f2};

/// FIPS 180-4, 6.2.1: the 64 words that a block is expanded to.
std::array<std::uint32_t, n_rounds> schedule_of(std::byte const* block) {
    std::array<std::uint32_t, n_rounds> w{};
    std::memcpy(w.data(), block, block_size);
    for (std::size_t t = 0; t < 16; ++t) w[t] = __builtin_bswap32(w[t]);
    for (std::size_t t = 16; t < n_rounds; ++t) {
        auto const s0 = std::rotr(w[t - 15], 7) ^ std::rotr(w[t - 15], 18) ^ (w[t - 15] >> 3U);
        auto const s1 = std::rotr(w[t - 2], 17) ^ std::rotr(w[t - 2], 19) ^ (w[t - 2] >> 10U);
        w[t] = w[t - 16] + s0 + w[t - 7] + s1;
    }
    return w;
}

/// FIPS 180-4, 6.2.2, for one block after the other.
void compress_plainly(State& state, std::byte const* blocks, std::size_t n_blocks) {
    for (; n_blocks > 0; --n_blocks, blocks += block_size) {
        auto const w = schedule_of(blocks);
        auto [a, b, c, d, e, f, g, h] = state;
        for (std::size_t t = 0; t < n_rounds; ++t) {
            auto const t1 = h + (std::rotr(e, 6) ^ std::rotr(e, 11) ^ std::rotr(e, 25)) +
                            ((e & f) ^ (~e & g)) + constants[t] + w[t];
            auto const t2 =
                (std::rotr(a, 2) ^ std::rotr(a, 13) ^ std::rotr(a, 22)) + ((a & b) ^ (a & c) ^ (b & c));
            h = std::exchange(g, std::exchange(f, std::exchange(e, d + t1)));
            d = std::exchange(c, std::exchange(b, std::exchange(a, t1 + t2)));
        }
        State const change{a, b, c, d, e, f, g, h};
        for (std::size_t i = 0; i < state.size(); ++i) state[i] += change[i];
    }
}

#if defined(__x86_64__)

/// Has this processor instructions for SHA-256, SSSE3 and SSE4.1?
bool has_instructions() {
    unsigned eax = 0;
    unsigned ebx = 0;
    unsigned ecx = 0;
    unsigned edx = 0;
    if (__get_cpuid_count(7, 0, &eax, &ebx, &ecx, &edx) == 0 || (ebx & (1U << 29U)) == 0) return false;
    constexpr unsigned ssse3_and_sse41 = (1U << 9U) | (1U << 19U);
    return __get_cpuid(1, &eax, &ebx, &ecx, &edx) != 0 && (ecx & ssse3_and_sse41) == ssse3_and_sse41;
}

/// The same by the processor's instructions, about eight times as fast. They keep the state as (A, B, E, F)
/// and (C, D, G, H), do two rounds at a time, and expand four words of the schedule at a time.
__attribute__((target("sha,sse4.1,ssse3"))) void compress_by_instructions(State& state,
                                                                          std::byte const* blocks,
                                                                          std::size_t n_blocks) {
    auto const load = [](void const* at) { return _mm_loadu_si128(static_cast<__m128i const*>(at)); };
    auto const swap = _mm_set_epi64x(0x0c0d0e0f08090a0b, 0x0405060700010203);
    auto const cdab = _mm_shuffle_epi32(load(state.data()), 0xb1);
    auto const efgh = _mm_shuffle_epi32(load(state.data() + 4), 0x1b);
    auto abef = _mm_alignr_epi8(cdab, efgh, 8);
    auto cdgh = _mm_blend_epi16(efgh, cdab, 0xf0);
    for (; n_blocks > 0; --n_blocks, blocks += block_size) {
        auto const abef_before = abef;
        auto const cdgh_before = cdgh;
        __m128i w[4];
        for (std::size_t i = 0; i < 4; ++i) w[i] = _mm_shuffle_epi8(load(blocks + 16 * i), swap);
        for (std::size_t group = 0; group < 16; ++group) {
            auto const words = w[group % 4];
            auto const sums = _mm_add_epi32(words, load(constants.data() + 4 * group));
            cdgh = _mm_sha256rnds2_epu32(cdgh, abef, sums);
            abef = _mm_sha256rnds2_epu32(abef, cdgh, _mm_shuffle_epi32(sums, 0x0e));
            auto const middle = _mm_alignr_epi8(w[(group + 3) % 4], w[(group + 2) % 4], 4);
            auto const first = _mm_sha256msg1_epu32(words, w[(group + 1) % 4]);
            w[group % 4] = _mm_sha256msg2_epu32(_mm_add_epi32(first, middle), w[(group + 3) % 4]);
        }
        abef = _mm_add_epi32(abef, abef_before);
        cdgh = _mm_add_epi32(cdgh, cdgh_before);
    }
    auto const feba = _mm_shuffle_epi32(abef, 0x1b);
    auto const dchg = _mm_shuffle_epi32(cdgh, 0xb1);
    _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data()), _mm_blend_epi16(feba, dchg, 0xf0));
    _mm_storeu_si128(reinterpret_cast<__m128i*>(state.data() + 4), _mm_alignr_epi8(dchg, feba, 8));
}

#endif

auto fastest_way() {
#if defined(__x86_64__)
    static bool const by_instructions = has_instructions();
    if (by_instructions) return compress_by_instructions;
#endif
    return compress_plainly;
}

}  // namespace

Sha256::Sha256(Way way) : compress_(way == Way::fastest ? fastest_way() : compress_plainly) {}

void Sha256::add(std::span<std::byte const> bytes) {
    if (bytes.empty()) return;
    std::size_t const n_waiting = n_bytes_ % block_size;
    n_bytes_ += bytes.size();
    if (n_waiting > 0) {
        auto const n_taken = std::min(bytes.size(), block_size - n_waiting);
        std::memcpy(rest_.data() + n_waiting, bytes.data(), n_taken);
        bytes = bytes.subspan(n_taken);
        if (n_waiting + n_taken < block_size) return;
        compress_(state_, rest_.data(), 1);
    }
    compress_(state_, bytes.data(), bytes.size() / block_size);
    bytes = bytes.last(bytes.size() % block_size);
    if (!bytes.empty()) std::memcpy(rest_.data(), bytes.data(), bytes.size());
}

std::string Sha256::text() const {
    // A one bit, zeros, and the number of bits, so that whole blocks come out.
    std::array<std::byte, 2 * block_size> end{};
    std::size_t const n_waiting = n_bytes_ % block_size;
    std::memcpy(end.data(), rest_.data(), n_waiting);
    end[n_waiting] = std::byte{0x80};
    std::size_t const n_blocks = n_waiting < block_size - 8 ? 1 : 2;
    auto const n_bits = __builtin_bswap64(n_bytes_ * 8);
    std::memcpy(end.data() + n_blocks * block_size - 8, &n_bits, sizeof n_bits);
    auto state = state_;
    compress_(state, end.data(), n_blocks);
    std::string text;
    for (auto const word : state) text += fmt::format("{:08x}", word);
    return text;
}

std::string sha256_text(std::span<std::byte const> bytes) {
    Sha256 hash;
    hash.add(bytes);
    return hash.text();
}

std::string sha256_text(std::string_view text) {
    return sha256_text(std::as_bytes(std::span(text)));
}

}  // namespace vaster
