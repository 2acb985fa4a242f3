#include "domains/stream/tasks/topics.hpp"

#include <array>
#include <cerrno>
#include <span>

#include <fmt/core.h>

#include "base/support/files.hpp"
#include "base/support/hash.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

constexpr std::size_t head_size = 8;
constexpr std::uint32_t longest_message = 268'435'455;  ///< that MQTT has (3.1.1, section 2.2.3)
using Head = std::array<char, head_size>;

std::uint32_t checksum(std::string_view payload) {
    return crc32(std::as_bytes(std::span(payload.data(), payload.size())));
}

Head head_of(std::string_view payload) {
    std::uint64_t const both =
        std::uint64_t{checksum(payload)} << 32 | static_cast<std::uint32_t>(payload.size());
    Head head{};
    for (std::size_t i = 0; i < head.size(); ++i) head[i] = static_cast<char>(both >> 8 * i & 0xff);
    return head;
}

std::uint64_t number_in(Head const& head) {
    std::uint64_t both = 0;
    for (std::size_t i = head.size(); i-- > 0;) both = both << 8 | static_cast<unsigned char>(head[i]);
    return both;
}

}  // namespace

std::string problem_of_topic(std::string_view topic, std::string_view broker) {
    bool const names_file =
        !topic.empty() && topic.find('/') == std::string_view::npos && topic.front() != '.';
    if (names_file) return broker.empty() ? "" : problem_of_broker(broker, topic);
    return fmt::format("topic = \"{}\" (must be a name without '/', and not begin with a point)", topic);
}

TopicWriter::TopicWriter(std::filesystem::path const& folder, std::string const& topic,
                         std::string_view broker)
    : path_(folder / fmt::format("{}.log", topic)) {
    if (!folder.empty()) std::filesystem::create_directories(folder);
    file_.open(path_, std::ios::binary | std::ios::trunc);
    check();
    if (!broker.empty()) broker_.emplace(broker, topic);
}

void TopicWriter::put(std::string_view payload) {
    auto const head = head_of(payload);
    file_.write(head.data(), head.size());
    file_.write(payload.data(), static_cast<std::streamsize>(payload.size()));
    check();
    if (broker_) broker_->put(payload);
}

void TopicWriter::finish() {
    file_.flush();
    check();
    if (broker_) broker_->finish();
}

void TopicWriter::check() const {
    require<IoError>(file_.good(), "cannot write the topic {}: {}", path_.string(), system_reason(errno));
}

TopicReader::TopicReader(std::filesystem::path const& path, std::uint64_t offset)
    : path_(path), file_(path, std::ios::binary), offset_(offset) {
    require<IoError>(file_.good(), "cannot read the topic {}: {}", path.string(), system_reason(errno));
    size_ = std::filesystem::file_size(path);
    require<DataError>(offset <= size_, "the topic {} has {} bytes, but {} have been read of it",
                       path.string(), size_, offset);
    file_.seekg(static_cast<std::streamoff>(offset));
}

std::optional<std::string> TopicReader::next() {
    if (offset_ == size_) return std::nullopt;
    auto const left = size_ - offset_;
    Head head{};
    if (left >= head_size) file_.read(head.data(), head_size);
    auto const both = number_in(head);
    auto const length = static_cast<std::uint32_t>(both);
    bool const is_whole = left >= head_size && length <= left - head_size;
    bool const may_be_topic = offset_ > 0 || left < head_size || length <= longest_message;
    require<DataError>(
        may_be_topic,
        "{} is not a topic: its first message would have {} bytes. A topic is a log as MQP writes "
        "it, length and CRC-32 of each message (4 bytes each), then the message",
        path_.string(), length);
    require<DataError>(
        is_whole,
        "the topic {} is cut: a message begins at byte {}, and {} bytes are left; let MQP write "
        "it again, or cut it there ('truncate -s {}'), to lose that message alone",
        path_.string(), offset_, left, offset_);
    std::string payload(length, '\0');
    file_.read(payload.data(), length);
    require<DataError>(file_.good() && checksum(payload) == both >> 32,
                       "the topic {} is damaged: the message at byte {} has another checksum", path_.string(),
                       offset_);
    offset_ += head_size + length;
    return payload;
}

void check_topic(std::filesystem::path const& path) {
    TopicReader topic(path);
    while (topic.next()) continue;
}

}  // namespace vaster::stream
