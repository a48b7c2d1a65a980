/* A choice: the algorithm of each operation of a step, and the width of the kernels' vectors.
 *
 * Its text has items with spaces or commas between them, each NAME (of all convolutions), OP=NAME,
 * OP/PASS=NAME or vec=WIDTH, as in "direct", "g.dense=clblast" or "vec=8 g.convt1/fwd=plain
 * g.convt2=tiled:32x64". A later item overrides an earlier one; an operation that no item names
 * takes the device's default.
 *
 * A strict choice has strict algorithms alone, whose results are the same bits on every device,
 * with any width (docs/strict.md). The choice owns that: a runtime is strict while it serves one
 * (nn/network.h).
 */
#ifndef CLGAN_NN_CHOICE_H
#define CLGAN_NN_CHOICE_H

#include "nn/stages.h"

enum { CG_CHOICE_TEXT = 1024 };

/* *choice = the text's choice; NULL and "": the defaults; strict: those of strict arithmetic.
 * CG_ERR_ARGUMENT when there is no such operation, algorithm or width; the log says which there
 * are. */
cg_status cg_choice_parse(cg_choice *choice, cg_runtime *rt, const char *text, bool strict);

/* text = what each operation takes by that choice, "g.dense/fwd=own g.convt1/fwd=fourier ...", and
 * before them the width where it is not the native one: on the same device the same choice.
 * CG_ERR_ARGUMENT when an algorithm that was chosen does not serve there. */
cg_status cg_choice_describe(char text[CG_CHOICE_TEXT], cg_runtime *rt, const cg_choice *choice);

/* True when a network would take the text: it can be parsed, and all that it names serves. Nothing
 * is logged. */
bool cg_choice_is_usable(cg_runtime *rt, const char *text);

/* The name of the algorithm that a stage takes by that choice, "" where it has none, NULL where the
 * chosen one does not serve. */
const char *cg_choice_name(cg_runtime *rt, const cg_choice *choice, const cg_stage *stage);

/* The index-th name that could be chosen for a stage, serving or not: of all algorithms and their
 * variants, an algorithm's default first. NULL after the last. */
const char *cg_choice_name_at(const cg_stage *stage, size_t index);

/* True when the name is a candidate for a stage, beside the rest of a choice: of an algorithm that
 * is written for this kind of device and serves the stage. */
bool cg_choice_suits(cg_runtime *rt, const cg_choice *choice, const cg_stage *stage,
                     const char *name);

#endif
