#include "core/store/lock.hpp"

#include <chrono>
#include <fstream>
#include <thread>

#include <catch2/catch.hpp>
#include <fcntl.h>
#include <sys/file.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "core/store/lock_names.hpp"
#include "example.hpp"
#include "processes.hpp"
#include "vaster/support/descriptor.hpp"
#include "vaster/support/errors.hpp"

using namespace vaster;
using namespace vaster::store;

namespace {

[[noreturn]] void sleep_for_ever() {
    for (;;) ::pause();
}

}  // namespace

TEST_CASE("a second writer is refused and told who the first is", "[store][lock]") {
    example::Folder const folder;
    auto const study = folder / "study.h5";
    CHECK_FALSE(holder_of(study).has_value());
    {
        StudyLock const lock(study);
        auto const holder = holder_of(study);
        REQUIRE(holder.has_value());
        CHECK(holder->pid == ::getpid());
        CHECK(holder->host == host_name());
        CHECK_THROWS_AS(StudyLock(study, {0.0}), UnavailableError);
        CHECK_THROWS_WITH(StudyLock(study, {0.1}),
                          Catch::Contains(fmt::format("process {} of ", ::getpid())) &&
                              Catch::Contains(fmt::format(" on {}", host_name())));
    }
    CHECK_FALSE(holder_of(study).has_value());
    CHECK_FALSE(std::filesystem::exists(folder / "study.h5.lock"));
    CHECK_NOTHROW(StudyLock(study, {0.0}));
}

TEST_CASE("a lock names host, process, user and job, and when it was taken, however often it beats",
          "[store][lock]") {
    example::Folder const folder;
    auto const study = folder / "study.h5";
    ::setenv("SLURM_JOB_ID", "17", 1);
    StudyLock const lock(study);
    ::unsetenv("SLURM_JOB_ID");
    auto const first = holder_of(study);
    REQUIRE(first.has_value());
    CHECK(first->job == "17");
    CHECK_FALSE(first->user.empty());
    CHECK(first->text() == fmt::format("process {} of {} on {} (Slurm job 17) since {}", ::getpid(),
                                       first->user, host_name(), first->since));
    std::this_thread::sleep_for(std::chrono::milliseconds(1100));
    lock.beat();
    CHECK(holder_of(study)->since == first->since);
    CHECK(Holder{"h", 3, "t"}.text() == "process 3 on h since t");  // of a lock of an earlier version
}

TEST_CASE("the lock of a process that was killed is free", "[store][lock]") {
    example::Folder const folder;
    auto const study = folder / "study.h5";
    example::Process child([&](auto tell) {
        StudyLock const lock(study);
        tell(1);
        sleep_for_ever();
    });
    REQUIRE(child.hear() == 1);
    CHECK(holder_of(study)->pid == child.pid());
    CHECK_THROWS_AS(StudyLock(study, {0.0}), UnavailableError);
    child.kill();
    CHECK_FALSE(holder_of(study).has_value());
    CHECK_NOTHROW(StudyLock(study, {0.0}));
}

TEST_CASE("a new run waits for an old one that is about to end", "[store][lock]") {
    example::Folder const folder;
    auto const study = folder / "study.h5";
    example::Process child([&](auto tell) {
        StudyLock const lock(study);
        tell(1);
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
    });
    REQUIRE(child.hear() == 1);
    CHECK_NOTHROW(StudyLock(study, {60.0}));
}

TEST_CASE("of many that want the lock at once one has it at a time", "[store][lock]") {
    example::Folder const folder;
    auto const study = folder / "study.h5";
    auto const counter = folder / "counter";
    write_file_atomically(counter, "0");
    auto const count = [&](auto) {
        for (int i = 0; i < 5; ++i) {
            StudyLock const lock(study, {100.0});
            auto const n = std::stoi(read_file(counter));
            std::this_thread::yield();
            std::ofstream(counter) << n + 1;
        }
    };
    {
        std::vector<std::unique_ptr<example::Process>> processes;
        processes.reserve(4);
        for (int i = 0; i < 4; ++i) processes.push_back(std::make_unique<example::Process>(count));
        for (auto& process : processes) CHECK(process->wait() == 0);
    }
    CHECK(read_file(counter) == "20");
}

TEST_CASE("a lock file that cannot be made is an I/O error", "[store][lock]") {
    example::Folder const folder;
    CHECK_THROWS_AS(StudyLock(folder / "no/such/study.h5", {0.0}), IoError);
}

TEST_CASE("without flock the name in the file is the lock", "[store][lock]") {
    example::Folder const folder;
    auto const file = folder / "study.h5.lock";
    CHECK(take_by_name(file, HolderWatch(0.1)));
    example::Process second([&](auto tell) { tell(take_by_name(file, HolderWatch(0.1)) ? 1 : 0); });
    CHECK(second.hear() == 0);
    second.wait();

    example::Process dead([](auto) {});
    auto const pid = dead.pid();
    dead.wait();
    write_file_atomically(file, fmt::format("{} {} 2026-11-22T10:04:05Z\n", host_name(), pid));
    CHECK(take_by_name(file, HolderWatch(0.1)));
    write_file_atomically(file, "another-host 1 2026-11-22T10:04:05Z\n");
    HolderWatch patient(1000);
    patient.look(file);
    CHECK_FALSE(take_by_name(file, patient));
    HolderWatch watch(0.1);
    watch.look(file);
    std::this_thread::sleep_for(std::chrono::milliseconds(110));
    CHECK(take_by_name(file, watch));
}

TEST_CASE("a holder on another host is believed while it gives signs", "[store][lock]") {
    example::Folder const folder;
    auto const study = folder / "study.h5";
    auto const file = folder / "study.h5.lock";
    example::Process beating([&](auto tell) {
        for (int beat = 0;; ++beat) {
            write_file_atomically(file, fmt::format("another-host 1 2026-11-22T10:04:05Z\n{}\n", beat));
            if (beat == 0) tell(1);
        }
    });
    REQUIRE(beating.hear() == 1);
    CHECK_THROWS_WITH(StudyLock(study, {0.3, 60.0}), Catch::Contains("process 1 on another-host"));
    beating.kill();
    CHECK_NOTHROW(StudyLock(study, {0.0, 0.2}));
}

TEST_CASE("the lock of a silent holder on another host is waited for until the file system gives it up",
          "[store][lock]") {
    example::Folder const folder;
    auto const study = folder / "study.h5";
    auto const file = folder / "study.h5.lock";
    write_file_atomically(file, "another-host 1 2026-11-22T10:04:05Z\n");
    example::Process file_system([&](auto tell) {
        Descriptor const lock(::open(file.c_str(), O_RDWR));
        if (::flock(lock.get(), LOCK_EX) == 0) tell(1);
        sleep_for_ever();
    });
    REQUIRE(file_system.hear() == 1);
    CHECK_THROWS_WITH(StudyLock(study, {0.0, 0.1, 0.2}), Catch::Contains("process 1 on another-host"));
    std::jthread const gives_up([&] {
        std::this_thread::sleep_for(std::chrono::milliseconds(300));
        file_system.kill();
    });
    CHECK_NOTHROW(StudyLock(study, {0.0, 0.1, 60.0}));
}

TEST_CASE("a beating lock names its holder still", "[store][lock]") {
    example::Folder const folder;
    StudyLock const lock(folder / "study.h5");
    lock.beat();
    CHECK(holder_of(folder / "study.h5")->pid == ::getpid());
    CHECK(read_file(folder / "study.h5.lock").find("alive at") != std::string::npos);
}

TEST_CASE("a lock beats by itself from the beginning", "[store][lock]") {
    example::Folder const folder;
    StudyLock const lock(folder / "study.h5", {5, 20, 60, 0.02});
    auto const file = folder / "study.h5.lock";
    for (int i = 0; i < 500 && read_file(file).find("alive at") == std::string::npos; ++i)
        std::this_thread::sleep_for(std::chrono::milliseconds(20));
    CHECK(read_file(file).find("alive at") != std::string::npos);
    CHECK_NOTHROW(lock.require_held());
}

TEST_CASE("a lock that somebody has taken over is left to him, and its holder of before is told",
          "[store][lock]") {
    example::Folder const folder;
    auto const file = folder / "study.h5.lock";
    auto const theirs = std::string("another-host 1 2026-11-22T10:04:05Z\nalive\n");
    {
        StudyLock const lock(folder / "study.h5", {5, 20, 60, 0.02});
        write_file_atomically(file, theirs);
        lock.beat();
        CHECK(read_file(file) == theirs);
        std::string said;
        for (int i = 0; i < 500 && said.empty(); ++i) {
            std::this_thread::sleep_for(std::chrono::milliseconds(20));
            try {
                lock.require_held();
            } catch (UnavailableError const& error) {
                said = error.what();
            }
        }
        CHECK_THAT(said, Catch::Contains("process 1 on another-host"));
    }
    CHECK(read_file(file) == theirs);
}

TEST_CASE("all symbolic links to a study have one lock, whether the file is there or not", "[store][lock]") {
    example::Folder const folder;
    auto const study = folder / "study.h5";
    std::filesystem::create_directory(folder / "far");
    std::filesystem::create_symlink("far/second.h5", folder / "first.h5");
    std::filesystem::create_symlink("../study.h5", folder / "far/second.h5");
    for (bool const there : {false, true}) {
        INFO(there);
        if (there) write_file_atomically(study, "a study");
        StudyLock const lock(folder / "first.h5");
        CHECK(holder_of(study)->pid == ::getpid());
        CHECK(holder_of(folder / "far/second.h5")->pid == ::getpid());
        CHECK_THROWS_AS(StudyLock(study, {0.0}), UnavailableError);
        CHECK(std::filesystem::exists(folder / "study.h5.lock"));
    }
    CHECK_FALSE(std::filesystem::exists(folder / "first.h5.lock"));
}

TEST_CASE("a study has one writer under all of its names", "[store][lock]") {
    example::Folder const folder;
    auto const study = folder / "study.h5";
    write_file_atomically(study, "a study");
    std::filesystem::create_directory(folder / "elsewhere");
    auto const other = folder / "elsewhere/hard.h5";
    std::filesystem::create_hard_link(study, other);
    {
        StudyLock const lock(study);
        auto const holder = holder_of(other);
        REQUIRE(holder.has_value());
        CHECK(holder->pid == ::getpid());
        CHECK_THROWS_AS(StudyLock(other, {0.0}), UnavailableError);
        CHECK_THROWS_WITH(StudyLock(other, {0.1}),
                          Catch::Contains(fmt::format("process {} on", ::getpid())) &&
                              Catch::Contains("another name of the same file"));
        CHECK_FALSE(std::filesystem::exists(folder / "elsewhere/hard.h5.lock"));
    }
    CHECK_FALSE(holder_of(other).has_value());
    CHECK_NOTHROW(StudyLock(other, {0.0}));
}

TEST_CASE("a study that is made after its lock was taken has one writer under all of its names",
          "[store][lock]") {
    example::Folder const folder;
    auto const study = folder / "study.h5";
    StudyLock lock(study);
    write_file_atomically(study, "a study");
    std::filesystem::create_hard_link(study, folder / "hard.h5");
    CHECK_NOTHROW(StudyLock(folder / "hard.h5", {0.0}));
    lock.cover_new_file();
    CHECK_THROWS_AS(StudyLock(folder / "hard.h5", {0.0}), UnavailableError);
}

TEST_CASE("the claim of a process that was killed is free", "[store][lock]") {
    example::Folder const folder;
    auto const study = folder / "study.h5";
    write_file_atomically(study, "a study");
    std::filesystem::create_hard_link(study, folder / "hard.h5");
    example::Process child([&](auto tell) {
        StudyLock const lock(study);
        tell(1);
        sleep_for_ever();
    });
    REQUIRE(child.hear() == 1);
    CHECK_THROWS_AS(StudyLock(folder / "hard.h5", {0.0}), UnavailableError);
    child.kill();
    CHECK_NOTHROW(StudyLock(folder / "hard.h5", {0.0}));
}

TEST_CASE("what somebody has planted under the name of the lock is neither followed nor emptied",
          "[store][lock]") {
    namespace fs = std::filesystem;
    example::Folder const folder;
    auto const study = folder / "study.h5";
    auto const lock = folder / "study.h5.lock";
    auto const precious = folder / "precious";
    write_file_atomically(precious, "kept");
    fs::create_symlink("precious", lock);
    CHECK_THROWS_AS(StudyLock(study), IoError);
    CHECK_THROWS_AS(holder_of(study), IoError);
    fs::remove(lock);
    fs::create_hard_link(precious, lock);
    CHECK_THROWS_AS(StudyLock(study), IoError);
    fs::remove(lock);
    CHECK(read_file(precious) == "kept");
    {
        StudyLock const held(study);
        fs::remove(lock);
        fs::create_symlink("precious", lock);
        held.beat();
        CHECK(read_file(precious) == "kept");
    }
    write_file_atomically(lock, std::string(5000, 'x'));
    CHECK_THROWS_WITH(StudyLock(study), Catch::Contains("is not a lock file: it has 5000 bytes"));
    CHECK(fs::file_size(lock) == 5000);
}
