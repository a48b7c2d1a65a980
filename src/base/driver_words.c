/* Words of drivers. */
#include "base/driver_words.h"

#include <clgan/log.h>
#include <stdatomic.h>
#include <stdbool.h>
#include <string.h>

static bool is_wanted;
static atomic_flag taken = ATOMIC_FLAG_INIT; /* by the thread that catches */

void cg_log_catch_drivers(bool caught)
{
    is_wanted = caught;
}

void cg_driver_words_catch(cg_caught *caught)
{
    *caught = (cg_caught){0};
    if (!is_wanted || atomic_flag_test_and_set(&taken))
        return;
    cg_platform_catch_errors(caught);
    if (!caught->file)
        atomic_flag_clear(&taken);
}

/* Messages of this program itself may be among them: other threads'. */
void cg_driver_words_release(cg_caught *caught)
{
    char line[512];
    if (!caught->file)
        return;
    FILE *file = cg_platform_release_errors(caught);
    atomic_flag_clear(&taken);
    while (file && fgets(line, sizeof line, file)) {
        bool own = strncmp(line, "clgan: ", 7) == 0;
        line[strcspn(line, "\n")] = '\0';
        if (own)
            fprintf(stderr, "%s\n", line);
        else if (*line)
            cg_log(CG_LOG_DEBUG, "the driver says: %s", line);
    }
    if (file)
        fclose(file);
}
