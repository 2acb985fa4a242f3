// Feeds a fuzzer's function without libFuzzer: every seed, then seeds changed at random places, the same on
// every run. A crash, a hang or more than a gibibyte ends the test. usage: PROGRAM FOLDER_OF_SEEDS COUNT
#include <algorithm>
#include <cstdint>
#include <cstdio>
#include <filesystem>
#include <string>
#include <vector>

#include <sys/resource.h>

#include "base/support/files.hpp"
#include "vaster/support/random.hpp"

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size);

namespace {

using namespace vaster;

std::vector<std::string> seeds_in(std::filesystem::path const& folder) {
    std::vector<std::filesystem::path> paths;
    for (auto const& entry : std::filesystem::directory_iterator(folder)) paths.push_back(entry.path());
    std::sort(paths.begin(), paths.end());
    std::vector<std::string> seeds;
    for (auto const& path : paths) seeds.push_back(read_file(path));
    return seeds;
}

/// A byte changed, bytes left out, doubled, or taken from another seed.
void change(std::string& input, std::vector<std::string> const& seeds, Random& random) {
    std::size_t const at = random.below(input.size() + 1);
    std::size_t const length = std::min<std::size_t>(1 + random.below(16), input.size() - at);
    switch (random.below(4)) {
        case 0:
            if (at < input.size()) input[at] = static_cast<char>(random.below(256));
            break;
        case 1:
            input.erase(at, length);
            break;
        case 2:
            input.insert(at, input.substr(at, length));
            break;
        default: {
            auto const& other = seeds[random.below(seeds.size())];
            input.insert(at, other.substr(random.below(other.size() + 1), 1 + random.below(16)));
        }
    }
}

void feed(std::string const& input) {
    (void)LLVMFuzzerTestOneInput(reinterpret_cast<std::uint8_t const*>(input.data()), input.size());
}

}  // namespace

int main(int argc, char** argv) {
    if (argc != 3) return 64;
#ifndef __SANITIZE_ADDRESS__  // which takes address space without end
    constexpr rlim_t gibibyte = 1 << 30;
    rlimit const limit{gibibyte, gibibyte};
    if (::setrlimit(RLIMIT_AS, &limit) != 0) return 71;
#endif
    auto const seeds = seeds_in(argv[1]);
    if (seeds.empty()) return 66;
    for (auto const& seed : seeds) feed(seed);
    auto random = random_stream(1, "mutations", Purpose::simulate);
    std::size_t const count = std::stoul(argv[2]);
    for (std::size_t i = 0; i < count; ++i) {
        std::string input = seeds[random.below(seeds.size())];
        for (std::size_t n = 1 + random.below(8); n > 0; --n) change(input, seeds, random);
        feed(input);
    }
    std::printf("%zu seeds and %zu changed ones: read or refused\n", seeds.size(), count);
    return 0;
}
