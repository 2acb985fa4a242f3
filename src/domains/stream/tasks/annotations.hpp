#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <functional>
#include <string>
#include <string_view>
#include <unordered_map>
#include <vector>

namespace vaster::stream {

/// What a file says of keys: lines `key:a,b,...`, divided at the first colon.
class Annotations {
  public:
    /// How the text of a key ends. up_to_second_colon: as the published class reads it, which loses the rest.
    enum class Reading : std::uint8_t { whole, up_to_second_colon };

    /// @throws IoError when the file cannot be read; DataError naming the line that has no colon, says
    /// something else of a key than a line before, or has another number of fields; also when there is no
    /// line
    explicit Annotations(std::filesystem::path const& path, Reading reading = Reading::whole);

    /// The fields of a key; null when the file says nothing of it.
    [[nodiscard]] std::vector<std::string> const* find(std::string_view key) const;

    /// Fields of every key.
    [[nodiscard]] std::size_t n_fields() const noexcept { return n_fields_; }

    /// Names of the fields: those that the user has given, or annotation1, annotation2, ... where none are.
    /// @param key  of those names, for the message. @throws DataError when there are more or fewer of them
    [[nodiscard]] std::vector<std::string> names(std::vector<std::string> const& given,
                                                 std::string_view key) const;

    [[nodiscard]] std::size_t size() const noexcept { return fields_.size(); }

  private:
    struct TextHash {
        using is_transparent = void;  // NOLINT(readability-identifier-naming): the standard names it

        std::size_t operator()(std::string_view text) const { return std::hash<std::string_view>{}(text); }
    };

    void add(std::string_view key, std::string_view text, std::filesystem::path const& path,
             std::size_t line);

    std::unordered_map<std::string, std::vector<std::string>, TextHash, std::equal_to<>> fields_;
    std::size_t n_fields_ = 0;
};

}  // namespace vaster::stream
