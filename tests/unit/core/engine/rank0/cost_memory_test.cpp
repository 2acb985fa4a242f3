#include "core/engine/rank0/cost_memory.hpp"

#include <cstdlib>
#include <filesystem>
#include <string>

#include <catch2/catch.hpp>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::engine;

namespace {

namespace fs = std::filesystem;

class Folder {
  public:
    Folder() {
        std::string pattern = (fs::temp_directory_path() / "vaster-costs-XXXXXX").string();
        path_ = ::mkdtemp(pattern.data());
    }

    ~Folder() { fs::remove_all(path_); }

    Folder(Folder const&) = delete;
    Folder& operator=(Folder const&) = delete;

    [[nodiscard]] fs::path operator/(std::string const& name) const { return path_ / name; }

  private:
    fs::path path_;
};

/// An environment variable for the length of a test.
class Variable {
  public:
    Variable(std::string name, std::string const& value) : name_(std::move(name)) {
        char const* const old = std::getenv(name_.c_str());
        had_ = old != nullptr;
        if (had_) old_ = old;
        ::setenv(name_.c_str(), value.c_str(), 1);
    }

    ~Variable() {
        if (had_)
            ::setenv(name_.c_str(), old_.c_str(), 1);
        else
            ::unsetenv(name_.c_str());
    }

    Variable(Variable const&) = delete;
    Variable& operator=(Variable const&) = delete;

  private:
    std::string name_;
    std::string old_;
    bool had_ = false;
};

}  // namespace

TEST_CASE("costs are kept where the user's caches are, unless another folder is wished or none",
          "[engine][costs]") {
    CHECK(cost_memory("", "evolve").empty());
    CHECK(cost_memory("/data/costs", "evolve") == "/data/costs/costs-evolve.txt");
    Variable const home("HOME", "/home/ann");
    {
        Variable const cache("XDG_CACHE_HOME", "/caches");
        CHECK(cost_memory("user", "evolve") == "/caches/vaster/costs-evolve.txt");
    }
    Variable const relative("XDG_CACHE_HOME", "caches");
    CHECK(cost_memory("user", "evolve") == "/home/ann/.cache/vaster/costs-evolve.txt");
    Variable const homeless("HOME", "");
    CHECK(cost_memory("user", "evolve").empty());
}

TEST_CASE("what a study has taken is known to the next one, and later ones count more", "[engine][costs]") {
    Folder const folder;
    auto const file = folder / "a/b/costs.txt";
    CHECK(recall_costs(file).empty());
    remember_costs(file, {{"xgboost", 2, 8}, {"a model of two words", 1, 0.5}, {"nothing", 0, 1}});
    auto const first = recall_costs(file);
    REQUIRE(first.size() == 2);
    CHECK(first[0].cost_key == "a model of two words");
    CHECK(first[1].cost_key == "xgboost");
    CHECK(first[1].measured_seconds == 8);
    remember_costs(file, {{"xgboost", 2, 2}});
    auto const second = recall_costs(file);
    REQUIRE(second.size() == 2);
    CHECK(second[1].expected_seconds == 3);
    CHECK(second[1].measured_seconds == 6);  // half of 8, and 2
    CHECK(std::distance(fs::directory_iterator(file.parent_path()), {}) == 1);
}

TEST_CASE("a memory that does not hold is refused, and replaced by the next study", "[engine][costs]") {
    Folder const folder;
    auto const file = folder / "costs.txt";
    for (std::string const text :
         {"", "something else\n1 1 a\n", "vaster costs 1\n1 x a\n", "vaster costs 1\n1 1\n",
          "vaster costs 1\n0 1 a\n", "vaster costs 1\n1 -1 a\n", "vaster costs 1\nnan 1 a\n",
          "vaster costs 1\n1e-300 1e300 a\n"}) {
        INFO(text);
        replace_file(file, text);
        CHECK_THROWS_AS(recall_costs(file), DataError);
        remember_costs(file, {{"a", 1, 2}});
        CHECK(recall_costs(file).size() == 1);
    }
    replace_file(file, std::string(2 << 20, 'x'));
    CHECK_THROWS_AS(recall_costs(file), DataError);
    auto const pipe = folder / "pipe";
    REQUIRE(::mkfifo(pipe.c_str(), 0600) == 0);
    CHECK_THROWS_AS(recall_costs(pipe), DataError);  // and does not wait for a writer
    replace_file(folder / "no folder", "");
    CHECK_THROWS_AS(remember_costs(folder / "no folder/costs.txt", {{"a", 1, 2}}), IoError);
}
