/* The targets as a table, and what holds for each of them. */
#include "fuzz/fuzz.h"

#include "base/text.h"
#include "sanitized.h"
#include "system.h"

#include <cjson/cJSON.h>
#include <clgan/log.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

const fuzz_target fuzz_targets[] = {
    {"idx", fuzz_idx, NULL},
    {"gzip", fuzz_gzip, fuzz_repair_gzip},
    {"npy", fuzz_npy, NULL},
    {"npz", fuzz_npz, fuzz_repair_npz},
    {"data", fuzz_data, NULL},
    {"png", fuzz_png, fuzz_repair_png},
    {"safetensors", fuzz_safetensors, fuzz_repair_safetensors},
    {"options", fuzz_options, NULL},
    {"tuning", fuzz_tuning, fuzz_repair_tuning},
    {"choice", fuzz_choice, NULL},
    {"device", fuzz_device, NULL},
    {"cache", fuzz_cache, fuzz_repair_cache},
    {"fixture", fuzz_fixture, NULL},
    {"config", fuzz_config, NULL},
    {"log", fuzz_log, NULL},
    {"run", fuzz_run_folder, NULL},
    {"report", fuzz_report, NULL},
    {"compare", fuzz_compare, NULL},
    {"compare_page", fuzz_compare_page, NULL},
    {"words", fuzz_words, NULL},
    {NULL, NULL, NULL},
};

const fuzz_target *fuzz_find(const char *name)
{
    for (const fuzz_target *target = fuzz_targets; name && target->name; target++)
        if (strcmp(target->name, name) == 0)
            return target;
    return NULL;
}

void fuzz_need(bool holds, const char *promise)
{
    if (holds)
        return;
    fprintf(stderr, "this does not hold: %s\n", promise);
    abort();
}

/* ---- memory ---------------------------------------------------------------------------------- */

/* The sanitizer tells of each block; without it nothing is counted. */
#if SANITIZED
/* sanitizer/allocator_interface.h, which gcc does not bring */
int __sanitizer_install_malloc_and_free_hooks(void (*malloc_hook)(const volatile void *, size_t),
                                              void (*free_hook)(const volatile void *));
size_t __sanitizer_get_allocated_size(const volatile void *block);

static size_t held, most_held;

static void count_block(const volatile void *block, size_t size)
{
    (void)block;
    held += size;
    most_held = held > most_held ? held : most_held;
}

static void uncount_block(const volatile void *block)
{
    size_t size = block ? __sanitizer_get_allocated_size(block) : 0;
    held -= size < held ? size : held;
}

static void begin_memory(void)
{
    static bool installed;
    if (!installed)
        __sanitizer_install_malloc_and_free_hooks(count_block, uncount_block);
    installed = true;
    held = most_held = 0;
}

static size_t end_memory(void)
{
    return most_held;
}
#else
static void begin_memory(void)
{
}

static size_t end_memory(void)
{
    return 0;
}
#endif

/* ---- text ------------------------------------------------------------------------------------ */

static bool is_plain(const char *text)
{
    while (*text >= ' ' && *text <= '~')
        text++;
    return !*text;
}

void fuzz_check_shown(const char *text)
{
    if (is_plain(text))
        return;
    size_t room = strlen(text) + 1;
    char *clean = malloc(room);
    fuzz_need(clean != NULL, "there is memory for the test");
    cg_text_clean(clean, room, text);
    if (strcmp(clean, text) != 0)
        fprintf(stderr, "%s\n%s\n", clean, text);
    fuzz_need(strcmp(clean, text) == 0, "what is shown is UTF-8 without control characters");
    free(clean);
}

void fuzz_check_json(const char *text)
{
    cJSON *json = cJSON_ParseWithOpts(text, NULL, 1);
    fuzz_need(json != NULL, "what is written is JSON");
    cJSON_Delete(json);
}

/* The elements of clgan's pages. */
static bool is_element(const char *name, size_t length)
{
    static const char known[] =
        " !doctype html head meta title style body h1 h2 h3 p div section table thead tbody tr th "
        "td "
        "br small span bdi figure figcaption details summary code ul li fieldset legend label "
        "input img "
        "picture source ?xml svg desc defs g use symbol clippath path rect ";
    char wanted[24];
    if (length + 3 > sizeof wanted)
        return false;
    snprintf(wanted, sizeof wanted, " %.*s ", (int)length, name);
    for (char *c = wanted; *c; c++)
        *c = *c >= 'A' && *c <= 'Z' ? (char)(*c + 'a' - 'A') : *c;
    return strstr(known, wanted) != NULL;
}

/* Returns what is behind the tag that begins at `at`, NULL where it has no end, or an attribute
 * that runs a script. */
static const char *pass_tag(const char *at)
{
    for (char quote = '\0'; *at; at++) {
        if (quote)
            quote = *at == quote ? '\0' : quote;
        else if (*at == '"' || *at == '\'')
            quote = *at;
        else if (*at == '>')
            return at + 1;
        else if (*at == '<' || strncmp(at, " on", 3) == 0)
            return NULL;
    }
    return NULL;
}

void fuzz_check_page(const char *page)
{
    for (const char *at = page; (at = strchr(at, '<'));) {
        const char *name = at + 1 + (at[1] == '/');
        if (!is_element(name, strcspn(name, " \t\n/>")))
            fprintf(stderr, "%.60s\n", at);
        fuzz_need(is_element(name, strcspn(name, " \t\n/>")), "a page has known elements");
        at = pass_tag(at + 1);
        fuzz_need(at != NULL, "a page's tags end, and have no scripts");
    }
}

/* ---- files ----------------------------------------------------------------------------------- */

static char scratch[64];

static void remove_scratch(void)
{
    char command[96];
    snprintf(command, sizeof command, "rm -rf '%s'", scratch);
    if (system(command) != 0)
        perror(command);
}

static void make_scratch(void)
{
    const char *folder = access("/dev/shm", W_OK) == 0 ? "/dev/shm" : "/tmp";
    snprintf(scratch, sizeof scratch, "%s/clgan_fuzz_XXXXXX", folder);
    fuzz_need(mkdtemp(scratch) != NULL, "a scratch folder can be made");
    atexit(remove_scratch);
}

const char *fuzz_path(const char *name)
{
    static char paths[4][256];
    static unsigned next;
    char *path = paths[next++ % 4];
    snprintf(path, sizeof paths[0], "%s/%s", scratch, name);
    return path;
}

const char *fuzz_put(const char *name, const void *data, size_t size)
{
    const char *path = fuzz_path(name);
    int file = open(path, O_WRONLY | O_CREAT | O_TRUNC | O_CLOEXEC, 0600);
    fuzz_need(file >= 0 && write(file, data, size) == (ssize_t)size, "scratch files are written");
    close(file);
    return path;
}

char *fuzz_text(const unsigned char *data, size_t size)
{
    char *text = malloc(size + 1);
    fuzz_need(text != NULL, "there is memory for the test");
    if (size)
        memcpy(text, data, size);
    text[size] = '\0';
    return text;
}

fuzz_part fuzz_next(fuzz_part *rest)
{
    static const char mark[] = "\n%%\n";
    fuzz_part part = *rest;
    const char *found = memmem(part.data, part.size, mark, sizeof mark - 1);
    if (!found) {
        *rest = (fuzz_part){part.data + part.size, 0};
        return part;
    }
    part.size = (size_t)((const unsigned char *)found - part.data) + 1; /* its last line's end */
    rest->size -= part.size + sizeof mark - 2;
    rest->data += part.size + sizeof mark - 2;
    return part;
}

/* ---- running --------------------------------------------------------------------------------- */

static void check_line(void *user, cg_log_level level, const char *line)
{
    (void)user;
    (void)level;
    fuzz_check_shown(line);
}

static void run_once(const fuzz_target *target, const unsigned char *data, size_t size)
{
    begin_memory();
    target->read(data, size);
    fuzz_need(end_memory() <= size + FUZZ_MEMORY,
              "a reader takes no more memory than the file's size and 64 MiB");
}

void fuzz_run(const fuzz_target *target, const unsigned char *data, size_t size)
{
    if (!scratch[0]) {
        make_scratch();
        cg_log_set_level(CG_LOG_DEBUG);
        cg_log_set_handler(check_line, NULL);
    }
    run_once(target, data, size);
    if (!target->repair)
        return;
    unsigned char *repaired = (unsigned char *)fuzz_text(data, size);
    target->repair(repaired, size);
    if (size && memcmp(repaired, data, size) != 0)
        run_once(target, repaired, size);
    free(repaired);
}
