// Models: CLS, DTT, DTC, MLT, MLR.
#include "domains/stream/tasks/models.hpp"

#include <cmath>
#include <numbers>

#include <catch2/catch.hpp>
#include <fmt/core.h>

#include "../../../temporary_folder.hpp"
#include "base/support/files.hpp"
#include "domains/stream/tasks/class_tree.hpp"
#include "domains/stream/tasks/quartile_classes.hpp"
#include "domains/stream/tasks/ranges.hpp"
#include "domains/stream/tasks/text.hpp"
#include "oracle.hpp"
#include "vaster/support/random.hpp"

using namespace vaster;
using Catch::Contains;
using stream::QuartileClasses;
using stream::TrainingRows;
using testing::Job;
using testing::senml_line;

namespace {

using Rule = QuartileClasses::Rule;

bool skipped() {
    if (!testing::stream_oracles().empty()) return false;
    WARN("skipped: the oracles are not beside the checkout");
    return true;
}

TrainingRows rows_of(std::vector<std::vector<double>> const& rows) {
    TrainingRows made(rows.front().size() - 1);
    for (auto const& row : rows) made.add(row);
    return made;
}

/// Lines of senml with x, z and y of which y = 3 + 2 x - z, less for one that is broken and one that lacks x.
std::string plane_lines(int n) {
    Random random(1);
    std::string lines = senml_line(0, "a", {{"x", "bad"}, {"z", "1"}, {"y", "1"}});
    lines += senml_line(0, "a", {{"z", "1"}, {"y", "1"}});
    for (int i = 0; i < n; ++i) {
        double const x = std::floor(random.uniform() * 64);
        double const z = std::floor(random.uniform() * 64);
        lines += senml_line(i, "a",
                            {{"x", fmt::format("{}", x)},
                             {"z", fmt::format("{}", z)},
                             {"y", fmt::format("{}", 3 + 2 * x - z)}});
    }
    return lines;
}

Job training(std::string const& code, int batch, std::filesystem::path const& folder = {}) {
    return {code,
            "source",
            {"x", "z"},
            {{"target", std::string("y")}, {"batch", static_cast<std::int64_t>(batch)}},
            folder};
}

/// Rows of an ARFF file of Weka, and their classes.
struct Labelled {
    TrainingRows rows{2};
    std::vector<std::size_t> labels;
};

Labelled read_arff(std::string const& name) {
    Labelled read;
    auto const text = read_file(testing::stream_oracles() / name);
    for (auto const line : stream::lines_of(text)) {
        auto const cells = stream::split(line, ',');
        if (cells.size() != 3 || line.front() == '@') continue;
        read.rows.add(std::vector<double>{*stream::number_of(cells[0]), *stream::number_of(cells[1]), 0});
        auto const& names = QuartileClasses::names;
        read.labels.push_back(
            static_cast<std::size_t>(std::find(names.begin(), names.end(), cells[2]) - names.begin()));
    }
    return read;
}

/// The lines that Weka prints of such a tree.
void print_tree(stream::ClassTree const& tree, std::size_t place, std::string const& indent,
                std::string& text) {
    auto const& node = tree.nodes[place];
    auto const* const attribute = node.attribute == 0 ? "trip_time_in_secs" : "trip_distance";
    for (bool const high : {false, true}) {
        auto const& child = tree.nodes[high ? node.high : node.low];
        text += fmt::format("{}{} {} {:g}", indent, attribute, high ? ">" : "<=", node.threshold);
        if (child.leaf) {
            auto const wrong = child.n_wrong == 0 ? std::string() : fmt::format("/{}.0", child.n_wrong);
            text += fmt::format(": {} ({}.0{})\n", QuartileClasses::names[child.label], child.n_rows, wrong);
        } else {
            text += '\n';
            print_tree(tree, high ? node.high : node.low, indent + "|   ", text);
        }
    }
}

/// The same lines of a file of Weka.
std::string printed_tree(std::string const& name) {
    std::string tree;
    auto const text = read_file(testing::stream_oracles() / "published" / name);
    for (auto const line : stream::lines_of(text))
        if (line.starts_with("trip") || line.starts_with("|"))
            tree += fmt::format("{}\n", stream::trim(line));
    return tree;
}

/// All numbers of a JSON text with one number a line.
std::vector<double> numbers_of(std::string const& json) {
    std::vector<double> numbers;
    for (auto line : stream::lines_of(json)) {
        line = line.substr(line.find(':') + 1);
        line = stream::trim(line);
        if (line.ends_with(',')) line.remove_suffix(1);
        if (auto const number = stream::number_of(line)) numbers.push_back(*number);
    }
    return numbers;
}

struct Window {
    std::string name;
    std::string input;
    std::string sensor;
    std::vector<std::string> fields;  // the target last
    std::int64_t from;
    std::int64_t to;
    std::string ranges;
};

std::vector<Window> windows() {
    return {{"taxi_train_pred",
             "taxi",
             "taxi_identifier",
             {"trip_time_in_secs", "trip_distance", "fare_amount"},
             1358121600000,
             1358121900000,
             "trip_time_in_secs:60:3155,trip_distance:0.5:29.86,fare_amount:2.5:201"},
            {"sys_train_pred",
             "sys",
             "source",
             {"temperature", "humidity", "light", "airquality_raw"},
             1422748800000,
             1422748840000,
             "temperature:-12.5:43.1,humidity:10.7:95.2,light:1345:26282,airquality_raw:17:363"}};
}

/// Rows of a stream before and after the end of a window, those with a missing or odd number left out.
std::pair<TrainingRows, TrainingRows> rows_around(Window const& window) {
    std::pair<TrainingRows, TrainingRows> sides{TrainingRows(window.fields.size() - 1),
                                                TrainingRows(window.fields.size() - 1)};
    auto const ranges = stream::ranges_of(window.ranges);
    Job job{"SML", window.sensor, window.fields};
    auto const parsed =
        testing::yield_of(job, read_file(testing::stream_oracles() / (window.input + ".senml.csv")));
    for (auto const& cells : testing::cells_of(parsed.output.text())) {
        std::vector<double> row;
        for (std::size_t i = 0; i < ranges.size(); ++i) {
            auto const value = stream::number_of(cells[3 + i]);
            if (value && ranges[i].contains(*value)) row.push_back(*value);
        }
        if (row.size() != ranges.size()) continue;
        auto const time = std::stoll(cells[1]);
        if (time >= window.from) (time < window.to ? sides.first : sides.second).add(row);
    }
    return sides;
}

}  // namespace

TEST_CASE("quartiles divide a batch into four classes of one size", "[stream][cls]") {
    std::vector<double> targets;
    for (int i = 0; i < 100; ++i) targets.push_back((37 * i) % 100);
    QuartileClasses const classes(targets, Rule::corrected);
    std::array<int, 4> counts{};
    for (double const target : targets) ++counts[classes.of(target)];
    CHECK(counts == std::array<int, 4>{25, 25, 25, 25});
    CHECK(classes.cuts() == std::array<double, 3>{24.75, 49.5, 74.25});
    QuartileClasses const one({7, 7, 7}, Rule::corrected);
    CHECK(one.of(7) == 0);
}

TEST_CASE("published classes are those of the published class", "[stream][published][cls]") {
    if (skipped()) return;
    auto const published =
        testing::cells_of(read_file(testing::stream_oracles() / "published/taxi_train_classes.txt"));
    std::vector<double> targets;
    for (auto const& row : published) targets.push_back(std::stod(row[2]));
    QuartileClasses const classes(targets, Rule::published);
    std::size_t n_different = 0;
    for (std::size_t i = 0; i < targets.size(); ++i)
        n_different += QuartileClasses::names[classes.of(targets[i])] == published[i][3] ? 0 : 1;
    CHECK(n_different == 0);
}

TEST_CASE("rows of a full batch get their classes", "[stream][cls]") {
    auto const lines = plane_lines(23);
    auto const yield = testing::yield_of(training("CLS", 10), lines);
    CHECK(yield.output.n_rows() == 20);
    CHECK(yield.tally.pending == 3);
    CHECK(yield.tally.gave == 2);
    CHECK(yield.tally.none == 21);
    CHECK(yield.tally.missing == 1);
    CHECK(yield.tally.bad == 1);
    CHECK(yield.tally.balanced());
    auto const rows = testing::cells_of(yield.output.text());
    CHECK(rows[0][0] == "11");  // the record that has filled the batch
    CHECK(rows[0][1] == "2");   // the row's own
    CHECK(rows[0].size() == 6);
    auto published = training("CLS", 10);
    published.parameters.emplace_back("profile", std::string("published"));
    std::size_t n_excellent = 0;
    for (auto const& row : testing::cells_of(testing::yield_of(published, lines).output.text()))
        n_excellent += row.back() == "EXCELLENT" ? 1 : 0;
    CHECK(n_excellent == 2);
}

TEST_CASE("least squares find the plane that points lie on", "[stream][mlt]") {
    auto const fit = stream::fit_least_squares(
        rows_of({{1e9 + 1, 1, 8}, {1e9 + 2, 1, 10}, {1e9 + 3, 2, 11}, {1e9 + 4, 5, 10}, {1e9 + 5, 3, 14}}));
    // y = 2 (x - 1e9) - z + 7
    CHECK(fit.coefficients[0] == Approx(2).epsilon(1e-12));
    CHECK(fit.coefficients[1] == Approx(-1).epsilon(1e-12));
    CHECK(fit.intercept == Approx(7 - 2e9).epsilon(1e-12));
    CHECK(fit.dropped.empty());
}

TEST_CASE("attributes that add nothing are dropped, the last first", "[stream][mlt]") {
    auto const fit =
        stream::fit_least_squares(rows_of({{5, 1, 2, 1}, {5, 2, 4, 3}, {5, 3, 6, 5}, {5, 7, 14, 13}}));
    CHECK(fit.dropped == std::vector<std::size_t>{0, 2});
    CHECK(fit.coefficients[1] == Approx(2));
    CHECK(fit.coefficients[2] == 0);
    CHECK(fit.intercept == Approx(-1));
    // Fewer rows than attributes.
    CHECK(stream::fit_least_squares(rows_of({{1, 2, 3}, {2, 5, 4}})).dropped == std::vector<std::size_t>{1});
}

TEST_CASE("training and prediction agree with exact arithmetic", "[stream][mlt]") {
    if (skipped()) return;
    for (auto const& window : windows()) {
        INFO(window.name);
        auto const expected = testing::stream_oracles() / "expected";
        auto const exact = numbers_of(read_file(expected / (window.name + ".model.json")));
        auto const [before, after] = rows_around(window);
        auto const n = window.fields.size();
        REQUIRE(exact.size() == 1 + n + 3 + 4);
        CHECK(static_cast<double>(before.size()) == exact[0]);
        auto const fit = stream::fit_least_squares(before);
        CHECK(fit.intercept == Approx(exact[1]).epsilon(1e-9));
        for (std::size_t i = 0; i + 1 < n; ++i)
            CHECK(fit.coefficients[i] == Approx(exact[2 + i]).epsilon(1e-9));
        QuartileClasses const classes(before.targets(), Rule::corrected);
        std::array<double, 4> counts{};
        for (double const target : before.targets()) ++counts[classes.of(target)];
        for (std::size_t i = 0; i < 3; ++i)
            CHECK(classes.cuts()[i] == Approx(exact[1 + n + i]).epsilon(1e-12));
        for (std::size_t i = 0; i < 4; ++i) CHECK(counts[i] == exact[1 + n + 3 + i]);
        auto const predicted = testing::cells_of(read_file(expected / (window.name + ".csv")));
        REQUIRE(after.size() == predicted.size());
        for (std::size_t i = 0; i < after.size(); ++i)
            REQUIRE(fit(after.attributes(i)) == Approx(std::stod(predicted[i][3])).epsilon(1e-9));
    }
}

TEST_CASE("a regression that is trained predicts what it was trained on", "[stream][mlt][mlr]") {
    testing::TemporaryFolder const files;
    auto const folder = files.path() / "models";
    auto const lines = plane_lines(25);
    auto const trained = testing::yield_of(training("MLT", 20, folder), lines);
    auto const rows = testing::cells_of(trained.output.text());
    REQUIRE(rows.size() == 1);
    CHECK(rows[0][1] == "20");
    CHECK(std::stod(rows[0][3]) == Approx(3).epsilon(1e-12));
    CHECK(std::stod(rows[0][4]) == Approx(2).epsilon(1e-12));
    CHECK(trained.tally.pending == 5);
    auto const model = (folder / ("MLR-" + rows[0][0] + ".json")).string();
    auto const predicted = testing::yield_of(
        {"MLR", "source", {}, {{"model", model}}},
        senml_line(1, "b", {{"x", "10"}, {"z", "1"}}) + senml_line(1, "b", {{"x", "10"}, {"z", "null"}}));
    auto const predictions = testing::cells_of(predicted.output.text());
    REQUIRE(predictions.size() == 1);
    CHECK(std::stod(predictions[0][2]) == Approx(22).epsilon(1e-12));
    CHECK(predicted.tally.bad == 1);
    CHECK(predicted.tally.balanced());
}

TEST_CASE("a tree that is trained tells classes apart", "[stream][dtt][dtc]") {
    testing::TemporaryFolder const files;
    auto const folder = files.path() / "models";
    auto const trained = testing::yield_of(training("DTT", 300, folder), plane_lines(300));
    auto const rows = testing::cells_of(trained.output.text());
    REQUIRE(rows.size() == 1);
    CHECK(std::stoi(rows[0][4]) < 90);  // wrong, of 300
    auto const model = (folder / ("DTC-" + rows[0][0] + ".json")).string();
    auto const classified = testing::yield_of({"DTC", "source", {}, {{"model", model}}},
                                              senml_line(1, "b", {{"x", "0"}, {"z", "63"}}) +
                                                  senml_line(2, "b", {{"x", "63"}, {"z", "0"}}) +
                                                  senml_line(3, "b", {{"x", "63"}}));
    CHECK(classified.output.text() == "0,b,BAD\n1,b,EXCELLENT\n");
    CHECK(classified.tally.bad == 1);
}

TEST_CASE("a tree is the one that Weka grows of the same rows", "[stream][published][dtt]") {
    if (skipped()) return;
    auto const training_rows = read_arff("taxi_dtt.arff");
    REQUIRE(training_rows.rows.size() == 224);
    for (bool const prune : {false, true}) {
        auto const tree =
            stream::grow_class_tree(training_rows.rows, training_rows.labels, 4, {.prune = prune});
        std::string text;
        print_tree(tree, 0, "", text);
        CHECK(text == printed_tree(prune ? "taxi_j48_pruned_tree.txt" : "taxi_j48_unpruned_tree.txt"));
        auto const later = read_arff("taxi_dtt_test.arff");
        std::size_t n_wrong = 0;
        for (std::size_t i = 0; i < later.rows.size(); ++i)
            n_wrong += tree.leaf_of(later.rows.attributes(i)).label == later.labels[i] ? 0 : 1;
        CHECK(later.rows.size() == 237);
        CHECK(n_wrong == 24);
    }
}

TEST_CASE("pessimistic errors are those of Quinlan's book", "[stream][dtt]") {
    // C4.5: Programs for Machine Learning, section 4.2: U25%(0, 6) = 0.206, U25%(0, 9) = 0.143, U25%(0, 1) =
    // 0.750.
    CHECK(stream::pessimistic_extra_errors(6, 0, 0.25) == Approx(6 * 0.206).margin(0.003));
    CHECK(stream::pessimistic_extra_errors(9, 0, 0.25) == Approx(9 * 0.143).margin(0.003));
    CHECK(stream::pessimistic_extra_errors(1, 0, 0.25) == Approx(0.75).margin(0.001));
    // U25%(1, 16) = 0.157
    CHECK(1 + stream::pessimistic_extra_errors(16, 1, 0.25) == Approx(16 * 0.157).margin(0.05));
    CHECK(stream::pessimistic_extra_errors(2, 2, 0.25) == 0);
}

TEST_CASE("few rows, or rows of one class, are a leaf", "[stream][dtt]") {
    std::vector<std::size_t> const three{0, 1, 1};
    auto tree = stream::grow_class_tree(rows_of({{1, 0}, {2, 0}, {3, 0}}), three, 2);
    CHECK(tree.nodes.size() == 1);
    CHECK(tree.nodes[0].label == 1);
    CHECK(tree.n_wrong() == 1);
    std::vector<std::size_t> const pure(6, 1);
    tree = stream::grow_class_tree(rows_of({{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}, {6, 0}}), pure, 2);
    CHECK(tree.nodes.size() == 1);
    std::vector<std::size_t> const halves{0, 0, 0, 1, 1, 1};
    tree = stream::grow_class_tree(rows_of({{1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}, {6, 0}}), halves, 2);
    REQUIRE(tree.nodes.size() == 3);
    CHECK(tree.nodes[0].threshold == 3);
    CHECK(tree.leaf_of(std::vector<double>{3.0}).label == 0);
    CHECK(tree.leaf_of(std::vector<double>{3.5}).label == 1);
}

TEST_CASE("models are read as they were kept", "[stream][models]") {
    testing::TemporaryFolder const folder;
    std::vector<std::size_t> const labels{0, 0, 0, 1, 1, 1};
    auto const rows = rows_of({{0.1, 0}, {2, 0}, {3, 0}, {4, 0}, {5, 0}, {6, 0}});
    stream::TreeModel const tree{
        {{"x"}, "y", 6, rows.hash(), "corrected"}, {"low", "high"}, stream::grow_class_tree(rows, labels, 2)};
    auto const text = json_of(tree);
    CHECK(json_of(stream::read_tree_model(folder.file("tree.json", text))) == text);
    stream::LinearModel const linear{{{"x", "z"}, "y", 6, rows.hash(), "corrected"},
                                     {0.1, {std::numbers::pi, 0}, {1}}};
    auto const read = stream::read_linear_model(folder.file("linear.json", json_of(linear)));
    CHECK(read.fit.coefficients == linear.fit.coefficients);
    CHECK(json_of(read) == json_of(linear));
}

TEST_CASE("what is not a whole model of ours is refused with the reason", "[stream][models]") {
    testing::TemporaryFolder const folder;
    stream::TreeModel tree{{{"x"}, "y", 6, "", "corrected"}, {"low", "high"}, {}};
    tree.tree.nodes.resize(3);
    tree.tree.nodes[0].leaf = false;
    tree.tree.nodes[0].low = 1;
    tree.tree.nodes[0].high = 2;
    auto const text = json_of(tree);
    auto const reading = [&](std::string const& name, std::string const& content) {
        return [path = folder.file(name, content)] { return stream::read_tree_model(path); };
    };
    CHECK_NOTHROW(reading("good.json", text)());
    CHECK_THROWS_WITH(reading("cut.json", text.substr(0, text.size() / 2))(),
                      Contains("cut.json") && Contains("task DTT"));
    CHECK_THROWS_WITH(reading("tree.model", text)(), Contains("cannot be read"));
    CHECK_THROWS_WITH(reading("java.bin", std::string("\xac\xed\x00\x05srweka", 10))(),
                      Contains("serialised Java object"));
    CHECK_THROWS_WITH(reading("tree.joblib", text)(), Contains("pickle"));
    CHECK_THROWS_WITH(reading("text.json", "{\"format\":\"another\"}")(),
                      Contains("its format is 'another'"));
    tree.tree.nodes[0].high = 0;
    CHECK_THROWS_WITH(reading("circle.json", json_of(tree))(), Contains("must be behind it"));
    tree.tree.nodes[0].high = 2;
    tree.tree.nodes[0].attribute = 1;
    CHECK_THROWS_WITH(reading("attribute.json", json_of(tree))(), Contains("asks attribute 1 of 1"));
    CHECK_THROWS_WITH([&] { return stream::read_linear_model(folder.file("t.json", text)); }(),
                      Contains("task MLT"));
}

TEST_CASE("training needs a target and something to learn from", "[stream][train]") {
    for (auto const* const code : {"CLS", "DTT", "MLT"}) {
        INFO(code);
        auto const& kind = *stream::find_task(code);
        CHECK(stream::problems_of(kind, testing::setup_of({code, "source", {}})).size() == 2);
        CHECK(stream::problems_of(kind,
                                  testing::setup_of({code, "source", {"y"}, {{"target", std::string("y")}}}))
                  .size() == 1);
        CHECK(stream::problems_of(kind, testing::setup_of(training(code, 10))).empty());
        CHECK(stream::fields_of(kind, testing::setup_of(training(code, 10))) ==
              std::vector<std::string>{"x", "z", "y"});
    }
}

TEST_CASE("a batch that is cut goes on as if it had not been", "[stream][train]") {
    for (auto const* const code : {"CLS", "DTT", "MLT"}) {
        INFO(code);
        auto const lines = plane_lines(50);
        auto const job = training(code, 20);
        auto const whole = testing::yield_of(job, lines);
        auto const cut = lines.find('\n', lines.size() / 3) + 1;
        testing::Runner first(job);
        first.take(lines.substr(0, cut));
        testing::Runner second(job);
        second.load(first.states());
        second.next_record = first.next_record;
        second.take(lines.substr(cut));
        CHECK(fmt::format("{}{}", first.yield.output.text(), second.yield.output.text()) ==
              whole.output.text());
        CHECK(whole.output.n_rows() > 0);
    }
}
