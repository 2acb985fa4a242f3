#pragma once

#include <cstddef>
#include <cstdint>
#include <filesystem>
#include <fstream>
#include <optional>
#include <string>
#include <string_view>

#include "domains/stream/tasks/broker.hpp"

namespace vaster::stream {

/// Messages of a topic in a file TOPIC.log, one after the other: length of the payload and its CRC-32 (each 4
/// bytes, little-endian), payload. Where a broker is named they go to it, too.
class TopicWriter {
  public:
    /// Replaces the file, and makes its folder. @param broker  empty: none @throws IoError
    TopicWriter(std::filesystem::path const& folder, std::string const& topic, std::string_view broker);

    /// @throws IoError
    void put(std::string_view payload);

    /// Hands all on to the system, and waits until the broker has all. @throws IoError
    void finish();

  private:
    void check() const;

    std::filesystem::path path_;
    std::ofstream file_;
    std::optional<BrokerTopic> broker_;
};

/// What is wrong with the name of a topic, which becomes that of a file, or with a broker that is named;
/// empty: nothing.
[[nodiscard]] std::string problem_of_topic(std::string_view topic, std::string_view broker);

/// @throws DataError for a file that is not a topic, or one that is cut or damaged; IoError
void check_topic(std::filesystem::path const& path);

/// Reads such a file.
class TopicReader {
  public:
    /// @param offset  of the first message that is read [bytes]
    /// @throws IoError
    explicit TopicReader(std::filesystem::path const& path, std::uint64_t offset = 0);

    /// The next message; nothing at the end. @throws DataError for a message that is cut or damaged; where
    /// that is the first of the file, it may be no topic at all
    [[nodiscard]] std::optional<std::string> next();

    /// Where the next message begins [bytes].
    [[nodiscard]] std::uint64_t offset() const noexcept { return offset_; }

  private:
    std::filesystem::path path_;
    std::ifstream file_;
    std::uint64_t offset_;
    std::uint64_t size_;
};

}  // namespace vaster::stream
