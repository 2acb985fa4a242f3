#include "vaster/support/sealed_block.hpp"

#include <cerrno>
#include <string_view>
#include <utility>

#include <fcntl.h>
#include <sys/mman.h>
#include <sys/stat.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "vaster/support/errors.hpp"

namespace vaster {
namespace {

constexpr int seals = F_SEAL_SHRINK | F_SEAL_GROW | F_SEAL_WRITE | F_SEAL_SEAL;

std::uint64_t size_of(Descriptor const& memory) {
    struct stat info {};

    bool const done = ::fstat(memory.get(), &info) == 0;
    require<IoError>(done, "cannot look at a block of memory: {}", system_reason(errno));
    return static_cast<std::uint64_t>(info.st_size);
}

}  // namespace

Descriptor SealedBlock::new_memory() {
    Descriptor memory(::memfd_create("vaster", MFD_CLOEXEC | MFD_ALLOW_SEALING));
    require<IoError>(bool(memory), "cannot make a block of memory for this host: {}", system_reason(errno));
    return memory;
}

std::shared_ptr<SealedBlock const> SealedBlock::seal(Descriptor memory) {
    bool const done = ::fcntl(memory.get(), F_ADD_SEALS, seals) == 0;
    require<IoError>(done, "cannot seal a block of memory: {}", system_reason(errno));
    return std::shared_ptr<SealedBlock const>(new SealedBlock(std::move(memory)));
}

std::shared_ptr<SealedBlock const> SealedBlock::take(Descriptor memory, BlockIdentity const& expected) {
    int const found = ::fcntl(memory.get(), F_GET_SEALS);
    require<IoError>(found >= 0 && (found & seals) == seals, "the block of memory is not sealed");
    std::uint64_t const size = size_of(memory);
    require<IoError>(size == expected.size, "the block of memory has {} bytes, not {}", size, expected.size);
    std::shared_ptr<SealedBlock const> block(new SealedBlock(std::move(memory)));
    require<IoError>(block->identity() == expected, "the block of memory is another one");
    return block;
}

SealedBlock::SealedBlock(Descriptor memory) : memory_(std::move(memory)) {
    std::uint64_t const size = size_of(memory_);
    require<IoError>(size > 0, "the block of memory is empty");
    void* const begin = ::mmap(nullptr, size, PROT_READ, MAP_SHARED | MAP_POPULATE, memory_.get(), 0);
    require<IoError>(begin != MAP_FAILED, "cannot map a block of memory: {}", system_reason(errno));
    bytes_ = {static_cast<std::byte const*>(begin), size};
    identity_ = {size, hash_text({static_cast<char const*>(begin), size})};
}

SealedBlock::~SealedBlock() {
    ::munmap(const_cast<std::byte*>(bytes_.data()), bytes_.size());
}

}  // namespace vaster
