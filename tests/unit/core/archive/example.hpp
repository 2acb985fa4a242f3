#pragma once

#include <cstdint>
#include <functional>
#include <string>
#include <vector>

#include "base/support/sha256.hpp"
#include "vaster/support/parts.hpp"

namespace vaster::archive::example {

/// One part of every type, with some without bytes.
inline Parts parts() {
    Parts parts;
    parts.put_text("model/kind", "weighing");
    parts.put_text("model/note", "");
    parts.put<double>("model/weights", std::vector<double>{0.5, -1e-300, 3, 4, 5, 6}, {2, 3});
    parts.put<std::uint16_t>("model/trees/feature", {1, 2, 65535});
    parts.put<float>("model/trees/leaf", {0.25F});
    parts.put<std::uint8_t>("model/trees/left", std::vector<std::uint8_t>(13, 1));
    parts.put<float>("model/trees/none", std::vector<float>(), {0, 7});
    parts.put_number<std::uint64_t>("data/n", 1ULL << 63U);
    parts.put_texts("data/causes", {"Fièvre", "Stroke"});
    parts.put<std::int32_t>("inner/fold", {-1, 2});
    parts.put<std::uint32_t>("inner/counts", {1, 2, 3});
    parts.put_text("provenance/program", "0.0.7+abc");
    return parts;
}

/// The bytes of a file with lines of its index changed and their hash made right again, as by somebody who
/// means it.
inline std::string with_index(std::string bytes,
                              std::function<void(std::vector<std::string>&)> const& change) {
    auto const end = bytes.find("\nend ") + 1;
    std::vector<std::string> lines;
    for (std::size_t at = 0; at < end;) {
        auto const next = bytes.find('\n', at);
        lines.push_back(bytes.substr(at, next - at));
        at = next + 1;
    }
    change(lines);
    std::string text;
    for (auto const& line : lines) {
        text += line;
        text += '\n';
    }
    auto const hash = sha256_text(text);
    text += "end ";
    text += hash;
    text += '\n';
    auto const room = std::size_t{4096};
    text.resize(room, ' ');
    return bytes.replace(0, room, text);
}

}  // namespace vaster::archive::example
