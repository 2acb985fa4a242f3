#include "core/h5/table.hpp"

#include <algorithm>
#include <array>
#include <cmath>
#include <cstring>
#include <fstream>
#include <map>
#include <utility>

#include "base/support/texts.hpp"
#include "core/h5/attributes.hpp"
#include "core/h5/file.hpp"
#include "core/h5/handle.hpp"
#include "core/h5/library_text.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::h5 {
namespace {

enum class Kind { real, integer, natural, fixed_text, free_text };

/// A column, and where its value lies in a row in memory.
struct Column {
    std::string name;
    Kind kind = Kind::real;
    std::size_t offset = 0;
    std::size_t width = 0;
    bool padded_with_blanks = false;                 ///< of a fixed text
    std::map<std::int64_t, std::string> names = {};  ///< of an enumeration
};

/// A dataset that gives one column or more.
struct Source {
    DatasetId dataset;
    Type in_memory;
    std::size_t row_bytes = 0;
    std::vector<Column> columns;
    std::uint64_t n_rows = 0;
};

template <class T>
T value_at(std::byte const* place) {
    T value;
    std::memcpy(&value, place, sizeof value);
    return value;
}

/// The names of an enumeration by their values; none where they are FALSE and TRUE, which stand for 0 and 1.
std::map<std::int64_t, std::string> names_of(Type const& enumeration) {
    std::map<std::int64_t, std::string> names;
    Type const base(H5Tget_super(enumeration.get()));
    int const n = H5Tget_nmembers(enumeration.get());
    for (int i = 0; i < n; ++i) {
        std::array<std::byte, 8> bytes{};
        LibraryText const name(H5Tget_member_name(enumeration.get(), static_cast<unsigned>(i)));
        require_h5<DataError>(
            name != nullptr &&
                H5Tget_member_value(enumeration.get(), static_cast<unsigned>(i), bytes.data()) >= 0 &&
                H5Tconvert(base.get(), H5T_NATIVE_INT64, 1, bytes.data(), nullptr, H5P_DEFAULT) >= 0,
            "HDF5 cannot read the names of an enumeration");
        names[value_at<std::int64_t>(bytes.data())] = name.get();
    }
    bool const is_truth = names.size() == 2 && names.count(0) == 1 && names.count(1) == 1 &&
                          names[0] == "FALSE" && names[1] == "TRUE";
    return is_truth ? std::map<std::int64_t, std::string>() : names;
}

std::string_view word_for(H5T_class_t type_class) {
    switch (type_class) {
        case H5T_COMPOUND:
            return "records in records";
        case H5T_ARRAY:
            return "arrays";
        case H5T_VLEN:
            return "lists of any length";
        case H5T_REFERENCE:
            return "references";
        case H5T_OPAQUE:
        case H5T_BITFIELD:
            return "bytes without a meaning";
        case H5T_INTEGER:
        case H5T_FLOAT:
            return "numbers of more than 64 bits";
        default:
            return "a type that cannot be a cell";
    }
}

/// What a value becomes in memory. @throws DataError for a type that has no text
std::pair<Column, Type> column_of(std::string name, Type const& type) {
    constexpr std::size_t widest_number = 8;
    Column column{std::move(name)};
    auto const type_class = H5Tget_class(type.get());
    std::size_t const width = H5Tget_size(type.get());
    if (type_class == H5T_STRING) {
        bool const is_free = H5Tis_variable_str(type.get()) > 0;
        column.kind = is_free ? Kind::free_text : Kind::fixed_text;
        column.width = width;
        column.padded_with_blanks = !is_free && H5Tget_strpad(type.get()) == H5T_STR_SPACEPAD;
        return {std::move(column), Type(H5Tcopy(type.get()))};
    }
    bool const is_number = (type_class == H5T_INTEGER || type_class == H5T_FLOAT) && width <= widest_number;
    require<DataError>(is_number || type_class == H5T_ENUM, "column '{}' has {}, which are not read",
                       column.name, word_for(type_class));
    column.width = widest_number;
    if (type_class == H5T_ENUM) {
        column.names = names_of(type);
        column.kind = Kind::integer;
    } else if (type_class == H5T_INTEGER) {
        column.kind = H5Tget_sign(type.get()) == H5T_SGN_NONE ? Kind::natural : Kind::integer;
    }
    hid_t const number = column.kind == Kind::real      ? H5T_NATIVE_DOUBLE
                         : column.kind == Kind::integer ? H5T_NATIVE_INT64
                                                        : H5T_NATIVE_UINT64;
    return {std::move(column), Type(H5Tcopy(number))};
}

void describe_record(Source& source, Type const& record) {
    std::vector<Type> types;
    int const n = H5Tget_nmembers(record.get());
    types.reserve(static_cast<std::size_t>(n));
    source.columns.reserve(static_cast<std::size_t>(n));
    for (unsigned i = 0; i < static_cast<unsigned>(n); ++i) {
        LibraryText const name(H5Tget_member_name(record.get(), i));
        auto [column, type] = column_of(name.get(), Type(H5Tget_member_type(record.get(), i)));
        column.offset = source.row_bytes;
        source.row_bytes += column.width;
        source.columns.push_back(std::move(column));
        types.push_back(std::move(type));
    }
    source.in_memory = Type(H5Tcreate(H5T_COMPOUND, std::max<std::size_t>(source.row_bytes, 1)));
    for (std::size_t i = 0; i < types.size(); ++i)
        require_h5<DataError>(H5Tinsert(source.in_memory.get(), source.columns[i].name.c_str(),
                                        source.columns[i].offset, types[i].get()) >= 0,
                              "HDF5 cannot read column '{}'", source.columns[i].name);
}

/// @param name  of its column where it has single values
Source source_of(DatasetId dataset, std::string const& path, std::string const& name) {
    Source source;
    Space const space(H5Dget_space(dataset.get()));
    int const rank = H5Sget_simple_extent_ndims(space.get());
    require<DataError>(rank == 1,
                       "'{}' has {} dimensions (must have 1: a row after the other, of records or of single "
                       "values)",
                       path, rank);
    hsize_t length = 0;
    H5Sget_simple_extent_dims(space.get(), &length, nullptr);
    source.n_rows = length;
    Type const type(H5Dget_type(dataset.get()));
    if (H5Tget_class(type.get()) == H5T_COMPOUND) {
        describe_record(source, type);
    } else {
        auto [column, in_memory] = column_of(name, type);
        source.row_bytes = column.width;
        source.columns.push_back(std::move(column));
        source.in_memory = std::move(in_memory);
    }
    source.dataset = std::move(dataset);
    return source;
}

std::string last_part(std::string const& path) {
    return path.substr(path.rfind('/') + 1);
}

H5_index_t order_of(Group const& group) {
    PropertyList const creation(H5Gget_create_plist(group.get()));
    unsigned flags = 0;
    bool const is_known = bool(creation) && H5Pget_link_creation_order(creation.get(), &flags) >= 0 &&
                          (flags & H5P_CRT_ORDER_TRACKED) != 0;
    return is_known ? H5_INDEX_CRT_ORDER : H5_INDEX_NAME;
}

std::vector<std::string> members_of(Group const& group) {
    H5G_info_t info{};
    require_h5<DataError>(H5Gget_info(group.get(), &info) >= 0, "HDF5 cannot list a group");
    auto const order = order_of(group);
    std::vector<std::string> names;
    names.reserve(info.nlinks);
    for (hsize_t i = 0; i < info.nlinks; ++i) {
        auto const size =
            H5Lget_name_by_idx(group.get(), ".", order, H5_ITER_INC, i, nullptr, 0, H5P_DEFAULT);
        std::string name(static_cast<std::size_t>(std::max<ssize_t>(size, 0)), '\0');
        (void)H5Lget_name_by_idx(group.get(), ".", order, H5_ITER_INC, i, name.data(), name.size() + 1,
                                 H5P_DEFAULT);
        names.push_back(std::move(name));
    }
    return names;
}

std::vector<Source> sources_of_group(File const& file, std::filesystem::path const& file_name,
                                     std::string const& path) {
    Group const group(H5Gopen2(file.get(), path.c_str(), H5P_DEFAULT));
    require_h5<DataError>(bool(group), "HDF5 cannot open '{}'", path);
    std::vector<Source> sources;
    for (auto const& name : members_of(group)) {
        DatasetId dataset(H5Dopen2(group.get(), name.c_str(), H5P_DEFAULT));
        (void)take_reason();
        require<DataError>(
            bool(dataset),
            "'{}' is a group, and '{}' in it is not a dataset, so it cannot be a column of a table; {}", path,
            name, words_for(tables_in(file_name)));
        sources.push_back(
            source_of(std::move(dataset), fmt::format("{}/{}", path == "/" ? "" : path, name), name));
        auto const& one = sources.back();
        require<DataError>(one.n_rows == sources.front().n_rows,
                           "'{}' is a group whose datasets have different lengths, so they are not "
                           "columns of one table: '{}' has {} rows, '{}' {}",
                           path, sources.front().columns.front().name, sources.front().n_rows, name,
                           one.n_rows);
    }
    require<DataError>(!sources.empty(), "'{}' is a group without datasets; {}", path,
                       words_for(tables_in(file_name)));
    return sources;
}

herr_t note_table(hid_t root, char const* name, H5O_info_t const* info, void* found) {
    if (info->type != H5O_TYPE_DATASET) return 0;
    DatasetId const dataset(H5Dopen2(root, name, H5P_DEFAULT));
    Space const space(H5Dget_space(dataset.get()));
    if (H5Sget_simple_extent_ndims(space.get()) == 1)
        static_cast<std::vector<std::string>*>(found)->push_back(fmt::format("/{}", name));
    return 0;
}

/// Empty where there is none.
ObjectId object_at(File const& file, std::string const& path) {
    ObjectId object(H5Oopen(file.get(), path.c_str(), H5P_DEFAULT));
    (void)take_reason();
    return object;
}

std::vector<Source> sources_at(File const& file, std::filesystem::path const& name, std::string const& path) {
    auto const object = object_at(file, path);
    require<DataError>(bool(object), "there is no '{}'; {}", path, words_for(tables_in(name)));
    auto const type = H5Iget_type(object.get());
    if (type == H5I_GROUP) return sources_of_group(file, name, path);
    require<DataError>(type == H5I_DATASET, "'{}' is not a dataset; {}", path, words_for(tables_in(name)));
    std::vector<Source> sources;
    sources.push_back(
        source_of(DatasetId(H5Dopen2(file.get(), path.c_str(), H5P_DEFAULT)), path, last_part(path)));
    return sources;
}

std::string_view fixed_text(Column const& column, std::byte const* place) {
    std::string_view text(reinterpret_cast<char const*>(place), column.width);
    text = text.substr(0, text.find('\0'));
    if (column.padded_with_blanks) text = text.substr(0, text.find_last_not_of(' ') + 1);
    return text;
}

void add_real(double value, CellTexts& cells) {
    if (std::isnan(value)) return cells.add("");
    if (std::isinf(value)) return cells.add(value > 0 ? "inf" : "-inf");
    cells.add(ShortestText(value).view());
}

void add_cell(Column const& column, std::byte const* row, CellTexts& cells) {
    auto const* const place = row + column.offset;
    switch (column.kind) {
        case Kind::real:
            return add_real(value_at<double>(place), cells);
        case Kind::natural:
            return cells.add(ShortestText(value_at<std::uint64_t>(place)).view());
        case Kind::integer: {
            auto const value = value_at<std::int64_t>(place);
            auto const name = column.names.find(value);
            return cells.add(name != column.names.end() ? std::string_view(name->second)
                                                        : ShortestText(value).view());
        }
        case Kind::fixed_text:
            return cells.add(fixed_text(column, place));
        case Kind::free_text: {
            auto const* const text = value_at<char const*>(place);
            return cells.add(text == nullptr ? std::string_view() : std::string_view(text));
        }
    }
}

/// Rows of one dataset in memory; HDF5 has made room for texts of any length, which goes with them.
class RowsInMemory {
  public:
    RowsInMemory(Source const& source, std::uint64_t first, std::uint64_t count)
        : source_(source), bytes_(count * source.row_bytes) {
        Space const in_file(H5Dget_space(source.dataset.get()));
        hsize_t const begin = first;
        hsize_t const length = count;
        in_memory_ = Space(H5Screate_simple(1, &length, nullptr));
        require_h5<DataError>(
            H5Sselect_hyperslab(in_file.get(), H5S_SELECT_SET, &begin, nullptr, &length, nullptr) >= 0 &&
                H5Dread(source.dataset.get(), source.in_memory.get(), in_memory_.get(), in_file.get(),
                        H5P_DEFAULT, bytes_.data()) >= 0,
            "HDF5 cannot read rows {} to {} of column '{}'", first, first + count,
            source.columns.front().name);
    }

    RowsInMemory(RowsInMemory&& other) noexcept = default;
    RowsInMemory& operator=(RowsInMemory&&) = delete;
    RowsInMemory(RowsInMemory const&) = delete;
    RowsInMemory& operator=(RowsInMemory const&) = delete;

    ~RowsInMemory() {
        bool const has_free_texts =
            !bytes_.empty() && std::any_of(source_.columns.begin(), source_.columns.end(),
                                           [](Column const& one) { return one.kind == Kind::free_text; });
        if (has_free_texts)
            H5Dvlen_reclaim(source_.in_memory.get(), in_memory_.get(), H5P_DEFAULT, bytes_.data());
    }

    void add_row(std::size_t row, CellTexts& cells) const {
        auto const* const place = bytes_.data() + row * source_.row_bytes;
        for (auto const& column : source_.columns) add_cell(column, place, cells);
    }

  private:
    Source const& source_;
    std::vector<std::byte> bytes_;
    Space in_memory_;
};

}  // namespace

bool is_hdf5(std::filesystem::path const& file) {
    static constexpr std::string_view signature("\x89HDF\r\n\x1a\n", 8);
    constexpr std::streamoff largest_user_block = std::streamoff{1} << 24U;
    std::ifstream in(file, std::ios::binary);
    for (std::streamoff place = 0; in.good() && place <= largest_user_block;
         place = place == 0 ? 512 : 2 * place) {
        std::array<char, signature.size()> seen{};
        in.seekg(place);
        if (!in.read(seen.data(), seen.size())) return false;
        if (std::string_view(seen.data(), seen.size()) == signature) return true;
    }
    return false;
}

std::vector<std::string> tables_in(std::filesystem::path const& file) {
    auto const opened = open_for_reading(file);
    std::vector<std::string> found;
    require_h5<DataError>(
        H5Ovisit2(opened.get(), H5_INDEX_NAME, H5_ITER_INC, note_table, &found, H5O_INFO_BASIC) >= 0,
        "HDF5 cannot list what is in {}", file.string());
    return found;
}

std::string words_for(std::vector<std::string> const& tables) {
    constexpr std::size_t most = 20;
    if (tables.empty()) return "it has no tables";
    std::string text = "there are:";
    for (std::size_t i = 0; i < std::min(tables.size(), most); ++i) text += fmt::format(" {}", tables[i]);
    return fmt::format("{}{}", text, tables.size() > most ? " ..." : "");
}

bool has_object(std::filesystem::path const& file, std::string const& path) {
    return bool(object_at(open_for_reading(file), path));
}

std::string root_text(std::filesystem::path const& file, std::string const& name) {
    auto const opened = open_for_reading(file);
    auto const root = open_object(opened, "/");
    if (!has_attribute(root, name)) return "";
    try {
        return read_text(root, name);
    } catch (DataError const&) {
        return "";  // of another type
    }
}

struct Table::Parts {
    File file;
    std::vector<Source> sources;
    std::vector<std::string> columns;
};

Table::Table(std::filesystem::path const& file, std::string const& path) : parts_(std::make_unique<Parts>()) {
    parts_->file = open_for_reading(file);
    try {
        parts_->sources = sources_at(parts_->file, file, path);
    } catch (DataError const& problem) {
        throw DataError(fmt::format("{}: {}", file.string(), problem.what()));
    }
    for (auto const& source : parts_->sources)
        for (auto const& column : source.columns) parts_->columns.push_back(column.name);
}

Table::~Table() = default;
Table::Table(Table&&) noexcept = default;
Table& Table::operator=(Table&&) noexcept = default;

std::vector<std::string> const& Table::columns() const noexcept {
    return parts_->columns;
}

std::uint64_t Table::n_rows() const noexcept {
    return parts_->sources.front().n_rows;
}

std::size_t Table::row_bytes() const noexcept {
    std::size_t bytes = 0;
    for (auto const& source : parts_->sources) bytes += source.row_bytes;
    return bytes;
}

void Table::read(std::uint64_t first, std::uint64_t count, CellTexts& cells) const {
    cells.clear();
    std::vector<RowsInMemory> rows;
    rows.reserve(parts_->sources.size());
    for (auto const& source : parts_->sources) rows.emplace_back(source, first, count);
    for (std::size_t row = 0; row < count; ++row)
        for (auto const& source : rows) source.add_row(row, cells);
}

}  // namespace vaster::h5
