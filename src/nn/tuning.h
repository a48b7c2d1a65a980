/* The results of `clgan tune`, in a readable file (docs/file-formats.md): $CLGAN_TUNING, else
 * $XDG_CONFIG_HOME/clgan/tuning.json, else $HOME/.config/clgan/tuning.json. There is none when
 * CLGAN_TUNING is empty, or when none of the three is set. An entry holds for one device, platform
 * and driver, and for the kernels that were measured.
 */
#ifndef CLGAN_NN_TUNING_H
#define CLGAN_NN_TUNING_H

#include "base/json.h"
#include "nn/choice.h"

enum { CG_TUNING_TEXT = 2 * CG_CHOICE_TEXT };

/* One device's entry. */
typedef struct cg_tuning {
    char algorithms[CG_CHOICE_TEXT]; /* of each operation, as cg_choice_describe() writes */
    size_t batch;                    /* that was measured */
    double step_seconds;             /* of a training step with them, and with the defaults */
    double default_seconds;
} cg_tuning;

/* *path = the file's, for free(), or NULL where there is none. CG_ERR_MEMORY. */
cg_status cg_tuning_path(char **path);

/* *found = algorithms are stored for rt's device, which text then is; else "". A file or an entry
 * that is no such thing, or cannot be read, is one warning. CG_ERR_MEMORY. */
cg_status cg_tuning_find(bool *found, char text[CG_CHOICE_TEXT], cg_runtime *rt);

/* text = the choice for a network on rt: `recorded`, a resumed run's, or for NULL the stored one,
 * which a strict network does not take; and before either what `options` names, NULL: nothing.
 * *from = which that is: "options", "run", "tuning" or "defaults". CG_ERR_ARGUMENT when the options
 * are too long. */
cg_status cg_tuning_join(char text[CG_TUNING_TEXT], const char **from, cg_runtime *rt,
                         const char *recorded, const char *options, bool strict);

/* Tells whether the file can be written, to be asked before anything is measured; makes its folder.
 * CG_ERR_WRITE; CG_ERR_INPUT when there is a file that is no tuning, which will not be replaced. */
cg_status cg_tuning_probe(const char *path);

/* Puts the device's entry into the file in place of the one before; other entries stay.
 * CG_ERR_WRITE, CG_ERR_INPUT as above. */
cg_status cg_tuning_store(const char *path, const cg_runtime *rt, const cg_tuning *tuning);

/* Adds the text to `parent` as the object "algorithms": {"g.convt1/fwd": "direct", ...}. */
void cg_algorithms_add_json(cg_json *json, cJSON *parent, const char *text);

/* text = such an object's. False when it is no object of texts, or too long. */
bool cg_algorithms_read_json(char text[CG_CHOICE_TEXT], const cJSON *json);

#endif
