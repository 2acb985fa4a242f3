#include "vaster/cli/command_line.hpp"

#include <vector>

#include <catch2/catch.hpp>

using vaster::cli::Command;

namespace {

/// A program with one command, and what was read into it.
struct Example {
    Command program{"what it is for", "program"};
    std::string file;
    std::vector<std::string> names;
    std::size_t count = 7;
    bool quick = false;
    bool acted = false;
    std::string taken;

    Example() {
        program.require_subcommand();
        program.version("program 1.2");
        Command* run = program.add_subcommand("run", "runs");
        run->add_option("file", file, "what to read")->required()->option_text("FILE");
        run->add_option("--name", names, "who")->delimiter(',')->one_of({"Ann", "Bo"});
        run->add_option("--count", count, "how many")->between(1, 10)->capture_default_str();
        auto* quick_flag = run->add_flag("--quick", quick, "at once");
        run->add_option(
               "--take", [this](std::string const& text) { taken = text; }, "handed on")
            ->excludes(quick_flag)
            ->take_last();
        run->callback([this] { acted = true; });
        program.add_subcommand("inner", "not for people")->hide();
    }

    auto parse(std::vector<char const*> arguments) {
        arguments.insert(arguments.begin(), "program");
        return program.parse(static_cast<int>(arguments.size()), arguments.data());
    }
};

}  // namespace

TEST_CASE("a command line is read into the variables and the command acts", "[command_line]") {
    Example example;
    auto const ending =
        example.parse({"run", "a.csv", "--name", "Ann,Bo", "--count=3", "--take", "x", "--take", "y"});
    REQUIRE_FALSE(ending);
    CHECK(example.acted);
    CHECK(example.file == "a.csv");
    CHECK(example.names == std::vector<std::string>{"Ann", "Bo"});
    CHECK(example.count == 3);
    CHECK(example.taken == "y");
    CHECK_FALSE(example.quick);
}

TEST_CASE("a command line that is not understood is wrong and does nothing", "[command_line]") {
    auto const arguments =
        GENERATE(std::vector<char const*>{}, std::vector<char const*>{"rum"}, std::vector<char const*>{"run"},
                 std::vector<char const*>{"run", "a", "--name", "Cy"},
                 std::vector<char const*>{"run", "a", "--count", "11"},
                 std::vector<char const*>{"run", "a", "--count", "-1"},
                 std::vector<char const*>{"run", "a", "--count", "many"},
                 std::vector<char const*>{"run", "a", "--quick", "--take", "x"},
                 std::vector<char const*>{"run", "a", "b"});
    Example example;
    auto const ending = example.parse(arguments);
    REQUIRE(ending);
    CHECK(ending->wrong);
    CHECK_FALSE(ending->text.empty());
    CHECK_FALSE(example.acted);
}

TEST_CASE("a number below 0 is not a count, whatever it would be without its sign", "[command_line]") {
    std::size_t records = 500;
    Command program("what it is for", "program");
    program.add_option("--records", records, "how many");
    for (auto const* const value : {"--records=-5", "--records= -5", "--records=-18446744073709551615"}) {
        std::vector<char const*> const arguments{"program", value};
        auto const ending = program.parse(static_cast<int>(arguments.size()), arguments.data());
        REQUIRE(ending);
        CHECK(ending->wrong);
        CHECK_THAT(ending->text, Catch::Contains("--records") && Catch::Contains("must be at least 0"));
    }
    CHECK(records == 500);
}

TEST_CASE("help and version are texts and no error", "[command_line]") {
    Example example;
    auto const help = example.parse({"run", "--help"});
    REQUIRE(help);
    CHECK_FALSE(help->wrong);
    CHECK_THAT(help->text,
               Catch::Contains("FILE") && Catch::Contains("what to read") && Catch::Contains("7"));
    auto const all = Example().parse({"--help"});
    REQUIRE(all);
    CHECK_THAT(all->text,
               Catch::Contains("what it is for") && Catch::Contains("run") && !Catch::Contains("inner"));
    auto const version = Example().parse({"--version"});
    REQUIRE(version);
    CHECK(version->text == "program 1.2\n");
}
