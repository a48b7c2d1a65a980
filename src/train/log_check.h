/* Finding out whether a log has the records that a checkpoint stands behind. */
#ifndef CLGAN_TRAIN_LOG_CHECK_H
#define CLGAN_TRAIN_LOG_CHECK_H

#include <clgan/runlog.h>
#include <stdint.h>

/* Warns when the log, which was taken back to `end`, has not all records of epochs' ends up to
 * there, and of steps as the last process wrote them. CG_ERR_INPUT when it cannot be read. */
cg_status cg_log_check(const char *path, const cg_runlog_end *end, uint64_t epoch_steps);

#endif
