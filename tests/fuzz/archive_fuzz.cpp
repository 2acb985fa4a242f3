// The reader of model files on any bytes: it reads them, or says in one Error why not. The first byte of an
// input says what the rest is: a whole file; changes of a sound file; changes of its index with the hash made
// right again, as by somebody who means it; or another index altogether.
#include <cstdint>
#include <cstring>
#include <memory>
#include <span>
#include <string>
#include <vector>

#include "../unit/core/archive/example.hpp"
#include "../unit/temporary_folder.hpp"
#include "base/support/files.hpp"
#include "core/archive/archive.hpp"
#include "vaster/support/errors.hpp"

namespace {

using namespace vaster;

std::string sound_file() {
    testing::TemporaryFolder const folder;
    archive::write_archive(folder.path() / "model.h5", archive::example::parts());
    return read_file(folder.path() / "model.h5");
}

/// Changes of four bytes each: a position in 24 bits, and what is put there.
std::string changed(std::string bytes, std::span<std::uint8_t const> changes) {
    for (; changes.size() >= 4 && !bytes.empty(); changes = changes.subspan(4)) {
        std::size_t const at = changes[0] | changes[1] << 8U | changes[2] << 16U;
        bytes[at % bytes.size()] = static_cast<char>(changes[3]);
    }
    return bytes;
}

std::string file_of(std::uint8_t kind, std::span<std::uint8_t const> rest) {
    static std::string const sound = sound_file();
    std::string const text(reinterpret_cast<char const*>(rest.data()), rest.size());
    if (kind % 4 == 0) return text;
    if (kind % 4 == 1) return changed(sound, rest);
    if (kind % 4 == 2)
        return archive::example::with_index(sound, [&](std::vector<std::string>& lines) {
            std::string all;
            for (auto const& line : lines) {
                all += line;
                all += '\n';
            }
            lines = {changed(all, rest)};
            lines.front().pop_back();
        });
    return archive::example::with_index(sound, [&](std::vector<std::string>& lines) {
        lines.resize(5);
        lines.push_back(text);
    });
}

}  // namespace

extern "C" int LLVMFuzzerTestOneInput(std::uint8_t const* data, std::size_t size) {
    if (size == 0) return 0;
    auto const file = file_of(data[0], {data + 1, size - 1});
    auto const bytes = std::make_shared<std::vector<std::byte>>(file.size());
    if (!file.empty()) std::memcpy(bytes->data(), file.data(), file.size());
    try {
        auto const read = archive::read_archive(*bytes, bytes, "model.h5");
        std::size_t sum = 0;
        for (auto const& [name, part] : read.parts.all())
            for (auto const byte : part.bytes) sum += static_cast<std::size_t>(byte);
        if (sum == static_cast<std::size_t>(-1)) return 1;
    } catch (Error const&) {
    }
    return 0;
}
