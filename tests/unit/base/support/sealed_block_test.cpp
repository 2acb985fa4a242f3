#include "vaster/support/sealed_block.hpp"

#include <algorithm>
#include <cerrno>
#include <cstdint>
#include <fstream>
#include <string>
#include <string_view>
#include <vector>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/block_parts.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;

namespace {

/// Memory with the text in it, not sealed yet.
Descriptor memory_with(std::string_view text) {
    Descriptor memory = SealedBlock::new_memory();
    REQUIRE(::write(memory.get(), text.data(), text.size()) == static_cast<ssize_t>(text.size()));
    return memory;
}

/// As another process would open it: by the path that /proc gives.
Descriptor opened_again(int fd, int flags = O_RDONLY) {
    return Descriptor(::open(("/proc/self/fd/" + std::to_string(fd)).c_str(), flags | O_CLOEXEC));
}

std::string text_of(SealedBlock const& block) {
    return {reinterpret_cast<char const*>(block.bytes().data()), block.bytes().size()};
}

/// "r--s" and the like of the mapping that has the address.
std::string rights_of(void const* address) {
    std::ifstream maps("/proc/self/maps");
    auto const wanted = reinterpret_cast<std::uintptr_t>(address);
    for (std::string line; std::getline(maps, line);) {
        auto const dash = line.find('-');
        auto const space = line.find(' ');
        if (wanted >= std::stoull(line.substr(0, dash), nullptr, 16) &&
            wanted < std::stoull(line.substr(dash + 1, space - dash - 1), nullptr, 16))
            return line.substr(space + 1, 4);
    }
    return "not mapped";
}

}  // namespace

TEST_CASE("a block is read by whoever has its descriptor, from the same pages", "[support][block]") {
    auto const block = SealedBlock::seal(memory_with("what was read"));
    auto const taken = SealedBlock::take(opened_again(block->fd()), block->identity());
    CHECK(text_of(*taken) == "what was read");
    CHECK(taken->identity() == block->identity());
    CHECK(taken->identity().size == 13);

    struct stat mine {};

    struct stat theirs {};

    REQUIRE(::fstat(block->fd(), &mine) == 0);
    REQUIRE(::fstat(taken->fd(), &theirs) == 0);
    CHECK(mine.st_ino == theirs.st_ino);
}

TEST_CASE("a block outlives the process's other holders of it and has no name", "[support][block]") {
    auto block = SealedBlock::seal(memory_with("still here"));
    auto const taken = SealedBlock::take(opened_again(block->fd()), block->identity());
    block.reset();
    CHECK(text_of(*taken) == "still here");

    struct stat info {};

    REQUIRE(::fstat(taken->fd(), &info) == 0);
    CHECK(info.st_nlink == 0);
}

TEST_CASE("nobody can change a sealed block", "[support][block]") {
    auto const block = SealedBlock::seal(memory_with("what was read"));
    CHECK(rights_of(block->bytes().data()) == "r--s");
    Descriptor const writable = opened_again(block->fd(), O_RDWR);
    REQUIRE(bool(writable));
    CHECK(::write(writable.get(), "x", 1) == -1);
    CHECK(errno == EPERM);
    CHECK(::ftruncate(writable.get(), 1) == -1);
    CHECK(::ftruncate(writable.get(), 100) == -1);
    CHECK(::mmap(nullptr, 13, PROT_READ | PROT_WRITE, MAP_SHARED, writable.get(), 0) == MAP_FAILED);
    CHECK(::fcntl(writable.get(), F_ADD_SEALS, F_SEAL_WRITE) == -1);
    CHECK(text_of(*block) == "what was read");
}

TEST_CASE("memory that is not what was promised is refused", "[support][block]") {
    auto const block = SealedBlock::seal(memory_with("what was read"));
    auto const refusal = [&](Descriptor memory) {
        try {
            (void)SealedBlock::take(std::move(memory), block->identity());
        } catch (IoError const& error) {
            return std::string(error.what());
        }
        return std::string();
    };
    CHECK(refusal(opened_again(block->fd())).empty());
    CHECK(refusal(memory_with("what was read")) == "the block of memory is not sealed");
    auto const partly = memory_with("what was read");
    REQUIRE(::fcntl(partly.get(), F_ADD_SEALS, F_SEAL_SHRINK | F_SEAL_GROW) == 0);
    CHECK(refusal(opened_again(partly.get())) == "the block of memory is not sealed");
    CHECK(refusal(opened_again(SealedBlock::seal(memory_with("what was"))->fd())) ==
          "the block of memory has 8 bytes, not 13");
    CHECK(refusal(opened_again(SealedBlock::seal(memory_with("what was ReaD"))->fd())) ==
          "the block of memory is another one");
    CHECK(refusal(Descriptor(::open("/proc/self/exe", O_RDONLY | O_CLOEXEC))) ==
          "the block of memory is not sealed");
    CHECK_THROWS_AS(SealedBlock::seal(SealedBlock::new_memory()), IoError);
}

TEST_CASE("arrays and texts come out of a block as they went in, without copies", "[support][block]") {
    std::vector<std::uint64_t> const long_words(1000, 0x0123456789abcdefU);
    BlockWriter writer;
    writer.put({"", "one", "two\nlines", ""});
    writer.put(SharedArray<std::uint32_t>({3, 1, 2}));
    writer.put(SharedArray<std::uint64_t>());
    writer.put(SharedArray(long_words));
    writer.put(std::vector<std::string>());
    auto const block = writer.seal();

    BlockReader reader(block);
    CHECK(reader.texts() == std::vector<std::string>{"", "one", "two\nlines", ""});
    auto const numbers = reader.array<std::uint32_t>();
    CHECK(numbers == SharedArray<std::uint32_t>({3, 1, 2}));
    CHECK(reader.array<std::uint64_t>().empty());
    auto const words = reader.array<std::uint64_t>();
    CHECK(std::ranges::equal(words, long_words));
    CHECK(reinterpret_cast<std::byte const*>(words.data()) > block->bytes().data());
    CHECK(reinterpret_cast<std::byte const*>(words.data() + words.size()) <=
          block->bytes().data() + block->bytes().size());
    CHECK(reinterpret_cast<std::uintptr_t>(words.data()) % 64 == 0);
    CHECK(reader.texts().empty());
    CHECK_THROWS_AS(reader.texts(), DataError);
}

TEST_CASE("a block that ends in the middle of an array is refused", "[support][block]") {
    std::uint64_t const length = 1000;
    Descriptor memory = SealedBlock::new_memory();
    REQUIRE(::write(memory.get(), &length, sizeof length) == sizeof length);
    BlockReader reader(SealedBlock::seal(std::move(memory)));
    CHECK_THROWS_AS(reader.array<std::uint32_t>(), DataError);
}

TEST_CASE("an array in a block keeps the block, and one of its own is copied", "[support][block]") {
    BlockWriter writer;
    writer.put(SharedArray<std::uint32_t>({7, 8}));
    auto copy = BlockReader(writer.seal()).array<std::uint32_t>();
    auto const again = copy;
    copy = {};
    CHECK(again.back() == 8);

    SharedArray<std::uint32_t> original({1, 2});
    auto changed = original;
    changed.own()[0] = 5;
    CHECK(original.front() == 1);
    CHECK(changed.front() == 5);
    auto const moved = std::move(changed);
    CHECK(moved.front() == 5);
}
