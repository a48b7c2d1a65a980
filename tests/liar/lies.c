/* The table of lies, and when it is time for one. */
#include "liar.h"

#include <pthread.h>

/* clang-format off */
static const struct {
    const char *name;
    liar_lie lie;
    bool is_limit; /* N is no number of chances */
} lies[] = {
    {"skip-launch", LIAR_SKIP_LAUNCH, false},
    {"skip-first", LIAR_SKIP_FIRST, false},
    {"only-first", LIAR_ONLY_FIRST, false},
    {"twice", LIAR_TWICE, false},
    {"last-group", LIAR_LAST_GROUP, false},
    {"last-groups", LIAR_LAST_GROUPS, false},
    {"half-groups", LIAR_HALF_GROUPS, false},
    {"most-groups", LIAR_MOST_GROUPS, true},
    {"offset", LIAR_OFFSET, false},
    {"swap", LIAR_SWAP, false},
    {"late-arg", LIAR_LATE_ARG, false},
    {"small-local", LIAR_SMALL_LOCAL, false},
    {"flip-memory", LIAR_FLIP_MEMORY, false},
    {"flip-read", LIAR_FLIP_READ, false},
    {"stale-read", LIAR_STALE_READ, false},
    {"no-read", LIAR_NO_READ, false},
    {"short-read", LIAR_SHORT_READ, false},
    {"most-read", LIAR_MOST_READ, true},
    {"read-origin", LIAR_READ_ORIGIN, false},
    {"flip-write", LIAR_FLIP_WRITE, false},
    {"no-write", LIAR_NO_WRITE, false},
    {"short-write", LIAR_SHORT_WRITE, false},
    {"most-write", LIAR_MOST_WRITE, true},
    {"write-origin", LIAR_WRITE_ORIGIN, false},
    {"no-fill", LIAR_NO_FILL, false},
    {"mid-group", LIAR_MID_GROUP, true},
    {"late-word", LIAR_LATE_WORD, true},
    {"no-copy", LIAR_NO_COPY, false},
    {"copy-origin", LIAR_COPY_ORIGIN, false},
    {"short-fill", LIAR_SHORT_FILL, false},
    {"view-origin", LIAR_VIEW_ORIGIN, false},
};
/* clang-format on */

static struct {
    liar_lie lie;
    bool is_limit;
    size_t number, after;
    char kernel[64]; /* "": all */
} told = {.number = 1};

static pthread_once_t once = PTHREAD_ONCE_INIT;
static size_t chances;

static void find_lie(const char *name, size_t length)
{
    for (size_t i = 0; i < sizeof lies / sizeof *lies; i++)
        if (strlen(lies[i].name) == length && !strncmp(lies[i].name, name, length)) {
            told.lie = lies[i].lie;
            told.is_limit = lies[i].is_limit;
        }
}

/* True when the program has the argument that CLGAN_LIAR_ARGUMENT is. */
bool liar_is_meant(void)
{
    const char *wanted = getenv("CLGAN_LIAR_ARGUMENT");
    char arguments[8192] = "";
    FILE *file = wanted ? fopen("/proc/self/cmdline", "r") : NULL;
    size_t size = file ? fread(arguments, 1, sizeof arguments - 1, file) : 0;
    bool found = !wanted;
    if (file)
        fclose(file);
    for (size_t i = 0; i < size; i += strlen(arguments + i) + 1)
        found |= wanted && strcmp(arguments + i, wanted) == 0;
    return found;
}

/* A mistake in a test's table must not pass for an honest driver. */
static void read_environment(void)
{
    const char *text = getenv("CLGAN_LIAR");
    if (!text || !*text || !liar_is_meant())
        return;
    find_lie(text, strcspn(text, ":@+"));
    const char *number = strchr(text, ':'), *kernel = strchr(text, '@');
    const char *after = strchr(text, '+');
    if (number)
        told.number = strtoul(number + 1, NULL, 10);
    if (after)
        told.after = strtoul(after + 1, NULL, 10);
    if (kernel)
        snprintf(told.kernel, sizeof told.kernel, "%.*s", (int)strcspn(kernel + 1, ":+"),
                 kernel + 1);
    if (told.lie == LIAR_NONE || !told.number) {
        fprintf(stderr, "liar: no such lie: CLGAN_LIAR=%s\n", text);
        abort();
    }
}

bool liar_would(liar_lie lie)
{
    pthread_once(&once, read_environment);
    return told.lie == lie;
}

static void note(void)
{
    static bool noted;
    const char *path = getenv("CLGAN_LIAR_LOG");
    FILE *log = path && !noted ? fopen(path, "w") : NULL;
    noted = true;
    if (log)
        fclose(log);
}

bool liar_lies(liar_lie lie)
{
    if (!liar_would(lie))
        return false;
    size_t chance = __atomic_add_fetch(&chances, 1, __ATOMIC_RELAXED);
    if (chance <= told.after || (!told.is_limit && (chance - told.after) % told.number))
        return false;
    note();
    return true;
}

size_t liar_number(void)
{
    return told.number;
}

bool liar_means(cl_kernel kernel)
{
    char name[sizeof told.kernel] = "";
    pthread_once(&once, read_environment);
    if (!*told.kernel)
        return true;
    clGetKernelInfo(kernel, CL_KERNEL_FUNCTION_NAME, sizeof name, name, NULL);
    return !strcmp(name, told.kernel);
}

size_t liar_random(void)
{
    return chances * 2654435761u >> 7;
}
