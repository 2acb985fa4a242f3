#pragma once

#include "domains/stream/tasks/task.hpp"

/// The declarations of all tasks. docs/stream/tasks.md has their formulas for users.
namespace vaster::stream {

/// NOP: the line as it is.
[[nodiscard]] TaskKind noop_task();

/// SML: timestamp, sensor and fields of each record as CSV, values as they stand in the input.
[[nodiscard]] TaskKind senml_parse_task();

/// C2S: a CSV line as SenML, `{"bt":TIME,"e":[{"n":NAME,"v"|"sv":TEXT,"u":UNIT},...]}` in the order of its
/// columns.
[[nodiscard]] TaskKind csv_to_senml_task();

/// XML: over all students of a document, the lengths [characters] of roll number, names and marks, each with
/// that of its tag and its place: len(rollno) + 7; 5 + 1 + text for firstname, 6 + 2 + text for lastname,
/// 7 + 3 + text for nickname, 8 + 4 + text for marks (with the constants as RIoTBench adds them).
[[nodiscard]] TaskKind xml_parse_task();

/// ANN: a record as CSV, and what a table says of its key.
[[nodiscard]] TaskKind annotate_task();

/// RGF: a record passes when each of its present fields lies in its range, ends included.
[[nodiscard]] TaskKind range_filter_task();

/// BLF: a record passes when its sensor (or another field) is in a set, with a known chance of false passes.
/// Bloom (1970), doi:10.1145/362686.362692.
[[nodiscard]] TaskKind bloom_filter_task();

/// BLT: the set for BLF, of the sensors (or another field) of a whole stream.
[[nodiscard]] TaskKind bloom_train_task();

/// ACC: each full window of observations, ordered by (timestamp, record).
[[nodiscard]] TaskKind accumulate_task();

/// AVG: the mean of each full block of `window` observations of a key, summed in the order of arrival.
[[nodiscard]] TaskKind average_task();

/// DAC: how many sensors have been seen, from 2^bits registers. HyperLogLog: Flajolet, Fusy, Gandouet and
/// Meunier (2007), doi:10.46298/dmtcs.3545; without the correction for large numbers, since hashes have 64
/// bits.
[[nodiscard]] TaskKind distinct_task();

/// KAL: p += q; K = p / (p + r); x += K (z - x); p = (1 - K) p. Kalman (1960), doi:10.1115/1.3662552.
[[nodiscard]] TaskKind kalman_task();

/// SOM: the second frequency moment of a field's values: sum over distinct values of (times seen)^2. Alon,
/// Matias and Szegedy (1999), doi:10.1006/jcss.1997.1545.
[[nodiscard]] TaskKind second_moment_task();

/// INP: the mean of the last `window` present values in the place of a missing one.
[[nodiscard]] TaskKind interpolate_task();

/// SLR: the least-squares line through the last `train` values over their count, and its next `predict`
/// values.
[[nodiscard]] TaskKind sliding_regression_task();

/// MLT: least squares on each batch of rows.
[[nodiscard]] TaskKind regression_train_task();

/// MLR: intercept + sum of coefficient times attribute.
[[nodiscard]] TaskKind regression_predict_task();

/// CLS: rows of a batch with classes by the quartiles of their target.
[[nodiscard]] TaskKind classes_task();

/// DTT: C4.5 on each batch of rows, the classes being quartiles of the target.
[[nodiscard]] TaskKind tree_train_task();

/// DTC: the class of the leaf that a record comes to.
[[nodiscard]] TaskKind tree_classify_task();

/// ATI: records into a SQLite file of the partition, key (sensor, timestamp).
[[nodiscard]] TaskKind table_insert_task();

/// ATL: the row of such a file with a record's key.
[[nodiscard]] TaskKind table_lookup_task();

/// ATR: the rows of such a file with time - span <= timestamp < time.
[[nodiscard]] TaskKind table_range_task();

/// ABD: a file of the task's folder, read whole for each record.
[[nodiscard]] TaskKind blob_download_task();

/// ABU: a file written to a temporary name and renamed for each record.
[[nodiscard]] TaskKind blob_upload_task();

/// LZP: batches of records as ZIP archives in the task's folder.
[[nodiscard]] TaskKind local_zip_task();

/// RZP: the same on the file system that hosts share.
[[nodiscard]] TaskKind remote_zip_task();

/// PLT: windows of records as SVG.
[[nodiscard]] TaskKind plot_task();

/// MQP: lines as messages in the file of a topic.
[[nodiscard]] TaskKind publish_task();

/// MQS: a message of such a file for each record.
[[nodiscard]] TaskKind subscribe_task();

/// PIV: pi by Viete's product, 2 / pi = prod a_i / 2 with a_1 = sqrt 2 and a_i = sqrt(2 + a_(i-1)): work for
/// the processor, the same for each record.
[[nodiscard]] TaskKind viete_task();

}  // namespace vaster::stream
