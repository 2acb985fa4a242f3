#pragma once

#include <cstddef>
#include <cstdint>
#include <cstring>
#include <map>
#include <string>
#include <string_view>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "vaster/support/errors.hpp"
#include "vaster/support/ids.hpp"

/// Objects as bytes, between processes of one run only: all of the same program on the same kind of machine.
/// An object has a serialize(archive, version) as Boost.Serialization wants it; here there are no versions,
/// no pointers and no streams, so that a short message costs a tenth of what it costs there.
namespace vaster {

template <class T>
concept PlainValue = std::is_arithmetic_v<T> || std::is_enum_v<T>;

/// Takes objects apart.
class ByteWriter {
  public:
    /// @param bytes  what is written is appended to them
    explicit ByteWriter(std::string& bytes) : bytes_(bytes) {}

    template <class T>
    ByteWriter& operator&(T const& object) {
        put(object);
        return *this;
    }

  private:
    void put_raw(void const* from, std::size_t n) { bytes_.append(static_cast<char const*>(from), n); }

    template <PlainValue T>
    void put(T value) {
        put_raw(&value, sizeof value);
    }

    void put(std::string const& text) {
        put(text.size());
        bytes_ += text;
    }

    template <class T>
    void put(std::vector<T> const& all) {
        put(all.size());
        if constexpr (PlainValue<T>)
            put_raw(all.data(), all.size() * sizeof(T));
        else
            for (auto const& one : all) put(one);
    }

    template <class Key, class T>
    void put(std::map<Key, T> const& all) {
        put(all.size());
        for (auto const& [key, value] : all) *this& key& value;
    }

    template <class... Ts>
    void put(std::variant<Ts...> const& one) {
        put(static_cast<std::uint8_t>(one.index()));
        std::visit([&](auto const& value) { put(value); }, one);
    }

    template <class Tag>
    void put(Id<Tag> const& id) {
        put(id.value);
    }

    template <class T>
    requires std::is_class_v<T>

    void put(T const& object) {
        const_cast<T&>(object).serialize(*this, 0);  // which only reads
    }

    std::string& bytes_;
};

/// Puts objects together again. @throws DataError when the bytes end too early
class ByteReader {
  public:
    explicit ByteReader(std::string_view bytes) : left_(bytes) {}

    template <class T>
    ByteReader& operator&(T& object) {
        get(object);
        return *this;
    }

  private:
    void get_raw(void* to, std::size_t n) {
        require<DataError>(n <= left_.size(), "a message ends after {} of {} bytes", left_.size(), n);
        if (n > 0) std::memcpy(to, left_.data(), n);
        left_.remove_prefix(n);
    }

    /// How many follow, of at least so many bytes each.
    std::size_t get_count(std::size_t least) {
        std::size_t n = 0;
        get(n);
        require<DataError>(n <= left_.size() / least, "a message of {} bytes is to hold {} values",
                           left_.size(), n);
        return n;
    }

    template <PlainValue T>
    void get(T& value) {
        get_raw(&value, sizeof value);
    }

    void get(std::string& text) {
        text.resize(get_count(1));
        get_raw(text.data(), text.size());
    }

    template <class T>
    void get(std::vector<T>& all) {
        if constexpr (PlainValue<T>) {
            all.resize(get_count(sizeof(T)));
            get_raw(all.data(), all.size() * sizeof(T));
        } else {
            all.resize(get_count(1));
            for (auto& one : all) get(one);
        }
    }

    template <class Key, class T>
    void get(std::map<Key, T>& all) {
        all.clear();
        for (auto n = get_count(1); n > 0; --n) {
            std::pair<Key, T> one;
            *this& one.first& one.second;
            all.insert(std::move(one));
        }
    }

    template <class... Ts>
    void get(std::variant<Ts...>& one) {
        std::uint8_t index = 0;
        get(index);
        require<DataError>(index < sizeof...(Ts), "a message holds a value of kind {}", index);
        std::uint8_t kind = 0;
        ((kind++ == index ? get_as<Ts>(one) : void()), ...);
    }

    template <class T, class Variant>
    void get_as(Variant& one) {
        get(one.template emplace<T>());
    }

    template <class Tag>
    void get(Id<Tag>& id) {
        get(id.value);
    }

    template <class T>
    requires std::is_class_v<T>

    void get(T& object) { object.serialize(*this, 0); }

    std::string_view left_;
};

/// The object as bytes.
template <class T>
[[nodiscard]] std::string bytes_of(T const& object) {
    std::string bytes;
    ByteWriter writer(bytes);
    writer& object;
    return bytes;
}

/// The object back from its bytes. @throws DataError when they end too early
template <class T>
[[nodiscard]] T object_of(std::string_view bytes) {
    ByteReader reader(bytes);
    T object;
    reader& object;
    return object;
}

}  // namespace vaster
