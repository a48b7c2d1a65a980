/* Gives each target its committed inputs, tests/fuzz/seeds/TARGET/: real files cut down, and what
 * fuzzing has found. With arguments, a target and files, it gives that target these. */
#include "fuzz/fuzz.h"

#include <dirent.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include <sys/resource.h>

/* A reader that does not end is ended, long after all of them should have. */
enum { SECONDS = 300 };

static void run_file(const fuzz_target *target, const char *path)
{
    FILE *file = fopen(path, "rb");
    fuzz_need(file && fseek(file, 0, SEEK_END) == 0, path);
    size_t size = (size_t)ftell(file);
    unsigned char *data = malloc(size ? size : 1); /* as large as it is: no reader sees more */
    rewind(file);
    fuzz_need(data && fread(data, 1, size, file) == size, path);
    fclose(file);
    if (getenv("FUZZ_VERBOSE"))
        fprintf(stderr, "%s: %s\n", target->name, path);
    fuzz_run(target, data, size);
    free(data);
}

/* Returns how many there were. */
static size_t run_folder(const fuzz_target *target)
{
    char folder[512], path[1024];
    size_t count = 0;
    snprintf(folder, sizeof folder, "%s/fuzz/seeds/%s", CLGAN_TEST_DIR, target->name);
    DIR *handle = opendir(folder);
    for (struct dirent *e; handle && (e = readdir(handle));) {
        if (e->d_name[0] == '.')
            continue;
        snprintf(path, sizeof path, "%s/%s", folder, e->d_name);
        run_file(target, path);
        count++;
    }
    if (handle)
        closedir(handle);
    return count;
}

int main(int argc, char **argv)
{
    const struct rlimit limit = {SECONDS, SECONDS};
    const fuzz_target *chosen = argc > 1 ? fuzz_find(argv[1]) : NULL;
    setrlimit(RLIMIT_CPU, &limit);
    if (argc > 1 && !chosen) {
        fprintf(stderr, "no target %s\n", argv[1]);
        return 2;
    }
    for (int i = 2; i < argc; i++)
        run_file(chosen, argv[i]);
    for (const fuzz_target *target = fuzz_targets; argc == 1 && target->name; target++) {
        size_t count = run_folder(target);
        printf("%s: %zu inputs\n", target->name, count);
        fuzz_need(count > 0, "each target has seeds");
    }
    return 0;
}
