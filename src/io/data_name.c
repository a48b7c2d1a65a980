/* Names as words. The table has those that are seen in MNIST's files and in what other places make
 * of them: Kaggle's train-images.idx3-ubyte, EMNIST's emnist-letters-train-images-idx3-ubyte,
 * QMNIST's qmnist-test-labels-idx2-int, KMNIST's kmnist-train-imgs.npz, Keras' x_train. */
#include "io/data_name.h"

#include "base/memory.h"

#include <ctype.h>
#include <stdio.h>
#include <string.h>

typedef enum word_class {
    WORD_PART,    /* value: cg_dataset_part                       */
    WORD_KIND,    /* value: cg_data_kind                          */
    WORD_PACKED,  /* the file is gzip                             */
    WORD_ARCHIVE, /* .npz                                         */
    WORD_FORMAT,  /* says nothing more                            */
    WORD_FOREIGN, /* an ending of files that are no data as yet; value: 1 where such a file often
                   * has data in it                               */
    WORD_HINT,    /* found in names of what somebody may have meant */
    WORD_UNKNOWN
} word_class;

static const struct word {
    const char *word;
    word_class class;
    int value;
} words[] = {
    {"train", WORD_PART, CG_DATASET_TRAIN},
    {"training", WORD_PART, CG_DATASET_TRAIN},
    {"t10k", WORD_PART, CG_DATASET_TEST},
    {"test", WORD_PART, CG_DATASET_TEST},
    {"testing", WORD_PART, CG_DATASET_TEST},
    {"images", WORD_KIND, CG_DATA_IMAGES},
    {"image", WORD_KIND, CG_DATA_IMAGES},
    {"imgs", WORD_KIND, CG_DATA_IMAGES},
    {"x", WORD_KIND, CG_DATA_IMAGES},
    {"labels", WORD_KIND, CG_DATA_LABELS},
    {"label", WORD_KIND, CG_DATA_LABELS},
    {"y", WORD_KIND, CG_DATA_LABELS},
    {"gz", WORD_PACKED, 0},
    {"npz", WORD_ARCHIVE, 0},
    {"idx", WORD_FORMAT, 0},
    {"idx1", WORD_FORMAT, 0},
    {"idx2", WORD_FORMAT, 0},
    {"idx3", WORD_FORMAT, 0},
    {"ubyte", WORD_FORMAT, 0},
    {"byte", WORD_FORMAT, 0},
    {"int", WORD_FORMAT, 0},
    {"npy", WORD_FORMAT, 0},
    {"bin", WORD_FORMAT, 0},
    {"zip", WORD_FOREIGN, 1},
    {"tar", WORD_FOREIGN, 1},
    {"tgz", WORD_FOREIGN, 1},
    {"7z", WORD_FOREIGN, 1},
    {"rar", WORD_FOREIGN, 1},
    {"bz2", WORD_FOREIGN, 1},
    {"xz", WORD_FOREIGN, 1},
    {"zst", WORD_FOREIGN, 1},
    {"csv", WORD_FOREIGN, 1},
    {"tsv", WORD_FOREIGN, 1},
    {"txt", WORD_FOREIGN, 0},
    {"json", WORD_FOREIGN, 0},
    {"html", WORD_FOREIGN, 0},
    {"htm", WORD_FOREIGN, 0},
    {"parquet", WORD_FOREIGN, 1},
    {"arff", WORD_FOREIGN, 1},
    {"mat", WORD_FOREIGN, 1},
    {"pkl", WORD_FOREIGN, 1},
    {"pickle", WORD_FOREIGN, 1},
    {"pt", WORD_FOREIGN, 0},
    {"h5", WORD_FOREIGN, 1},
    {"md", WORD_FOREIGN, 0},
    {"log", WORD_FOREIGN, 0},
    {"py", WORD_FOREIGN, 0},
    {"ipynb", WORD_FOREIGN, 0},
    {"c", WORD_FOREIGN, 0},
    {"h", WORD_FOREIGN, 0},
    {"sh", WORD_FOREIGN, 0},
    {"png", WORD_FOREIGN, 0},
    {"jpg", WORD_FOREIGN, 0},
    {"jpeg", WORD_FOREIGN, 0},
    {"gif", WORD_FOREIGN, 0},
    {"part", WORD_FOREIGN, 0},
    {"partial", WORD_FOREIGN, 0},
    {"crdownload", WORD_FOREIGN, 0},
    {"download", WORD_FOREIGN, 0},
    {"tmp", WORD_FOREIGN, 0},
    {"md5", WORD_FOREIGN, 0},
    {"sha256", WORD_FOREIGN, 0},
    {"mnist", WORD_HINT, 0},
    {"emnist", WORD_HINT, 0},
    {"kmnist", WORD_HINT, 0},
    {"qmnist", WORD_HINT, 0},
    {"fashion", WORD_HINT, 0},
};

static const struct word *find_word(const char *text, size_t length)
{
    static const struct word unknown = {"", WORD_UNKNOWN, 0};
    for (size_t i = 0; i < CG_COUNT(words); i++)
        if (strlen(words[i].word) == length && memcmp(words[i].word, text, length) == 0)
            return &words[i];
    return &unknown;
}

/* The words of a name that have been read so far. */
typedef struct reading {
    cg_data_name name;
    int part, kind;                    /* -1: not yet */
    bool archive, foreign, data, hint; /* data: foreign, and often with data in it */
    size_t used;                       /* of name.set */
} reading;

/* A word that says nothing of its own, or that was there before, is of the set's name. */
static void add_word(reading *r, const char *text, size_t length)
{
    const struct word *word = find_word(text, length);
    r->foreign |= word->class == WORD_FOREIGN;
    r->data |= word->class == WORD_FOREIGN && word->value;
    r->hint |= word->class == WORD_HINT;
    r->archive |= word->class == WORD_ARCHIVE;
    r->name.packed = word->class == WORD_PACKED;
    if (word->class == WORD_PART && r->part < 0)
        r->part = word->value;
    else if (word->class == WORD_KIND && r->kind < 0)
        r->kind = word->value;
    else if (word->class == WORD_PART || word->class == WORD_KIND || word->class == WORD_HINT ||
             word->class == WORD_UNKNOWN)
        r->used += (size_t)snprintf(r->name.set + r->used, sizeof r->name.set - r->used, "%s%.*s",
                                    r->used ? "-" : "", (int)length, text);
    if (r->used >= sizeof r->name.set)
        r->used = sizeof r->name.set - 1;
}

cg_data_name cg_data_name_read(const char *name)
{
    char text[256];
    size_t length = 0;
    reading r = {.part = -1, .kind = -1};
    for (; name[length] && length + 1 < sizeof text; length++)
        text[length] = (char)tolower((unsigned char)name[length]);
    text[length] = '\0';
    for (const char *at = text; *at; at++) {
        const char *begin = at;
        while (isalnum((unsigned char)*at))
            at++;
        if (at > begin)
            add_word(&r, begin, (size_t)(at - begin));
        if (!*at)
            break;
    }
    if (r.part >= 0 && r.kind >= 0 && !r.foreign)
        r.name.kind = (cg_data_kind)r.kind;
    else if (r.archive && !r.foreign)
        r.name.kind = CG_DATA_ARCHIVE;
    else if (r.data || (r.part >= 0 && r.kind >= 0) ||
             (!r.foreign && (r.part >= 0 || r.kind >= 0 || r.hint)))
        r.name.kind = CG_DATA_NEAR;
    r.name.part = r.part >= 0 ? (cg_dataset_part)r.part : CG_DATASET_TRAIN;
    return r.name;
}
