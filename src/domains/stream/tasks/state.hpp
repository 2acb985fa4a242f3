#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <string>
#include <string_view>
#include <type_traits>

#include "vaster/support/errors.hpp"

namespace vaster::stream {

/// The state of a key as bytes, for whoever goes on with the stream.
class StateWriter {
  public:
    template <class T>
    requires std::is_arithmetic_v<T>

    void put(T value) {
        char bytes[sizeof value];
        std::memcpy(bytes, &value, sizeof value);
        bytes_.append(bytes, sizeof value);
    }

    void put(std::string_view text) {
        put(static_cast<std::uint64_t>(text.size()));
        bytes_.append(text);
    }

    [[nodiscard]] std::string const& bytes() const noexcept { return bytes_; }

  private:
    std::string bytes_;
};

/// Reads what a StateWriter has put, in the same order.
class StateReader {
  public:
    explicit StateReader(std::string_view bytes) : bytes_(bytes) {}

    /// @throws DataError when the bytes are over
    template <class T>
    requires std::is_arithmetic_v<T>

    [[nodiscard]] T get() {
        T value{};
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
        return value;
    }

    /// @throws DataError when the bytes are over
    [[nodiscard]] std::string_view get_text() { return take(get<std::uint64_t>()); }

    [[nodiscard]] std::size_t left() const noexcept { return bytes_.size(); }

  private:
    std::string_view take(std::uint64_t size) {
        require<DataError>(size <= bytes_.size(), "a kept state ends too early: {} bytes are left of {}",
                           bytes_.size(), size);
        auto const taken = bytes_.substr(0, size);
        bytes_.remove_prefix(size);
        return taken;
    }

    std::string_view bytes_;
};

}  // namespace vaster::stream
