#include "domains/stream/study/state_file.hpp"

#include "base/support/hash.hpp"
#include "base/support/temporary_file.hpp"
#include "domains/stream/records/mapped_text.hpp"
#include "domains/stream/records/parser.hpp"
#include "domains/stream/study/hashed_file.hpp"
#include "domains/stream/tasks/state.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

constexpr std::string_view magic = "vaster stream state 1\n";
constexpr std::size_t hash_bytes = 32;

}  // namespace

std::string write_state(std::filesystem::path const& path, StreamEnd const& end,
                        std::span<StateView const> states) {
    remove_left_overs(path);  // of a process that was killed in the middle
    HashedFile file(path);
    file.write(magic);
    StateWriter where;
    where.put(std::string_view(end.description));
    where.put(end.next_record);
    where.put(end.next_offset);
    file.write(where.bytes());
    for (auto const& state : states) {  // one by one: there may be millions
        StateWriter writer;
        writer.put(state.sensor);
        writer.put(state.bytes);
        file.write(writer.bytes());
    }
    file.write(file.hash());
    auto hash = file.hash();
    file.keep();
    return hash;
}

StreamState read_state(std::filesystem::path const& path) {
    MappedText const file(path, line_padding);
    auto const bytes = file.text();
    bool const whole =
        bytes.size() >= magic.size() + hash_bytes && bytes.starts_with(magic) &&
        bytes.substr(bytes.size() - hash_bytes) == hash_text(bytes.substr(0, bytes.size() - hash_bytes));
    require<DataError>(
        whole, "{} is not whole, or does not hold the states of a stream: run the study that left it again",
        path.string());
    StateReader reader(bytes.substr(magic.size(), bytes.size() - magic.size() - hash_bytes));
    StreamState state;
    state.description = reader.get_text();
    state.next_record = reader.get<std::uint64_t>();
    state.next_offset = reader.get<std::uint64_t>();
    while (reader.left() > 0) {
        std::string sensor(reader.get_text());
        state.states.push_back({std::move(sensor), std::string(reader.get_text())});
    }
    return state;
}

}  // namespace vaster::stream
