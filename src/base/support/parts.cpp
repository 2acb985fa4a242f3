#include "vaster/support/parts.hpp"

#include <algorithm>
#include <array>
#include <bit>
#include <memory>
#include <stdexcept>
#include <utility>

#include <fmt/core.h>
#include <fmt/ranges.h>

#include "vaster/support/errors.hpp"

namespace vaster {

static_assert(std::endian::native == std::endian::little, "files of parts are little-endian");

namespace {

struct TypeFacts {
    std::string_view name;
    std::size_t size;
};

constexpr std::array<TypeFacts, 8> facts{
    {{"u8", 1}, {"u16", 2}, {"u32", 4}, {"u64", 8}, {"i32", 4}, {"f32", 4}, {"f64", 8}, {"text", 1}}};

/// Product of the lengths times `size` is n_bytes, without overflow.
bool fits(std::vector<std::uint64_t> const& shape, std::size_t size, std::size_t n_bytes) {
    std::uint64_t total = size;
    for (auto const length : shape)
        if (__builtin_mul_overflow(total, length, &total)) return false;
    return total == n_bytes;
}

}  // namespace

std::string_view to_text(PartType type) {
    return facts.at(static_cast<std::size_t>(type)).name;
}

std::size_t size_of(PartType type) {
    return facts.at(static_cast<std::size_t>(type)).size;
}

bool Parts::may_be_called(std::string_view name) {
    constexpr std::size_t longest = 200;
    constexpr std::string_view allowed = "abcdefghijklmnopqrstuvwxyzABCDEFGHIJKLMNOPQRSTUVWXYZ0123456789_-./";
    if (name.empty() || name.size() > longest) return false;
    if (name.front() == '/' || name.back() == '/' || name.find("//") != std::string_view::npos) return false;
    if (name.front() == '.' || name.find("/.") != std::string_view::npos) return false;
    return name.find_first_not_of(allowed) == std::string_view::npos;
}

void Parts::add(std::string_view name, PartType type, std::vector<std::uint64_t> shape,
                std::span<std::byte const> bytes) {
    auto const kept = std::make_shared<std::vector<std::byte> const>(bytes.begin(), bytes.end());
    put_part(std::string(name), {type, std::move(shape), SharedArray<std::byte>(*kept, kept)});
}

void Parts::put_part(std::string name, Part part) {
    if (!may_be_called(name)) throw std::logic_error(fmt::format("'{}' cannot be the name of a part", name));
    if (!fits(part.shape, size_of(part.type), part.bytes.size()))
        throw std::logic_error(fmt::format("part '{}' of shape ({}) has {} bytes", name,
                                           fmt::join(part.shape, ", "), part.bytes.size()));
    auto const [place, is_new] = parts_.try_emplace(std::move(name), std::move(part));
    if (!is_new) throw std::logic_error(fmt::format("there are two parts '{}'", place->first));
}

void Parts::put_text(std::string_view name, std::string_view text) {
    add(name, PartType::text, {text.size()}, std::as_bytes(std::span(text)));
}

void Parts::put_texts(std::string_view name, std::vector<std::string> const& texts) {
    std::string lines;
    for (auto const& text : texts) {
        if (text.find('\n') != std::string::npos)
            throw std::logic_error(fmt::format("a text of part '{}' has a line break", name));
        lines += text;
        lines += '\n';
    }
    put_text(name, lines);
}

Part const* Parts::find(std::string_view name) const {
    auto const place = parts_.find(name);
    return place == parts_.end() ? nullptr : &place->second;
}

Part const& Parts::wanted(std::string_view name, PartType type) const {
    auto const* const part = find(name);
    require<DataError>(part != nullptr, "part '{}' is missing", name);
    require<DataError>(part->type == type, "part '{}' is {} (must be {})", name, to_text(part->type),
                       to_text(type));
    return *part;
}

Part const& Parts::wanted(std::string_view name, PartType type,
                          std::vector<std::uint64_t> const& shape) const {
    auto const& part = wanted(name, type);
    require<DataError>(part.shape == shape, "part '{}' has shape ({}) (must be ({}))", name,
                       fmt::join(part.shape, ", "), fmt::join(shape, ", "));
    return part;
}

std::string_view Parts::text(std::string_view name) const {
    auto const& part = wanted(name, PartType::text);
    return {reinterpret_cast<char const*>(part.bytes.data()), part.bytes.size()};
}

std::vector<std::string> Parts::texts(std::string_view name) const {
    std::string_view rest = text(name);
    std::vector<std::string> lines;
    while (!rest.empty()) {
        auto const end = rest.find('\n');
        require<DataError>(end != std::string_view::npos, "the last line of part '{}' has no end", name);
        lines.emplace_back(rest.substr(0, end));
        rest.remove_prefix(end + 1);
    }
    return lines;
}

Parts Parts::below(std::string_view folder) const {
    auto const prefix = fmt::format("{}/", folder);
    Parts found;
    for (auto place = parts_.lower_bound(prefix); place != parts_.end(); ++place) {
        if (place->first.compare(0, prefix.size(), prefix) != 0) break;
        if (place->first.size() > prefix.size())
            found.parts_.emplace(place->first.substr(prefix.size()), place->second);
    }
    return found;
}

void Parts::put_below(std::string_view folder, Parts const& parts) {
    for (auto const& [name, part] : parts.all()) put_part(fmt::format("{}/{}", folder, name), part);
}

bool operator==(Parts const& a, Parts const& b) {
    return std::equal(a.parts_.begin(), a.parts_.end(), b.parts_.begin(), b.parts_.end(),
                      [](auto const& one, auto const& other) {
                          return one.first == other.first && one.second.type == other.second.type &&
                                 one.second.shape == other.second.shape &&
                                 one.second.bytes == other.second.bytes;
                      });
}

}  // namespace vaster
