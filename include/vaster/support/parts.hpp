#pragma once  // May change before 1.0.

#include <cstddef>
#include <cstdint>
#include <map>
#include <span>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <vector>

#include "vaster/support/shared_array.hpp"

namespace vaster {

/// What the numbers of a part are. In memory they have the byte order of the machine, which must be
/// little-endian; so have files of parts.
enum class PartType : std::uint8_t { u8, u16, u32, u64, i32, f32, f64, text };

/// "u8", ..., "text", as files of parts name them.
[[nodiscard]] std::string_view to_text(PartType type);

/// Bytes of one number of that type, or of one character of a text.
[[nodiscard]] std::size_t size_of(PartType type);

/// A named array of numbers, row by row, or a text.
struct Part {
    PartType type = PartType::u8;
    std::vector<std::uint64_t> shape;  ///< lengths of its dimensions; a text: its bytes
    SharedArray<std::byte> bytes;      ///< product of the shape times size_of(type), aligned for the type
};

template <class T>
concept PartNumber = std::is_same_v<T, std::uint8_t> || std::is_same_v<T, std::uint16_t> ||
    std::is_same_v<T, std::uint32_t> || std::is_same_v<T, std::uint64_t> || std::is_same_v<T, std::int32_t> ||
    std::is_same_v<T, float> || std::is_same_v<T, double>;

template <PartNumber T>
[[nodiscard]] constexpr PartType part_type_of() {
    if constexpr (std::is_same_v<T, std::uint8_t>)
        return PartType::u8;
    else if constexpr (std::is_same_v<T, std::uint16_t>)
        return PartType::u16;
    else if constexpr (std::is_same_v<T, std::uint32_t>)
        return PartType::u32;
    else if constexpr (std::is_same_v<T, std::uint64_t>)
        return PartType::u64;
    else if constexpr (std::is_same_v<T, std::int32_t>)
        return PartType::i32;
    else if constexpr (std::is_same_v<T, float>)
        return PartType::f32;
    else
        return PartType::f64;
}

/// Named parts, which are all that is kept of something that was learned: a model writes what it knows into
/// parts and is made from them again. Names are those of files and folders: "trees/feature". Parts that come
/// from outside are not to be trusted: what get() gives has the type and the shape that were asked for, and
/// whoever uses the numbers as indices or as probabilities checks them first. Copies share the bytes.
class Parts {
  public:
    /// Is it 1 to 200 of a-z, A-Z, 0-9, '_', '-', '.' and single '/', and does no part of it between these
    /// begin with '.'?
    [[nodiscard]] static bool may_be_called(std::string_view name);

    /// Adds a part. @throws std::logic_error when there is one of that name, it may not be called so, or the
    /// shape does not fit the number of values
    template <PartNumber T>  // NOLINTNEXTLINE(performance-unnecessary-value-param): it is moved
    void put(std::string_view name, std::span<T const> values, std::vector<std::uint64_t> shape) {
        add(name, part_type_of<T>(), std::move(shape), std::as_bytes(values));
    }

    /// The same, of one dimension.
    template <PartNumber T>
    void put(std::string_view name, std::vector<T> const& values) {
        put<T>(name, std::span<T const>(values), {values.size()});
    }

    /// A single number, of shape {1}.
    template <PartNumber T>
    void put_number(std::string_view name, T value) {
        put<T>(name, std::span<T const>(&value, 1), {1});
    }

    void put_text(std::string_view name, std::string_view text);

    /// Texts without line breaks, kept as one text with a line for each. @throws std::logic_error for others
    void put_texts(std::string_view name, std::vector<std::string> const& texts);

    /// Adds a part as it is, without copying its bytes. @throws std::logic_error as put()
    void put_part(std::string name, Part part);

    [[nodiscard]] bool has(std::string_view name) const { return find(name) != nullptr; }

    /// The part of that name, or nullptr.
    [[nodiscard]] Part const* find(std::string_view name) const;

    /// The numbers of a part, of any shape. They stay where they are as long as the parts, or a copy of them.
    /// @throws DataError when it is absent or of another type
    template <PartNumber T>
    [[nodiscard]] std::span<T const> get(std::string_view name) const {
        return numbers<T>(wanted(name, part_type_of<T>()));
    }

    /// The same. @throws DataError when it has another shape, too
    template <PartNumber T>
    [[nodiscard]] std::span<T const> get(std::string_view name,
                                         std::vector<std::uint64_t> const& shape) const {
        return numbers<T>(wanted(name, part_type_of<T>(), shape));
    }

    template <PartNumber T>
    [[nodiscard]] T number(std::string_view name) const {
        return get<T>(name, {1}).front();
    }

    /// @throws DataError when it is absent or no text
    [[nodiscard]] std::string_view text(std::string_view name) const;

    /// What put_texts() was given. @throws DataError when it is absent, no text, or its last line has no end
    [[nodiscard]] std::vector<std::string> texts(std::string_view name) const;

    /// Those whose names begin with `folder` and '/', without it: below("members/0").
    [[nodiscard]] Parts below(std::string_view folder) const;

    /// Adds all of them under `folder` + '/'. @throws std::logic_error as put()
    void put_below(std::string_view folder, Parts const& parts);

    /// All parts, in byte order of their names.
    [[nodiscard]] std::map<std::string, Part, std::less<>> const& all() const noexcept { return parts_; }

    friend bool operator==(Parts const& a, Parts const& b);

  private:
    void add(std::string_view name, PartType type, std::vector<std::uint64_t> shape,
             std::span<std::byte const> bytes);
    [[nodiscard]] Part const& wanted(std::string_view name, PartType type) const;
    [[nodiscard]] Part const& wanted(std::string_view name, PartType type,
                                     std::vector<std::uint64_t> const& shape) const;

    template <PartNumber T>
    [[nodiscard]] static std::span<T const> numbers(Part const& part) {
        return {reinterpret_cast<T const*>(part.bytes.data()), part.bytes.size() / sizeof(T)};
    }

    std::map<std::string, Part, std::less<>> parts_;
};

}  // namespace vaster
