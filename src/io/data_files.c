/* A walk through folders, a list of the files that names tell, and a choice among them. */
#include "io/data_files.h"

#include "base/file.h"
#include "base/memory.h"
#include "base/platform.h"
#include "base/text.h"
#include "base/try.h"
#include "io/array_file.h"
#include "io/file_kind.h"

#include <errno.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

enum {
    LEVELS = 3,           /* below the folder: DIR/EMNIST/raw/gzip                            */
    ENTRIES_MOST = 20000, /* that are looked at, so that a walk from / ends                  */
    NAMED_MOST = 6        /* in a message                                                     */
};

/* MNIST's own names, and Keras', for messages. */
static const struct {
    const char *what, *images, *array;
} parts[] = {
    [CG_DATASET_TRAIN] = {"training", "train-images-idx3-ubyte", "x_train.npy"},
    [CG_DATASET_TEST] = {"test", "t10k-images-idx3-ubyte", "x_test.npy"},
};

/* A file of a data set. */
typedef struct found {
    char *path, *folder; /* owned */
    cg_data_name name;
    int rank; /* of two with the same name in a folder the smaller one is taken */
} found;

typedef struct search {
    found *items; /* in the order of folders' and sets' choice: by rank, then by path; owned */
    size_t count, seen;
    cg_status status;
} search;

/* ---- the walk -------------------------------------------------------------------------------- */

static cg_status add_item(search *s, const char *folder, const char *path, cg_data_name name,
                          bool inside)
{
    cg_status status = CG_OK;
    CG_TRY(cg_memory_grow(&s->items, s->count, sizeof *s->items));
    found *item = &s->items[s->count++];
    *item = (found){.name = name,
                    .rank = name.packed + 2 * inside + 4 * (name.kind == CG_DATA_ARCHIVE)};
    CG_TRY(cg_memory_copy_text(&item->path, path));
    CG_TRY(cg_memory_copy_text(&item->folder, folder));
done:
    return status;
}

/* Do both names say the same part, of the same kind? */
static bool is_alike(const cg_data_name *a, const cg_data_name *b)
{
    return a->kind == b->kind && a->part == b->part && a->kind != CG_DATA_ARCHIVE;
}

static void walk(search *s, const char *folder, size_t levels);

/* Some programs unpack each file into a folder of its name. */
typedef struct inside {
    search *search;
    const char *folder; /* around the folder that is looked into */
    const cg_data_name *name;
} inside;

static cg_status add_inside(void *user, const char *path, const char *entry)
{
    const inside *look = user;
    cg_file_info info;
    char *inner = NULL;
    cg_data_name own = cg_data_name_read(entry);
    if (!is_alike(&own, look->name))
        return CG_OK;
    cg_status status = cg_path_join(&inner, path, entry);
    if (status == CG_OK && cg_platform_path_info(&info, inner) && info.regular)
        status = add_item(look->search, look->folder, inner, own, true);
    free(inner);
    return status;
}

static void look_inside(search *s, const char *folder, const char *path, const cg_data_name *name)
{
    inside look = {s, folder, name};
    s->status = cg_folder_visit(path, add_inside, &look);
}

static void visit(search *s, const char *folder, const char *name, size_t levels)
{
    cg_file_info info;
    char *path = NULL;
    cg_data_name read = cg_data_name_read(name);
    bool usable = read.kind >= CG_DATA_IMAGES;
    if ((levels == 0 && !usable) || name[0] == '.')
        return;
    s->status = cg_path_join(&path, folder, name);
    if (s->status != CG_OK || !cg_platform_path_info(&info, path))
        goto done;
    if (info.folder && cg_folder_is_closed(path))
        goto done;
    if (info.folder && levels > 0)
        walk(s, path, levels - 1);
    else if (info.folder)
        look_inside(s, folder, path, &read);
    else if (levels == 0) /* what is no regular file is refused where it is read */
        s->status = add_item(s, folder, path, read, false);
done:
    free(path);
}

typedef struct level {
    search *search;
    size_t levels;
} level;

static cg_status visit_entry(void *user, const char *folder, const char *name)
{
    const level *at = user;
    if (at->search->seen++ < ENTRIES_MOST)
        visit(at->search, folder, name, at->levels);
    return at->search->status;
}

/* Finds the files that are this many levels below the folder. */
static void walk(search *s, const char *folder, size_t levels)
{
    level at = {s, levels};
    s->status = cg_folder_visit(folder, visit_entry, &at);
}

static int compare_found(const void *a, const void *b)
{
    const found *x = a, *y = b;
    return x->rank != y->rank ? x->rank - y->rank : strcmp(x->path, y->path);
}

static void deinit_search(search *s)
{
    for (size_t i = 0; i < s->count; i++) {
        free(s->items[i].path);
        free(s->items[i].folder);
    }
    free(s->items);
}

static cg_status search_level(search *s, const char *folder, size_t levels)
{
    *s = (search){0};
    walk(s, folder, levels);
    if (s->status == CG_OK && s->count)
        qsort(s->items, s->count, sizeof *s->items, compare_found);
    return s->status;
}

/* ---- the choice ------------------------------------------------------------------------------ */

static bool gives(const found *item, cg_dataset_part part, cg_data_kind kind)
{
    return item->name.kind == CG_DATA_ARCHIVE ||
           (item->name.kind == kind && item->name.part == part);
}

static bool is_same_set(const found *a, const found *b)
{
    return strcmp(a->folder, b->folder) == 0 && strcmp(a->name.set, b->name.set) == 0;
}

static const found *find_item(const search *s, const char *folder, const char *set,
                              cg_dataset_part part, cg_data_kind kind)
{
    for (size_t i = 0; i < s->count; i++) {
        const found *item = &s->items[i];
        if (gives(item, part, kind) && strcmp(item->name.set, set) == 0 &&
            (!folder || strcmp(item->folder, folder) == 0))
            return item;
    }
    return NULL;
}

static cg_status tell_several(const search *s, const char *data, cg_dataset_part part)
{
    cg_text names = {0};
    size_t count = 0;
    for (size_t i = 0; i < s->count; i++) {
        bool first = gives(&s->items[i], part, CG_DATA_IMAGES);
        for (size_t k = 0; k < i; k++)
            first &= !gives(&s->items[k], part, CG_DATA_IMAGES) ||
                     !is_same_set(&s->items[k], &s->items[i]);
        if (first && ++count <= NAMED_MOST)
            cg_text_printf(&names, "%s%s", count > 1 ? ", " : "", s->items[i].path);
    }
    cg_status status =
        cg_fail(CG_ERR_INPUT, "%s holds %zu data sets: name one by the file of its images: %s%s",
                data, count, names.data ? names.data : "", count > NAMED_MOST ? ", ..." : "");
    cg_text_deinit(&names);
    return status;
}

/* *chosen = a file of the set that is meant, by its training images, or its test images where none
 * has others; NULL: no set. CG_ERR_INPUT for several sets. */
static cg_status choose_set(const found **chosen, const search *s, const char *data, bool deep,
                            bool tells)
{
    cg_dataset_part part = CG_DATASET_TRAIN;
    *chosen = NULL;
    for (size_t p = CG_DATASET_TRAIN; p <= CG_DATASET_TEST && !*chosen; p++) {
        part = (cg_dataset_part)p;
        if (!deep)
            *chosen = find_item(s, NULL, "", part, CG_DATA_IMAGES);
        if (*chosen)
            return CG_OK;
        for (size_t i = 0; i < s->count && !*chosen; i++)
            if (gives(&s->items[i], part, CG_DATA_IMAGES))
                *chosen = &s->items[i];
    }
    for (size_t i = 0; *chosen && i < s->count; i++)
        if (gives(&s->items[i], part, CG_DATA_IMAGES) && !is_same_set(&s->items[i], *chosen))
            return tells ? tell_several(s, data, part) : CG_ERR_INPUT;
    return CG_OK;
}

/* Copies the item's path, unless it is an archive that lacks this. */
static cg_status take_path(char **path, const found *item, cg_dataset_part part, cg_data_kind kind)
{
    cg_status status = CG_OK;
    bool has = item != NULL;
    if (item && item->name.kind == CG_DATA_ARCHIVE)
        CG_TRY(cg_array_file_has(&has, item->path, part, kind));
    if (has)
        CG_TRY(cg_memory_copy_text(path, item->path));
done:
    return status;
}

static cg_status find_below(cg_data_files *files, const char *data, cg_dataset_part part,
                            bool tells)
{
    cg_status status = CG_OK;
    search s = {0};
    const found *set = NULL;
    for (size_t levels = 0; levels <= LEVELS && !set; levels++) {
        deinit_search(&s);
        CG_TRY(search_level(&s, data, levels));
        CG_TRY(choose_set(&set, &s, data, levels > 0, tells));
        files->deep = levels > 0;
    }
    if (!set)
        goto done;
    const char *folder = set->folder, *name = set->name.set;
    snprintf(files->set, sizeof files->set, "%s", name);
    CG_TRY(take_path(&files->images, find_item(&s, folder, name, part, CG_DATA_IMAGES), part,
                     CG_DATA_IMAGES));
    CG_TRY(take_path(&files->labels, find_item(&s, folder, name, part, CG_DATA_LABELS), part,
                     CG_DATA_LABELS));
done:
    deinit_search(&s);
    return status;
}

/* ---- a file that is given -------------------------------------------------------------------- */

/* *folder = the folder of the set that the file is of: its own, or where that is of the file's
 * name, the one above. */
static cg_status find_folder(char **folder, const char *path, const cg_data_name *name)
{
    cg_status status = CG_OK;
    CG_TRY(cg_memory_copy_text(folder, path));
    char *text = *folder;
    size_t length = cg_platform_folder_length(text);
    while (length > 1 && cg_platform_is_separator(text[length - 1]))
        length--;
    text[length] = '\0';
    cg_data_name own = cg_data_name_read(text + cg_platform_folder_length(text));
    if (is_alike(&own, name))
        text[cg_platform_folder_length(text)] = '\0';
    if (!*text)
        snprintf(text, strlen(path) + 1, ".");
done:
    return status;
}

static cg_status find_beside(cg_data_files *files, const char *path, cg_dataset_part part,
                             bool tells)
{
    cg_status status = CG_OK;
    search s = {0};
    char *folder = NULL;
    const found given = {.path = (char *)(size_t)path,
                         .name = cg_data_name_read(path + cg_platform_folder_length(path))};
    const cg_data_name *name = &given.name;
    bool named = name->kind == CG_DATA_IMAGES, all = name->kind == CG_DATA_ARCHIVE;
    if (name->kind == CG_DATA_LABELS)
        return tells ? cg_fail(CG_ERR_INPUT, "%s holds labels, by its name: give the images' file",
                               path)
                     : CG_ERR_INPUT;
    snprintf(files->set, sizeof files->set, "%s", name->set);
    CG_TRY(find_folder(&folder, path, name));
    CG_TRY(search_level(&s, folder, 0));
    const cg_dataset_part other = part == CG_DATASET_TRAIN ? name->part : part;
    const found *images = named ? find_item(&s, NULL, name->set, part, CG_DATA_IMAGES) : NULL;
    const found *labels = named ? find_item(&s, NULL, name->set, other, CG_DATA_LABELS) : NULL;
    if (part == CG_DATASET_TRAIN || all)
        images = &given;
    CG_TRY(take_path(&files->images, images, part, CG_DATA_IMAGES));
    CG_TRY(take_path(&files->labels, all ? &given : labels, part, CG_DATA_LABELS));
done:
    free(folder);
    deinit_search(&s);
    return status;
}

/* `tells`: the log has which set is not clear. */
static cg_status find_files(cg_data_files *files, const char *data, cg_dataset_part part,
                            bool tells)
{
    cg_file_info info;
    *files = (cg_data_files){0};
    if (cg_platform_path_info(&info, data) && !info.folder)
        return find_beside(files, data, part, tells);
    return find_below(files, data, part, tells);
}

cg_status cg_data_files_find(cg_data_files *files, const char *data, cg_dataset_part part)
{
    return find_files(files, data, part, true);
}

cg_status cg_data_files_have(bool *has, const char *data, cg_dataset_part part)
{
    cg_data_files files;
    cg_status status = find_files(&files, data, part, false);
    *has = status == CG_OK && files.images;
    cg_data_files_deinit(&files);
    return status == CG_ERR_INPUT ? CG_OK : status;
}

/* ---- what is not there ----------------------------------------------------------------------- */

/* Returns what a file or folder with such a name is; *helps = what to do with it. */
static const char *describe(const char **helps, const char *path, const cg_data_name *name)
{
    cg_file_info info;
    const bool there = cg_platform_path_info(&info, path);
    const cg_file_kind *kind = name->kind == CG_DATA_NEAR ? cg_file_kind_read(path) : NULL;
    *helps = kind ? kind->helps : "";
    if (!there)
        return "not there: a link to nothing";
    if (info.folder)
        return name->kind == CG_DATA_NEAR ? "a folder without them" : "a folder, not a file";
    if (kind)
        return kind->what;
    return name->kind == CG_DATA_LABELS   ? "a file of labels"
           : name->kind == CG_DATA_IMAGES ? "a file of other images"
                                          : "something else";
}

typedef struct near_names {
    cg_text text;
    size_t count;
} near_names;

/* Adds "NAME, which is WHAT" for something that may have been meant. */
static cg_status add_near(void *user, const char *folder, const char *entry)
{
    near_names *near = user;
    const cg_data_name name = cg_data_name_read(entry);
    const char *helps, *what;
    char *path = NULL, clean[96];
    if (name.kind == CG_DATA_OTHER || entry[0] == '.' || ++near->count > NAMED_MOST)
        return CG_OK;
    cg_status status = cg_path_join(&path, folder, entry);
    if (status != CG_OK)
        return status;
    what = describe(&helps, path, &name);
    cg_text_clean(clean, sizeof clean, entry);
    cg_text_printf(&near->text, "%s%s, which is %s%s", near->count > 1 ? "; " : "; found ", clean,
                   what, helps);
    free(path);
    return near->text.status;
}

/* Logs what was wanted beside, or in, a file that was given. */
static cg_status tell_missing_beside(const char *path, cg_dataset_part part)
{
    const char *what = parts[part].what, *name = parts[part].images;
    if (cg_data_name_read(path + cg_platform_folder_length(path)).kind == CG_DATA_ARCHIVE)
        return cg_fail(CG_ERR_INPUT, "no %s images in %s: expected the array %s in it", what, path,
                       parts[part].array);
    return cg_fail(CG_ERR_INPUT, "no %s images for %s: expected %s or %s.gz beside it", what, path,
                   name, name);
}

cg_status cg_data_files_tell_missing(const char *data, cg_dataset_part part)
{
    near_names near = {0};
    cg_file_info info;
    cg_status status = CG_OK;
    const bool there = cg_platform_path_info(&info, data);
    if (there && !info.folder)
        return tell_missing_beside(data, part);
    if (!there)
        return cg_fail(CG_ERR_INPUT, "no %s images in %s: %s", parts[part].what, data,
                       strerror(errno));
    CG_TRY(cg_folder_visit(data, add_near, &near));
    const char *name = parts[part].images;
    status = cg_fail(CG_ERR_INPUT, "no %s images in %s: expected %s or %s.gz in it%s",
                     parts[part].what, data, name, name, near.text.data ? near.text.data : "");
done:
    cg_text_deinit(&near.text);
    return status;
}

void cg_data_files_deinit(cg_data_files *files)
{
    free(files->images);
    free(files->labels);
    *files = (cg_data_files){0};
}
