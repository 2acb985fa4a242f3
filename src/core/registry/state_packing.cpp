#include "core/registry/state_packing.hpp"

#include <cstdint>
#include <cstring>
#include <type_traits>
#include <utility>
#include <variant>
#include <vector>

#include "vaster/support/errors.hpp"

namespace vaster::registry {
namespace {

template <class T>
concept PlainNumber = std::is_arithmetic_v<T>;

// What there is of each, in the same order both ways.

template <class Way, class OneNote>
void members_of(Way& way, OneNote& note) requires std::is_same_v<std::remove_const_t<OneNote>, Note> {
    way(note.time, note.user, note.text);
}

template <class Way, class OneVersion>
void members_of(Way& way,
                OneVersion& version) requires std::is_same_v<std::remove_const_t<OneVersion>, Version> {
    auto& kept = version.kept;
    way(kept.content, kept.file_hash, kept.n_bytes, kept.program, kept.facts);
    way(version.number, version.author, version.created, version.status, version.before_trash);
    way(version.status_since, version.reason, version.successor, version.deleted);
    way(version.tags, version.metrics, version.notes);
}

template <class Way, class OneState>
void members_of(Way& way, OneState& state) requires std::is_same_v<std::remove_const_t<OneState>, State> {
    way(state.name, state.revision, state.sha256, state.versions, state.aliases);
}

class Packer {
  public:
    template <class... T>
    void operator()(T const&... values) {
        (put(values), ...);
    }

    std::string text;

  private:
    template <PlainNumber T>
    void put(T value) {
        text.append(reinterpret_cast<char const*>(&value), sizeof value);
    }

    void put(Status value) { put(static_cast<std::uint8_t>(value)); }

    void put(std::string const& value) {
        put(std::uint64_t{value.size()});
        text += value;
    }

    void put(Value const& value) {
        put(static_cast<std::uint8_t>(value.index()));
        std::visit([&](auto const& each) { put(each); }, value);
    }

    template <class T>
    void put(std::map<std::string, T, std::less<>> const& values) {
        put(std::uint64_t{values.size()});
        for (auto const& [key, value] : values) (*this)(key, value);
    }

    template <class T>
    void put(std::vector<T> const& values) {
        put(std::uint64_t{values.size()});
        for (auto const& value : values) members_of(*this, value);
    }
};

class Unpacker {
  public:
    explicit Unpacker(std::string_view bytes) : rest_(bytes) {}

    template <class... T>
    void operator()(T&... values) {
        (get(values), ...);
    }

    [[nodiscard]] bool at_end() const noexcept { return rest_.empty(); }

  private:
    std::string_view take(std::uint64_t n) {
        require<DataError>(n <= rest_.size(), "the bytes end too early");
        auto const bytes = rest_.substr(0, n);
        rest_.remove_prefix(n);
        return bytes;
    }

    template <PlainNumber T>
    void get(T& value) {
        std::memcpy(&value, take(sizeof value).data(), sizeof value);
    }

    void get(bool& value) {
        std::uint8_t byte = 0;
        get(byte);
        value = byte != 0;
    }

    void get(Status& value) {
        std::uint8_t number = 0;
        get(number);
        require<DataError>(number <= static_cast<std::uint8_t>(Status::trashed), "{} is not a status",
                           number);
        value = static_cast<Status>(number);
    }

    void get(std::string& value) {
        std::uint64_t size = 0;
        get(size);
        value = take(size);
    }

    void get(Value& value) {
        std::uint8_t kind = 0;
        get(kind);
        if (kind == 0)
            get(value.emplace<double>());
        else
            get(value.emplace<std::string>());
    }

    template <class T>
    void get(std::map<std::string, T, std::less<>>& values) {
        std::uint64_t size = 0;
        get(size);
        for (std::string key; size > 0; --size) {
            get(key);
            get(values[key]);
        }
    }

    template <class T>
    void get(std::vector<T>& values) {
        std::uint64_t size = 0;
        get(size);
        for (; size > 0; --size) members_of(*this, values.emplace_back());
    }

    std::string_view rest_;
};

}  // namespace

std::string packed(State const& state) {
    Packer packer;
    members_of(packer, state);
    return std::move(packer.text);
}

State unpacked(std::string_view bytes) {
    Unpacker unpacker(bytes);
    State state;
    members_of(unpacker, state);
    require<DataError>(unpacker.at_end(), "there are bytes after the last");
    return state;
}

}  // namespace vaster::registry
