#include "core/store/schema_attributes.hpp"

#include <algorithm>
#include <functional>
#include <string>
#include <vector>

#include "core/h5/attributes.hpp"
#include "core/h5/dataset.hpp"
#include "core/store/layout.hpp"

namespace vaster::store {
namespace {

using Texts = std::vector<std::string>;

template <class Items, class Get>
Texts collect(Items const& items, Get get) {
    Texts texts;
    for (auto const& item : items) texts.emplace_back(std::invoke(get, item));
    return texts;
}

void write_columns(h5::File const& file, char const* path, std::vector<study::Column> const& columns) {
    auto const object = h5::open_object(file, path);
    h5::write_attribute(object, "columns", collect(columns, &study::Column::name));
    h5::write_attribute(object, "column_docs", collect(columns, &study::Column::doc));
    h5::write_attribute(object, "column_natures", collect(columns, [](study::Column const& column) {
                            return column.nature == study::Nature::timing ? "timing" : "result";
                        }));
    h5::write_attribute(object, "column_places", collect(columns, [](study::Column const& column) {
                            return column.position == study::ColumnPosition::trailing ? "trailing"
                                                                                      : "leading";
                        }));
}

study::CellType cell_type(h5::Field const& field) {
    switch (field.type) {
        case h5::Scalar::int64:
            return study::CellType::integer;
        case h5::Scalar::float64:
            return study::CellType::real;
        case h5::Scalar::text:
            return study::CellType::text;
        default:
            throw DataError(fmt::format("the column '{}' has a type that cells do not have", field.name));
    }
}

std::vector<study::Column> read_columns(h5::File const& file, char const* path) {
    auto const object = h5::open_object(file, path);
    auto const names = h5::read_texts(object, "columns");
    auto const docs = h5::read_texts(object, "column_docs");
    auto const natures = h5::read_texts(object, "column_natures");
    auto const places = h5::read_texts(object, "column_places");
    require<DataError>(
        docs.size() == names.size() && natures.size() == names.size() && places.size() == names.size(),
        "the attributes of {} describe different numbers of columns", path);
    auto const type = h5::Dataset::open(file, path).element();
    std::vector<study::Column> columns;
    for (std::size_t i = 0; i < names.size(); ++i) {
        auto const& field = type.fields[type.find(names[i])];
        columns.push_back(
            {names[i], cell_type(field), static_cast<std::uint32_t>(field.width), docs[i],
             natures[i] == "timing" ? study::Nature::timing : study::Nature::result,
             places[i] == "trailing" ? study::ColumnPosition::trailing : study::ColumnPosition::leading});
    }
    return columns;
}

study::ElementType element_type_of(h5::Scalar type) {
    switch (type) {
        case h5::Scalar::uint8:
            return study::ElementType::uint8;
        case h5::Scalar::uint16:
            return study::ElementType::uint16;
        case h5::Scalar::int32:
            return study::ElementType::int32;
        case h5::Scalar::uint32:
            return study::ElementType::uint32;
        case h5::Scalar::int64:
            return study::ElementType::int64;
        case h5::Scalar::float32:
            return study::ElementType::float32;
        case h5::Scalar::float64:
            return study::ElementType::float64;
        default:
            throw DataError("an array has a type that arrays do not have");
    }
}

std::string array_path(std::string const& name) {
    return fmt::format("{}/{}", arrays_path, name);
}

void write_array_attributes(h5::File const& file, study::ArraySpec const& spec) {
    auto const object = h5::open_object(file, array_path(spec.name));
    h5::write_attribute(object, "doc", spec.doc);
    h5::write_attribute(object, "extent",
                        std::string(spec.extent == study::Extent::ragged ? "ragged" : "fixed"));
    write_fields(object, spec.fields);
}

study::ArraySpec read_array(h5::File const& file, std::string const& name) {
    auto const object = h5::open_object(file, array_path(name));
    auto const data = h5::Dataset::open(file, array_path(name));
    study::ArraySpec spec;
    spec.name = name;
    spec.doc = h5::read_text(object, "doc");
    spec.extent = h5::read_text(object, "extent") == "ragged" ? study::Extent::ragged : study::Extent::fixed;
    if (spec.extent == study::Extent::fixed) spec.shape.assign(data.shape().begin() + 1, data.shape().end());
    spec.fields = read_fields(object, data);
    return spec;
}

h5::RecordType label_type(std::size_t width) {
    return {{{"", h5::Scalar::text, width, 0}}, width + 1};
}

void write_labels(h5::File const& file, study::LabelList const& list) {
    std::size_t width = 1;
    for (auto const& label : list.labels) width = std::max(width, label.size());
    auto const type = label_type(width);
    auto const data = h5::Dataset::create(file, fmt::format("{}/{}", labels_path, list.name), type,
                                          {list.labels.size()}, std::vector<std::byte>(type.size));
    for (std::size_t i = 0; i < list.labels.size(); ++i) {
        Row row(type);
        row.set_text(0, list.labels[i]);
        data.write_rows(i, row.bytes());
    }
}

study::LabelList read_labels(h5::File const& file, std::string const& name) {
    auto const data = h5::Dataset::open(file, fmt::format("{}/{}", labels_path, name));
    study::LabelList list{name, {}};
    for (std::uint64_t i = 0; i < data.n_rows(); ++i) {
        Row row(data.element());
        data.read_rows(i, row.bytes());
        list.labels.push_back(row.text(0));
    }
    return list;
}

}  // namespace

void write_fields(h5::ObjectId const& object, std::vector<study::ArrayField> const& fields) {
    h5::write_attribute(object, "fields", collect(fields, &study::ArrayField::name));
    h5::write_attribute(object, "field_labels", collect(fields, &study::ArrayField::labels));
}

std::vector<study::ArrayField> read_fields(h5::ObjectId const& object, h5::Dataset const& data) {
    auto const names = h5::read_texts(object, "fields");
    auto const labels = h5::read_texts(object, "field_labels");
    require<DataError>(names.size() == data.element().fields.size() && labels.size() == names.size(),
                       "the attributes of '{}' do not fit its type", data.path());
    std::vector<study::ArrayField> fields;
    for (std::size_t i = 0; i < names.size(); ++i)
        fields.push_back({names[i], element_type_of(data.element().fields[i].type), labels[i]});
    return fields;
}

void write_header(h5::File const& file, Header const& header) {
    auto const root = h5::open_object(file, "/");
    h5::write_attribute(root, "filetype", std::string(file_type));
    h5::write_attribute(root, "format_version", format_version);
    h5::write_attribute(root, "program_version", header.program_version);
    h5::write_attribute(root, "kind", header.kind);
    h5::write_attribute(root, "config", header.config);
    h5::write_attribute(root, "config_hash", header.config_hash);
    h5::write_attribute(root, "result_config", header.result_config);
    h5::write_attribute(root, "data_hash", header.data_hash);
    h5::write_attribute(root, "plan_hash", header.plan_hash);
    h5::write_attribute(root, "seed", header.seed);
    h5::write_attribute(root, "created", header.created);
    h5::write_attribute(root, "compiler", header.provenance.compiler);
    h5::write_attribute(root, "libraries", header.provenance.libraries);
    h5::write_attribute(root, "host", header.provenance.host);
    h5::write_attribute(root, "command", header.provenance.command);
    h5::write_attribute(root, "inventory", header.inventory.facts);
    h5::write_attribute(root, "warnings", header.inventory.warnings);
}

Header read_header(h5::File const& file) {
    auto const root = h5::open_object(file, "/");
    Header header;
    header.program_version = h5::read_text(root, "program_version");
    header.kind = h5::read_text(root, "kind");
    header.config = h5::read_text(root, "config");
    header.config_hash = h5::read_text(root, "config_hash");
    header.result_config = h5::read_text(root, "result_config");
    header.data_hash = h5::read_text(root, "data_hash");
    header.plan_hash = h5::read_text(root, "plan_hash");
    header.seed = h5::read_unsigned(root, "seed");
    header.created = h5::read_text(root, "created");
    header.provenance = {h5::read_text(root, "compiler"), h5::read_text(root, "libraries"),
                         h5::read_text(root, "host"), h5::read_text(root, "command")};
    if (h5::has_attribute(root, "inventory"))
        header.inventory = {h5::read_texts(root, "inventory"), h5::read_texts(root, "warnings")};
    return header;
}

void write_schema(h5::File const& file, study::Schema const& schema) {
    write_columns(file, plan_path, schema.design);
    write_columns(file, records_path, schema.results);
    h5::write_attribute(h5::open_object(file, arrays_path), "names",
                        collect(schema.arrays, &study::ArraySpec::name));
    for (auto const& spec : schema.arrays) write_array_attributes(file, spec);
    h5::write_attribute(h5::open_object(file, labels_path), "names",
                        collect(schema.labels, &study::LabelList::name));
    for (auto const& list : schema.labels) write_labels(file, list);
}

study::Schema read_schema(h5::File const& file) {
    study::Schema schema;
    schema.design = read_columns(file, plan_path);
    schema.results = read_columns(file, records_path);
    for (auto const& name : h5::read_texts(h5::open_object(file, arrays_path), "names"))
        schema.arrays.push_back(read_array(file, name));
    for (auto const& name : h5::read_texts(h5::open_object(file, labels_path), "names"))
        schema.labels.push_back(read_labels(file, name));
    return schema;
}

}  // namespace vaster::store
