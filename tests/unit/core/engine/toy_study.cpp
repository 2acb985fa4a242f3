#include "toy_study.hpp"

#include <csignal>
#include <cstdint>
#include <cstdio>
#include <cstdlib>
#include <fstream>
#include <map>
#include <sstream>
#include <stdexcept>
#include <vector>

#include <fmt/core.h>
#include <sys/stat.h>
#include <unistd.h>

#include "base/support/block_parts.hpp"
#include "core/engine/child/frames.hpp"
#include "core/study/serialization.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::engine {
namespace {

struct Fault {
    std::string what;
    std::uint32_t attempts = 1000000;
};

constexpr std::size_t hundred_mebibytes = std::size_t{100} << 20U;

/// Memory that nobody gives back, touched.
void leak(std::size_t mebibytes) {
    static std::vector<std::string> leaked;
    for (std::size_t i = 0; i < mebibytes; ++i) leaked.emplace_back(std::size_t{1} << 20U, 'x');
}

/// Into every pipe that this process may write to, but for what it prints into.
void babble(std::string const& text) {
    constexpr int most_descriptors = 64;
    for (int fd = STDERR_FILENO + 1; fd < most_descriptors; ++fd) {
        struct stat info {};

        if (::fstat(fd, &info) == 0 && S_ISFIFO(info.st_mode)) (void)write_all(fd, text);
    }
}

[[noreturn]] void allocate_without_end() {
    std::vector<std::string> hoard;
    for (;;) hoard.emplace_back(std::size_t{1} << 20U, 'x');
}

/// Is a large array to have huge pages, by /proc/self/smaps?
bool asks_for_huge_pages() {
    std::vector<char> const large(std::size_t{16} << 20U);
    auto const wanted = reinterpret_cast<std::uintptr_t>(large.data() + large.size() / 2);
    std::ifstream smaps("/proc/self/smaps");
    bool is_there = false;
    for (std::string line; std::getline(smaps, line);) {
        std::uintptr_t begin = 0;
        std::uintptr_t end = 0;
        if (std::sscanf(line.c_str(), "%zx-%zx ", &begin, &end) == 2)
            is_there = begin <= wanted && wanted < end;
        if (is_there && line.starts_with("VmFlags:")) return line.find(" hg") != std::string::npos;
    }
    return false;
}

double signs_of_allocator() {
    using namespace allocator_signs;
    return (::getenv("GLIBC_TUNABLES") != nullptr ? variable_is_set : 0) +
           (asks_for_huge_pages() ? asks_huge_pages : 0);
}

void suffer(Fault const& fault, std::uint32_t attempt) {
    if (attempt > fault.attempts) return;
    if (fault.what == "crash") std::raise(SIGSEGV);
    if (fault.what == "hang")
        for (;;) ::pause();
    if (fault.what == "memory") allocate_without_end();
    if (fault.what == "peak") std::vector<char> const touched(hundred_mebibytes, 'x');
    if (fault.what == "leak100") leak(100);
    if (fault.what == "leak180") leak(180);
    if (fault.what == "error") throw ModelError("the toy does not converge");
    if (fault.what == "exit") ::_exit(3);
    if (fault.what == "babble") babble("what a library prints into a descriptor that is not its own\n");
    if (fault.what == "babble-result") babble(to_bytes(FrameKind::result, "no result at all"));
    if (fault.what == "babble-stranger")
        babble(to_bytes(FrameKind::result, study::pack(study::Result{4711, {1.0}, {}, 0})));
    if (fault.what == "kill-server") ::kill(::getppid(), SIGKILL);
    if (fault.what == "stop-server") ::kill(::getppid(), SIGSTOP);
    if (fault.what.ends_with("-server"))
        for (;;) ::pause();
    if (fault.what == "bug") throw std::logic_error("a broken promise");
    if (fault.what == "odd") throw 42;  // NOLINT: libraries do that
}

class ToyStudy final : public study::Study {
  public:
    ToyStudy(std::string const& config_text, std::shared_ptr<SealedBlock const> const& block) {
        if (block) notes_ = BlockReader(block).texts();
        block_ = block;  // mapped as long as the study is open
        std::istringstream words(config_text);
        for (std::string word; words >> word;) read(word);
        schema_.results = {{"value", study::CellType::real, 0, "a number", study::Nature::result,
                            study::ColumnPosition::leading}};
    }

    [[nodiscard]] study::Schema const& schema() const override { return schema_; }

    [[nodiscard]] std::string data_hash() const override { return "toy"; }

    [[nodiscard]] std::vector<std::string> notes() const override { return notes_; }

    [[nodiscard]] std::size_t capacity() const override { return count_ * stages_; }

    [[nodiscard]] std::vector<study::Experiment> next_experiments(
        study::Records const& so_far) const override {
        std::vector<study::Experiment> experiments;
        if (so_far.size() >= capacity()) return experiments;
        auto const fault = faults_.find("plan");
        if (so_far.size() > 0 && fault != faults_.end()) suffer(fault->second, 1);
        double sum = 0;
        for (std::size_t row = 0; row < so_far.size(); ++row)
            if (so_far.done(row)) sum += std::get<double>(so_far.cells(row).at(0));
        for (std::size_t index = so_far.size(); index < so_far.size() + count_; ++index) {
            study::Experiment experiment;
            experiment.index = index;
            experiment.id = {index + static_cast<std::uint64_t>(1000 * sum)};
            if (skips_ && index % 5 == 4) experiment.skip_reason = "a toy that is not played with";
            experiment.group = index / group_;
            experiment.expected_seconds = 1;
            experiment.cost_key = "toy";
            experiments.push_back(experiment);
        }
        return experiments;
    }

    void run(study::Task const& task, study::Sink& sink, Watcher& watcher) const override {
        auto const fit = faults_.find(fmt::format("fit{}", task.items.front().experiment.group));
        if (fit != faults_.end()) suffer(fit->second, task.items.front().attempt);
        for (auto const& item : task.items) {
            auto const index = item.experiment.index;
            auto const fault = faults_.find(std::to_string(index));
            if (fault != faults_.end() && fault->second.what == "silent") return;
            sink.begin(index);
            if (print_) std::fprintf(stderr, "toy %d at work\n", static_cast<int>(index));
            if (fault != faults_.end()) suffer(fault->second, item.attempt);
            if (seconds_ > 0) ::usleep(static_cast<useconds_t>(seconds_ * 1e6));
            double value = processes_ ? ::getpid() : toy_value(index);
            if (threads_) value = static_cast<double>(watcher.threads());
            if (allocator_) value = signs_of_allocator();
            sink.finish({index, {value}, {}, 0});
        }
    }

  private:
    void read(std::string const& word) {
        if (word == "broken") throw DataError("the toy's data are broken; mend them");
        if (word == "print") print_ = true;
        if (word == "skips") skips_ = true;
        if (word == "processes") processes_ = true;
        if (word == "threads") threads_ = true;
        if (word == "allocator") allocator_ = true;
        auto const equals = word.find('=');
        if (equals != std::string::npos) {
            double const value = std::stod(word.substr(equals + 1));
            if (word.starts_with("count=")) count_ = static_cast<std::size_t>(value);
            if (word.starts_with("stages=")) stages_ = static_cast<std::size_t>(value);
            if (word.starts_with("group=")) group_ = static_cast<std::size_t>(value);
            if (word.starts_with("seconds=")) seconds_ = value;
        }
        std::istringstream parts(word);
        std::string what;
        std::string where;
        std::string attempts;
        if (!std::getline(parts, what, ':') || !std::getline(parts, where, ':')) return;
        Fault fault{what};
        if (std::getline(parts, attempts)) fault.attempts = static_cast<std::uint32_t>(std::stoul(attempts));
        faults_[where] = fault;
    }

    std::vector<std::string> notes_;
    std::shared_ptr<SealedBlock const> block_;
    std::size_t count_ = 4;
    std::size_t stages_ = 1;
    std::size_t group_ = 1;
    double seconds_ = 0;
    bool print_ = false;
    bool skips_ = false;
    bool processes_ = false;
    bool threads_ = false;
    bool allocator_ = false;
    std::map<std::string, Fault> faults_;
    study::Schema schema_;
};

}  // namespace

study::Opened open_toy(std::string const& config_text, std::shared_ptr<SealedBlock const> const& block) {
    if (block) return {std::make_unique<ToyStudy>(config_text, block), block};
    if (config_text.find("share") == std::string::npos)
        return {std::make_unique<ToyStudy>(config_text, nullptr)};
    BlockWriter writer;
    writer.put({fmt::format("read by process {}", ::getpid())});
    auto const made = writer.seal();
    return {std::make_unique<ToyStudy>(config_text, made), made};
}

}  // namespace vaster::engine
