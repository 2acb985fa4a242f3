#pragma once

#include <cstdint>
#include <string>
#include <vector>

#include "core/h5/handle.hpp"

namespace vaster::h5 {

/// Any object of a file: "/" or "/records". @throws DataError when it is not there
[[nodiscard]] ObjectId open_object(File const& file, std::string const& path);

/// Attributes as other programs like them: h5py shows texts as `str`. @throws IoError
void write_attribute(ObjectId const& object, std::string const& name, std::string const& text);
void write_attribute(ObjectId const& object, std::string const& name, std::int64_t number);
void write_attribute(ObjectId const& object, std::string const& name, std::uint64_t number);
void write_attribute(ObjectId const& object, std::string const& name, std::vector<std::string> const& texts);

[[nodiscard]] bool has_attribute(ObjectId const& object, std::string const& name);

/// @throws DataError when it is not there or of another type
[[nodiscard]] std::string read_text(ObjectId const& object, std::string const& name);
[[nodiscard]] std::int64_t read_integer(ObjectId const& object, std::string const& name);
[[nodiscard]] std::uint64_t read_unsigned(ObjectId const& object, std::string const& name);
[[nodiscard]] std::vector<std::string> read_texts(ObjectId const& object, std::string const& name);

}  // namespace vaster::h5
