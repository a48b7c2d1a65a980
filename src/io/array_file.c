/* Which format a file has, and which member of an archive is meant. */
#include "io/array_file.h"

#include "base/platform.h"
#include "base/text.h"
#include "base/try.h"
#include "io/idx_array.h"
#include "io/npy.h"

#include <stdlib.h>
#include <string.h>

/* ---- members of an archive ------------------------------------------------------------------- */

static bool is_array(const cg_npz_member *member)
{
    size_t length = strlen(member->name);
    return length > 4 && strcmp(member->name + length - 4, ".npy") == 0;
}

static bool is_meant(const cg_npz_member *member, cg_dataset_part part, cg_data_kind kind)
{
    cg_data_name name = cg_data_name_read(member->name);
    return is_array(member) && name.kind == kind && name.part == part;
}

/* The member for the part's images or labels; NULL when there is none. */
static const cg_npz_member *find_member(const cg_npz_member *members, size_t count,
                                        const char *path, cg_dataset_part part, cg_data_kind kind)
{
    for (size_t i = 0; i < count; i++)
        if (is_meant(&members[i], part, kind))
            return &members[i];
    cg_data_name own = cg_data_name_read(path + cg_platform_folder_length(path));
    return count == 1 && own.kind == kind && is_array(&members[0]) ? &members[0] : NULL;
}

static cg_status refuse_archive(const cg_source *in, const cg_npz_member *members, size_t count,
                                cg_dataset_part part, cg_data_kind kind)
{
    enum { NAMES = 8 };
    cg_text names = {0};
    char clean[64];
    size_t arrays = 0;
    for (size_t i = 0; i < count; i++) {
        if (!is_array(&members[i]) || ++arrays > NAMES)
            continue;
        cg_text_clean(clean, sizeof clean, members[i].name);
        cg_text_printf(&names, "%s%s", names.size ? ", " : "", clean);
    }
    cg_status status =
        !arrays ? cg_source_refuse(in, "an IDX file")
                : cg_fail(CG_ERR_INPUT, "%s holds the arrays %s%s: %s_%s.npy is wanted", in->path,
                          names.data ? names.data : "", arrays > NAMES ? ", ..." : "",
                          kind == CG_DATA_IMAGES ? "x" : "y",
                          part == CG_DATASET_TRAIN ? "train" : "test");
    cg_text_deinit(&names);
    return status;
}

static cg_status read_member(cg_array *array, cg_source *in, cg_dataset_part part,
                             cg_data_kind kind, cg_array_check *check)
{
    cg_status status = CG_OK;
    cg_npz_member *members = NULL;
    size_t count = 0;
    CG_TRY(cg_npz_list(&members, &count, in));
    const cg_npz_member *member = find_member(members, count, in->path, part, kind);
    CG_TRY(member ? cg_npz_read_array(array, in, member, check)
                  : refuse_archive(in, members, count, part, kind));
done:
    free(members);
    return status;
}

/* ---- files ----------------------------------------------------------------------------------- */

cg_status cg_array_file_read(cg_array *array, const char *path, cg_dataset_part part,
                             cg_data_kind kind, cg_array_check *check)
{
    cg_source in = {0};
    cg_status status = CG_OK;
    *array = (cg_array){0};
    CG_TRY(cg_source_open(&in, path));
    size_t size;
    const unsigned char *start = cg_source_peek(&in, &size);
    if (cg_npy_begins(start, size))
        status = cg_npy_read_array(array, &in, check);
    else if (in.packing == CG_PACKING_NONE && cg_npz_begins(start, size))
        status = read_member(array, &in, part, kind, check);
    else
        status = cg_idx_read_array(array, &in, check);
done:
    cg_source_close(&in);
    return status;
}

cg_status cg_array_file_has(bool *has, const char *path, cg_dataset_part part, cg_data_kind kind)
{
    cg_source in = {0};
    cg_status status = CG_OK;
    cg_npz_member *members = NULL;
    size_t count = 0;
    *has = false;
    CG_TRY(cg_source_open(&in, path));
    CG_TRY(cg_npz_list(&members, &count, &in));
    *has = find_member(members, count, path, part, kind) != NULL;
done:
    free(members);
    cg_source_close(&in);
    return status;
}
