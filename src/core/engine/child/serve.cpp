#include "core/engine/child/serve.hpp"

#include <array>
#include <cerrno>
#include <csignal>
#include <cstdlib>
#include <exception>
#include <functional>
#include <optional>
#include <stdexcept>
#include <string_view>
#include <utility>
#include <vector>

#include <fcntl.h>
#include <fmt/core.h>
#include <malloc.h>
#include <poll.h>
#include <sys/prctl.h>
#include <sys/resource.h>
#include <sys/socket.h>
#include <sys/wait.h>
#include <unistd.h>

#include "base/support/files.hpp"
#include "base/support/problem.hpp"
#include "vaster/support/descriptor.hpp"

extern "C" {  // which glibc 2.36 forgets
#include <sys/pidfd.h>
}

#include "core/engine/child/child.hpp"
#include "core/engine/child/frames.hpp"
#include "core/engine/rank/task_server.hpp"
#include "core/study/growth.hpp"
#include "core/study/serialization.hpp"
#include "vaster/support/errors.hpp"

namespace vaster::engine {
namespace {

Description describe(study::Study const& study) {
    Description description;
    description.schema = study.schema();
    description.capacity = study.capacity();
    description.row_capacity = study.row_capacity();
    description.data_hash = study.data_hash();
    description.inventory = study.inventory();
    description.notes = study.notes();
    description.experiments = study::checked_first_experiments(study);
    description.n_experiments = description.experiments.size();
    description.plan_hash = description.experiments.hash();
    description.inputs = study.inputs();
    return description;
}

/// The block that came with a request, or why it is of no use.
struct GivenBlock {
    std::shared_ptr<SealedBlock const> block;
    std::string problem;
};

GivenBlock take_block(OpenRequest const& request, std::vector<Descriptor>& descriptors) {
    if (request.block.size == 0) return {};
    if (descriptors.empty())
        return {nullptr, fmt::format("cannot take the descriptor of the block: {}", system_reason(EMFILE))};
    try {
        return {SealedBlock::take(std::move(descriptors.front()), request.block), {}};
    } catch (IoError const& error) {
        return {nullptr, error.what()};
    }
}

/// The process: at most one child at a time.
class Server {
  public:
    Server(int socket, Opener const& opener) : socket_(socket), opener_(opener) {}

    void talk_until_hung_up() {
        while (hung_up_ == HungUp::no) {
            std::array<pollfd, 2> waiting{{{socket_.get(), POLLIN, 0}, {child_.get(), POLLIN, 0}}};
            if (::poll(waiting.data(), waiting.size(), -1) < 0 && errno != EINTR) return;
            if (waiting[1].revents != 0) bury_child();
            if (waiting[0].revents != 0) obey();
        }
        if (child_) dismiss_child();  // buried, so that its time counts as this process's
    }

  private:
    enum class HungUp { no, yes };

    void obey() {
        auto frame = receive_frame(socket_.get());
        if (!frame) {
            hung_up_ = HungUp::yes;
        } else if (frame->kind == FrameKind::open) {
            open(study::unpack<OpenRequest>(frame->payload), frame->descriptors);
        } else if (frame->kind == FrameKind::fork) {
            fork_worker(study::unpack<std::uint64_t>(frame->payload), frame->descriptors);
        } else if (frame->kind == FrameKind::plan) {
            plan(study::unpack<PlanRequest>(frame->payload), frame->descriptors);
        } else if (frame->kind == FrameKind::kill && child_) {
            ::pidfd_send_signal(child_.get(), SIGKILL, nullptr, 0);
        }
    }

    void open(OpenRequest const& request, std::vector<Descriptor>& descriptors) {
        try {
            auto const given = take_block(request, descriptors);
            study::Opened opened = opener_(request.config_text, given.block);
            study_ = std::move(opened.study);
            known_.emplace(study_->schema());
            Description description = describe(*study_);
            description.block_problem = given.problem.empty() ? opened.block_problem : given.problem;
            std::vector<int> passed_on;
            if (opened.block) {
                description.block = opened.block->identity();
                passed_on.push_back(opened.block->fd());
            }
            if (request.plan == PlanWanted::yes) description.n_plan_parts = description.experiments.n_parts();
            say(FrameKind::opened, study::pack(description), passed_on);
            for (std::uint64_t i = 0; i < description.n_plan_parts; ++i)
                say(FrameKind::plan_part, description.experiments.part(i));
            description = {};
            ::malloc_trim(0);  // what was needed for reading only: children would inherit it
        } catch (std::exception const& error) {
            auto const problem = problem_of(error);
            refuse(problem.code, problem.text);
        }
    }

    /// Have all descriptors of a child come? The system leaves out those for which a process has no room.
    [[nodiscard]] bool have_come(std::vector<Descriptor> const& ends, std::size_t n_expected) {
        if (ends.size() == n_expected) return true;
        refuse_child("take the descriptors of", EMFILE);
        return false;
    }

    void fork_worker(std::uint64_t number, std::vector<Descriptor> const& ends) {
        if (!have_come(ends, 3)) return;
        fork_child(number, [&](pid_t server) {
            live_as_child(*study_, ends[2], {ends[0], ends[1], server});
        });
    }

    void plan(PlanRequest request, std::vector<Descriptor> const& ends) {
        if (!known_) throw std::logic_error("a task server was asked for a plan before it was opened");
        known_->set(request.first, std::move(request.rows));  // in any case: they are not sent again
        known_->set_capacity(request.capacity);
        if (!have_come(ends, 2)) return;
        fork_child(0, [&](pid_t server) {
            live_as_planner(*study_, *known_, request.memory_bytes, {ends[0], ends[1], server});
        });
    }

    /// @param live  what the child does, to its end, given its parent
    void fork_child(std::uint64_t number, std::function<void(pid_t)> const& live) {
        if (!study_) throw std::logic_error("a task server was asked for a child before it was opened");
        if (child_) dismiss_child();
        Descriptor place(::fcntl(socket_.get(), F_DUPFD_CLOEXEC, 0));  // which the child's handle will take
        if (!place) return refuse_child("watch over", errno);
        pid_t const server = ::getpid();
        pid_t const process = ::fork();
        if (process == 0) {
            place.reset();
            socket_.reset();
            live(server);
        }
        if (process < 0) return refuse_child("fork", errno);
        place.reset();
        child_.reset(::pidfd_open(process, 0));
        if (!child_) {
            int const problem = errno;
            ::kill(process, SIGKILL);
            ::waitpid(process, nullptr, 0);
            return refuse_child("watch over", problem);
        }
        process_ = process;
        number_ = number;
    }

    void refuse_child(std::string const& what, int error_number) {
        refuse(ExitCode::unavailable,
               fmt::format("cannot {} a child: {}", what, system_reason(error_number)));
    }

    /// One that gets no more tasks.
    void dismiss_child() {
        ::pidfd_send_signal(child_.get(), SIGKILL, nullptr, 0);
        bury_child();
    }

    void bury_child() {
        ChildExit exit;
        rusage usage{};
        exit.child = number_;
        if (::wait4(process_, &exit.wait_status, 0, &usage) != process_) return;
        exit.peak_rss_bytes = static_cast<std::uint64_t>(usage.ru_maxrss) * 1024;
        child_.reset();
        say(FrameKind::exited, study::pack(exit));
    }

    void refuse(ExitCode code, std::string const& text) {
        say(FrameKind::refused, study::pack(ServerRefusal{static_cast<int>(code), text}));
    }

    void say(FrameKind kind, std::string const& payload, std::vector<int> const& descriptors = {}) {
        if (!send_frame(socket_.get(), kind, payload, descriptors)) hung_up_ = HungUp::yes;
    }

    Descriptor socket_;
    Opener const& opener_;
    std::unique_ptr<study::Study> study_;
    std::optional<study::KnownRecords> known_;  ///< of a plan that grows
    Descriptor child_;                          ///< pidfd
    pid_t process_ = -1;
    std::uint64_t number_ = 0;  ///< the child's
    HungUp hung_up_ = HungUp::no;
};

/// The allocator has heard it by now; what a study runs is to have the environment of the user.
void forget_malloc_setting() {
    char const* const told = ::getenv(MallocSetting::name);
    if (told != nullptr && std::string_view(told) == MallocSetting::value) ::unsetenv(MallocSetting::name);
}

/// The rank at the other end of the socket.
pid_t rank_of(int socket) {
    ucred peer{};
    socklen_t length = sizeof peer;
    ::getsockopt(socket, SOL_SOCKET, SO_PEERCRED, &peer, &length);
    return peer.pid;
}

}  // namespace

int serve(int fd, Opener const& opener) {
    ::prctl(PR_SET_PDEATHSIG, SIGKILL);
    if (::getppid() != rank_of(fd)) return 0;
    // What the rank had open without O_CLOEXEC (a server started again meets MPI's sockets) is none of our
    // business.
    ::close_range(static_cast<unsigned>(STDERR_FILENO) + 1, static_cast<unsigned>(fd) - 1, 0);
    ::close_range(static_cast<unsigned>(fd) + 1, ~0U, 0);
    forget_malloc_setting();
    Server(fd, opener).talk_until_hung_up();
    return 0;
}

}  // namespace vaster::engine
