#pragma once

#include <cstdint>
#include <optional>
#include <string>
#include <vector>

#include <sys/types.h>

#include "base/support/files.hpp"
#include "core/study/growth.hpp"
#include "core/study/packed_plan.hpp"
#include "vaster/study/experiment.hpp"
#include "vaster/study/input.hpp"
#include "vaster/study/inventory.hpp"
#include "vaster/study/schema.hpp"
#include "vaster/support/sealed_block.hpp"

namespace vaster::engine {

/// What a study says of itself once it is open.
struct Description {
    study::Schema schema;
    std::uint64_t capacity = 0;      ///< rows of the study file
    std::uint64_t row_capacity = 0;  ///< elements of its ragged arrays: Study::row_capacity()
    std::string data_hash;
    study::Inventory inventory;  ///< Study::inventory()
    std::vector<std::string> notes;
    std::uint64_t n_experiments = 0;   ///< the first ones: Study::next_experiments of no records
    std::string plan_hash;             ///< study::hash_of() them
    study::PackedPlan experiments;     ///< these themselves, where they were asked for
    std::uint64_t n_plan_parts = 0;    ///< in which they follow
    std::vector<study::Input> inputs;  ///< Study::inputs()
    BlockIdentity block;               ///< the study was opened from; no size: none
    std::string block_problem;  ///< why not, where it was to be; the server has read the data itself then

    /// May there be experiments after the first ones?
    [[nodiscard]] study::Growth growth() const {
        return n_experiments < capacity ? study::Growth::staged : study::Growth::none;
    }

    /// But for the experiments.
    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& schema& capacity& row_capacity& data_hash& inventory& notes& n_experiments& plan_hash&
            n_plan_parts& inputs& block& block_problem;
    }
};

/// Where another rank of the host finds a block that a study can be opened from.
struct BlockOffer {
    std::int64_t process = 0;  ///< that holds it
    int fd = -1;               ///< among its descriptors
    BlockIdentity identity;    ///< no size: nothing is offered

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& process& fd& identity;
    }
};

/// Is the plan itself to come with the description of a study, or its hash alone?
enum class PlanWanted : std::uint8_t { no, yes };

/// What the server is asked to open.
struct OpenRequest {
    std::string config_text;
    BlockIdentity block;  ///< to be opened from, its descriptor comes along; no size: none
    PlanWanted plan = PlanWanted::no;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& config_text& block& plan;
    }
};

/// What the server is asked for when a plan is to grow: what it does not know yet of the rows.
struct PlanRequest {
    std::uint64_t first = 0;            ///< row of the first
    std::vector<study::KnownRow> rows;  ///< all that follow, none pending or running
    std::uint64_t capacity = 0;         ///< rows that there is room for
    std::uint64_t memory_bytes = 0;     ///< limit for the child

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& first& rows& capacity& memory_bytes;
    }
};

/// What the server says of a child when it is gone.
struct ChildExit {
    std::uint64_t child = 0;  ///< its number
    int wait_status = 0;      ///< as waitpid gives it
    std::uint64_t peak_rss_bytes = 0;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& child& wait_status& peak_rss_bytes;
    }
};

/// Something the server could not do.
struct ServerRefusal {
    int exit_code = 0;
    std::string text;

    template <class Archive>
    void serialize(Archive& archive, unsigned) {
        archive& exit_code& text;
    }
};

/// What a server may say, one at a time.
struct ServerEvent {
    enum class Kind { opened, refused, exited, hung_up };
    Kind kind = Kind::hung_up;
    Description description;  ///< opened
    ServerRefusal refusal;    ///< refused
    ChildExit exit;           ///< exited
};

/// The rank's side of a task server: a process of the same program, started anew by posix_spawn before
/// MPI_Init so that its children inherit none of MPI's mappings and handlers. The same code starts it again
/// should it die. It dies with the rank.
class TaskServer {
  public:
    /// Starts the process.
    /// @param command  the program and its arguments; "--fd" and the socket's number are appended, and what
    /// runs there must
    ///                 call serve() with that number
    /// @throws IoError when the system does not let it
    explicit TaskServer(std::vector<std::string> command);
    TaskServer(TaskServer&&) noexcept;
    TaskServer& operator=(TaskServer&&) = delete;
    TaskServer(TaskServer const&) = delete;
    TaskServer& operator=(TaskServer const&) = delete;
    ~TaskServer();

    /// Opens a study and waits for it; may be called again, for another one or the same from elsewhere.
    /// @param config_text  for the Opener, as it is
    /// @param offer  the block that another rank of the host has opened the study from. Where it cannot be
    /// had, the server does without, and Description::block_problem says why
    /// @throws Error the opener's own, with its text and exit code
    /// @throws IoError when the server dies or gives no answer within the time
    Description open(std::string const& config_text, double patience_seconds = 3600,
                     BlockOffer const& offer = {}, PlanWanted plan = PlanWanted::yes);

    /// The block that the study was opened from, for other ranks of the host; good as long as this process
    /// lives.
    [[nodiscard]] BlockOffer offer() const;

    /// Kills the process if need be, starts another, asks it to open the same study, from the same block
    /// if there is one, and returns without
    /// waiting for its answer: the next event is `opened`, `refused` or `hung_up`.
    void restart();

    /// To be polled for reading; then take_event().
    [[nodiscard]] int fd() const noexcept { return socket_.get(); }

    [[nodiscard]] pid_t process() const noexcept { return process_; }

    /// One event, waiting for the rest of it once it has begun. A broken connection is `hung_up`.
    [[nodiscard]] ServerEvent take_event();

    /// Forks a child that runs the tasks it is sent over the other end of the socket `tasks`, and says over
    /// `results` what comes of them. When it ends, the event is `exited` with this number; a child that could
    /// not be forked is `refused`. One that waits for another task is ended first: there is one at a time.
    /// @param number  more than 0
    void fork_child(std::uint64_t number, Descriptor results, Descriptor output, Descriptor tasks);

    /// Forks a child that asks the study for its next experiments and says them over `results`. The events
    /// are as for fork_child(), with 0 as the number. Only rows that the server has not been told of are
    /// sent.
    /// @param rows  all rows of the plan, none pending or running. @param capacity  of the study file
    void plan(std::vector<study::KnownRow> const& rows, std::uint64_t capacity, std::uint64_t memory_bytes,
              Descriptor results, Descriptor output);

    /// Kills the child that runs, if one does.
    void kill_child();

  private:
    [[nodiscard]] std::string take_up(BlockOffer const& offer);
    void take_block(Description& description, std::vector<Descriptor>& descriptors);
    void take_plan(ServerEvent& event) const;
    [[nodiscard]] bool ask_to_open(PlanWanted plan) const;
    void start();
    void stop() noexcept;
    void kill_if_deaf(bool heard) const noexcept;

    std::vector<std::string> command_;
    std::string config_text_;
    Descriptor block_;  ///< that the study is opened from
    BlockIdentity block_identity_;
    std::string fingerprint_;    ///< of data and plan: a server started again must load the same
    std::size_t rows_told_ = 0;  ///< to this process, by plan()
    Descriptor socket_;
    pid_t process_ = -1;
};

}  // namespace vaster::engine
