#include "core/store/inputs.hpp"

#include <algorithm>
#include <span>
#include <stdexcept>

#include "base/support/hash.hpp"
#include "core/h5/attributes.hpp"
#include "core/store/kept_data.hpp"
#include "core/store/layout.hpp"
#include "core/store/schema_attributes.hpp"
#include "core/store/study_file.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::store {
namespace {

std::string path_of(std::string const& name) {
    return fmt::format("{}/{}", inputs_path, name);
}

void check_labels(study::Schema const& schema, study::Input const& input) {
    for (auto const& field : input.fields) {
        auto const is_named = [&](auto const& list) { return list.name == field.labels; };
        if (!field.labels.empty() && std::none_of(schema.labels.begin(), schema.labels.end(), is_named))
            throw std::logic_error(fmt::format("input '{}' points into labels '{}', which there are not",
                                               input.name, field.labels));
    }
}

h5::Dataset write_input(h5::File const& file, study::Input const& input) {
    auto const type = element_type(input.fields);
    if (type.size == 0 || input.rows.size() % type.size != 0)
        throw std::logic_error(fmt::format("input '{}' has no whole rows", input.name));
    auto data = h5::Dataset::create(file, path_of(input.name), type, {input.rows.size() / type.size},
                                    blank_element(type), h5::Filling::by_caller);
    auto const rows = std::as_bytes(std::span(input.rows));
    data.write_rows(0, rows);
    auto const object = h5::open_object(file, data.path());
    h5::write_attribute(object, "doc", input.doc);
    h5::write_attribute(object, "crc", std::uint64_t{crc32(rows)});
    write_fields(object, input.fields);
    return data;
}

}  // namespace

std::vector<std::uint8_t> KeptInput::read() const {
    std::vector<std::uint8_t> rows(data.n_rows() * data.row_bytes());
    data.read_rows(0, std::as_writable_bytes(std::span(rows)));
    require<DataError>(crc32(std::as_bytes(std::span(rows))) == crc,
                       "the checksum of {}, the study's data, does not hold", data.path());
    return rows;
}

bool KeptInput::holds() const {
    constexpr std::size_t piece_bytes = std::size_t{4} << 20U;
    auto const rows_of_piece = std::max<std::uint64_t>(1, piece_bytes / data.row_bytes());
    std::vector<std::byte> piece;
    std::uint32_t seen = 0;
    for (std::uint64_t first = 0; first < data.n_rows(); first += rows_of_piece) {
        piece.resize(std::min(rows_of_piece, data.n_rows() - first) * data.row_bytes());
        data.read_rows(first, piece);
        seen = crc32(piece, seen);
    }
    return seen == crc;
}

std::vector<h5::Dataset> write_inputs(h5::File const& file, study::Schema const& schema,
                                      std::vector<study::Input> const& inputs) {
    h5::create_group(file, inputs_path);
    std::vector<std::string> names;
    std::vector<h5::Dataset> written;
    for (auto const& input : inputs) {
        check_labels(schema, input);
        written.push_back(write_input(file, input));
        names.push_back(input.name);
    }
    h5::write_attribute(h5::open_object(file, inputs_path), "names", names);
    return written;
}

std::vector<KeptInput> open_inputs(h5::File const& file) {
    std::vector<KeptInput> inputs;
    for (auto const& name : h5::read_texts(h5::open_object(file, inputs_path), "names")) {
        auto data = h5::Dataset::open(file, path_of(name));
        auto const object = h5::open_object(file, data.path());
        auto const crc = static_cast<std::uint32_t>(h5::read_unsigned(object, "crc"));
        auto doc = h5::read_text(object, "doc");
        auto fields = read_fields(object, data);
        inputs.push_back({std::move(data), crc, std::move(doc), std::move(fields)});
    }
    return inputs;
}

bool keeps_data(std::filesystem::path const& path) {
    return !open_study(path).inputs.empty();
}

study::KeptData read_kept_data(std::filesystem::path const& path) {
    auto file = open_study(path);
    study::KeptData kept{std::move(file.schema), {}};
    for (auto const& input : file.inputs) {
        auto const name = input.data.path().substr(std::string(inputs_path).size() + 1);
        try {
            kept.inputs.push_back({name, input.doc, input.fields, input.read()});
        } catch (DataError const& error) {
            throw DataError(fmt::format(
                "{}: {}; its results can still be exported, but it cannot be resumed: use an intact "
                "copy, or start a new study",
                path.string(), error.what()));
        }
    }
    return kept;
}

}  // namespace vaster::store
