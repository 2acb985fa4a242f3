#include "domains/stream/tasks/table.hpp"

#include <algorithm>
#include <set>

#include <fmt/core.h>
#include <sqlite3.h>

#include "base/support/nearest.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::stream {
namespace {

constexpr std::size_t batch = 100;

/// A name as SQL writes it.
std::string name_in_sql(std::string_view name) {
    std::string quoted;
    quoted += '"';
    for (char const c : name) {
        if (c == '"') quoted += '"';
        quoted += c;
    }
    quoted += '"';
    return quoted;
}

std::string names_in_sql(std::vector<std::string> const& fields) {
    std::string names;
    for (auto const& field : fields) names += fmt::format(", {}", name_in_sql(field));
    return names;
}

TableDatabase opened(std::filesystem::path const& path, int flags) {
    sqlite3* database = nullptr;
    int const code = sqlite3_open_v2(path.c_str(), &database, flags, nullptr);
    TableDatabase owned(database);
    require<IoError>(code == SQLITE_OK, "cannot open the table {}: {}", path.string(), sqlite3_errstr(code));
    return owned;
}

template <class E>
[[noreturn]] void fail(std::filesystem::path const& path, sqlite3* database) {
    throw E(fmt::format("the table {}: {}", path.string(), sqlite3_errmsg(database)));
}

TableStatement prepared(std::filesystem::path const& path, sqlite3* database, std::string const& sql) {
    sqlite3_stmt* statement = nullptr;
    int const code =
        sqlite3_prepare_v2(database, sql.c_str(), static_cast<int>(sql.size()), &statement, nullptr);
    TableStatement owned(statement);
    if (code != SQLITE_OK) fail<DataError>(path, database);
    return owned;
}

void bind(sqlite3_stmt* statement, int place, std::string_view text) {
    sqlite3_bind_text64(statement, place, text.empty() ? "" : text.data(), text.size(), SQLITE_STATIC,
                        SQLITE_UTF8);
}

std::string_view text_at(sqlite3_stmt* statement, int place) {
    auto const* const text = sqlite3_column_text(statement, place);
    auto const size = static_cast<std::size_t>(sqlite3_column_bytes(statement, place));
    return text == nullptr ? std::string_view() : std::string_view(reinterpret_cast<char const*>(text), size);
}

/// A statement that is done for this time, whatever happens.
class Using {
  public:
    explicit Using(TableStatement const& statement) : statement_(statement.get()) {}

    ~Using() { sqlite3_reset(statement_); }

    Using(Using const&) = delete;
    Using& operator=(Using const&) = delete;

    sqlite3_stmt* operator()() const noexcept { return statement_; }

  private:
    sqlite3_stmt* statement_;
};

std::vector<std::string> columns_of(std::filesystem::path const& path, sqlite3* database) {
    auto const statement = prepared(path, database, "SELECT name FROM pragma_table_info('records')");
    std::vector<std::string> names;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(statement.get())) == SQLITE_ROW)
        names.emplace_back(text_at(statement.get(), 0));
    if (code != SQLITE_DONE) fail<DataError>(path, database);
    return names;
}

void check_columns(std::filesystem::path const& path, sqlite3* database,
                   std::vector<std::string> const& fields) {
    auto const columns = columns_of(path, database);
    require<DataError>(!columns.empty(), "{} has no table 'records', as task ATI makes it", path.string());
    for (auto const& field : fields)
        require<DataError>(std::find(columns.begin(), columns.end(), field) != columns.end(),
                           "the table {} has no column '{}'; {}", path.string(), field,
                           suggestion(field, columns, "it has"));
}

std::string lowered(std::string name) {
    for (char& c : name)
        if (c >= 'A' && c <= 'Z') c = static_cast<char>(c - 'A' + 'a');
    return name;
}

}  // namespace

std::string problem_of_columns(std::vector<std::string> const& fields) {
    std::set<std::string> names{"sensor", "timestamp"};
    for (auto const& field : fields)
        if (!names.insert(lowered(field)).second)
            return fmt::format(
                "a table cannot have the column '{}' twice (sensor and timestamp are there already, and the "
                "case of letters does not tell columns apart)",
                field);
    return "";
}

void CloseTable::operator()(sqlite3* database) const noexcept {
    sqlite3_close_v2(database);
}

void CloseTable::operator()(sqlite3_stmt* statement) const noexcept {
    sqlite3_finalize(statement);
}

TableWriter::TableWriter(std::filesystem::path const& path, std::vector<std::string> const& fields, Sync sync)
    : path_(path) {
    if (path.has_parent_path()) std::filesystem::create_directories(path.parent_path());
    for (auto const* const suffix : {"", "-journal"}) std::filesystem::remove(path.string() + suffix);
    database_ = opened(path, SQLITE_OPEN_READWRITE | SQLITE_OPEN_CREATE);
    run(sync == Sync::each ? "PRAGMA synchronous = FULL" : "PRAGMA synchronous = OFF");
    std::string columns;
    for (auto const& field : fields) columns += fmt::format(", {} TEXT", name_in_sql(field));
    run(
        fmt::format("CREATE TABLE records (sensor TEXT NOT NULL, timestamp INTEGER NOT NULL{}, "
                    "PRIMARY KEY (sensor, timestamp)) WITHOUT ROWID",
                    columns));
    run("CREATE INDEX by_time ON records (timestamp, sensor)");
    std::string places;
    for (std::size_t i = 0; i < fields.size(); ++i) places += ", ?";
    insert_ = prepared(path, database_.get(),
                       fmt::format("INSERT OR REPLACE INTO records (sensor, timestamp{}) VALUES (?, ?{})",
                                   names_in_sql(fields), places));
}

void TableWriter::run(std::string const& sql) {
    if (sqlite3_exec(database_.get(), sql.c_str(), nullptr, nullptr, nullptr) != SQLITE_OK)
        fail<IoError>(path_, database_.get());
}

void TableWriter::put(std::string_view sensor, std::int64_t timestamp,
                      std::span<std::string_view const> values) {
    if (n_open_ == 0) run("BEGIN");
    {
        Using const insert(insert_);
        bind(insert(), 1, sensor);
        sqlite3_bind_int64(insert(), 2, timestamp);
        for (std::size_t i = 0; i < values.size(); ++i) bind(insert(), static_cast<int>(i) + 3, values[i]);
        if (sqlite3_step(insert()) != SQLITE_DONE) fail<IoError>(path_, database_.get());
    }
    if (++n_open_ == batch) finish();
}

void TableWriter::finish() {
    if (n_open_ > 0) run("COMMIT");
    n_open_ = 0;
}

TableReader::TableReader(std::filesystem::path const& path, std::vector<std::string> const& fields)
    : path_(path), n_fields_(fields.size()), database_(opened(path, SQLITE_OPEN_READONLY)) {
    check_columns(path, database_.get(), fields);
    auto const names = names_in_sql(fields);
    find_ = prepared(
        path, database_.get(),
        fmt::format("SELECT sensor, timestamp{} FROM records WHERE sensor = ? AND timestamp = ?", names));
    range_ =
        prepared(path, database_.get(),
                 fmt::format("SELECT sensor, timestamp{} FROM records WHERE timestamp >= ? AND timestamp < ? "
                             "ORDER BY timestamp, sensor",
                             names));
}

bool TableReader::find(std::string_view sensor, std::int64_t timestamp, Values& values) {
    Using const find(find_);
    bind(find(), 1, sensor);
    sqlite3_bind_int64(find(), 2, timestamp);
    int const code = sqlite3_step(find());
    if (code != SQLITE_ROW && code != SQLITE_DONE) fail<DataError>(path_, database_.get());
    if (code == SQLITE_DONE) return false;
    values.resize(n_fields_);
    for (std::size_t i = 0; i < n_fields_; ++i) values[i] = text_at(find(), static_cast<int>(i) + 2);
    return true;
}

std::size_t TableReader::range(std::int64_t from, std::int64_t to, Visit const& visit) {
    Using const range(range_);
    sqlite3_bind_int64(range(), 1, from);
    sqlite3_bind_int64(range(), 2, to);
    Values values(n_fields_);
    std::size_t n_rows = 0;
    int code = SQLITE_ROW;
    while ((code = sqlite3_step(range())) == SQLITE_ROW) {
        for (std::size_t i = 0; i < n_fields_; ++i) values[i] = text_at(range(), static_cast<int>(i) + 2);
        visit(text_at(range(), 0), sqlite3_column_int64(range(), 1), values);
        ++n_rows;
    }
    if (code != SQLITE_DONE) fail<DataError>(path_, database_.get());
    return n_rows;
}

}  // namespace vaster::stream
