#pragma once

#include "va_context.hpp"
#include "vaster/study/study.hpp"

namespace vaster::workloads {

/// Runs the experiments of one fit group, which share a training set: every model is fitted once, every test
/// set predicted once by each, whatever experiments and ensembles need it. A fit or prediction that fails is
/// charged to all experiments of the task that need it, and to no others.
void run_task(Comparison const& comparison, study::Task const& task, study::Sink& sink, Watcher& watcher);

}  // namespace vaster::workloads
