#pragma once

#include <cstdint>
#include <sstream>
#include <streambuf>
#include <string>
#include <utility>
#include <variant>

#include <boost/archive/binary_iarchive.hpp>
#include <boost/archive/binary_oarchive.hpp>
#include <boost/serialization/string.hpp>
#include <boost/serialization/vector.hpp>

#include "vaster/study/experiment.hpp"

/// Boost.Serialization of the shared words: between the processes of one run only, never a file format.

namespace boost::serialization {

template <class Archive>
void save(Archive& archive, vaster::study::Cell const& cell, unsigned) {
    auto const kind = static_cast<std::uint8_t>(cell.index());
    archive << kind;
    std::visit([&](auto const& value) { archive << value; }, cell);
}

template <class Archive>
void load(Archive& archive, vaster::study::Cell& cell, unsigned) {
    std::uint8_t kind = 0;
    archive >> kind;
    auto const take = [&](auto value) {
        archive >> value;
        cell = std::move(value);
    };
    if (kind == 0)
        take(std::int64_t{});
    else if (kind == 1)
        take(double{});
    else
        take(std::string());
}

template <class Archive>
void serialize(Archive& archive, vaster::study::Cell& cell, unsigned version) {
    split_free(archive, cell, version);
}

template <class Archive, class Tag>
void serialize(Archive& archive, vaster::Id<Tag>& id, unsigned) {
    archive& id.value;
}

}  // namespace boost::serialization

namespace vaster::study {

template <class Archive>
void Experiment::serialize(Archive& archive, unsigned) {
    archive& index& id& group& expected_seconds& cost_key& design& n_rows& first_row& skip_reason;
}

/// The object as bytes.
template <class T>
[[nodiscard]] std::string pack(T const& object) {
    std::ostringstream out;
    {
        boost::archive::binary_oarchive archive(out, boost::archive::no_header);
        archive << object;
    }
    return std::move(out).str();
}

/// Bytes to be read where they lie.
class ByteSource final : public std::streambuf {
  public:
    explicit ByteSource(std::string const& bytes) {
        auto* const begin = const_cast<char*>(bytes.data());  // a buffer that is only read
        setg(begin, begin, begin + bytes.size());
    }
};

/// The object back from its bytes.
template <class T>
[[nodiscard]] T unpack(std::string const& bytes) {
    ByteSource source(bytes);
    boost::archive::binary_iarchive archive(source, boost::archive::no_header);
    T object;
    archive >> object;
    return object;
}

}  // namespace vaster::study
