/* Checkpoints, tunings, programs, and the texts that choose devices and algorithms. */
#include "fuzz/fuzz.h"

#include "base/hash.h"
#include "base/json.h"
#include "eval/classifier_file.h"
#include "nn/tuning.h"
#include "ocl/cache.h"
#include "ocl/runtime.h"
#include "run/checkpoint.h"
#include "verify/fixture.h"

#include <clgan/device.h>
#include <clgan/safetensors.h>
#include <math.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>

/* A runtime of no device: enough of one to choose algorithms for. */
static cg_runtime *plain_runtime(void)
{
    static cg_runtime rt = {
        .info = {.id = "0:0",
                 .name = "device",
                 .platform = "platform",
                 .driver = "driver",
                 .type = CG_DEVICE_CPU,
                 .local_mem_bytes = 1 << 18,
                 .max_work_group = 4096,
                 .vector_width = 8},
        .vec = 8,
    };
    return &rt;
}

static void use_tensor(const cg_safetensors *file, const cg_host_tensor *tensor)
{
    size_t count = 1;
    double sum = 0;
    for (size_t i = 0; i < tensor->rank; i++)
        count *= tensor->dims[i];
    for (size_t i = 0; i < count; i++)
        sum += isfinite(tensor->data[i]) ? 1 : 0;
    fuzz_need(sum <= (double)count, "tensors can be read");
    fuzz_need(cg_safetensors_get(file, tensor->name) == tensor, "names are found");
}

void fuzz_safetensors(const unsigned char *data, size_t size)
{
    const char *path = fuzz_put("step_00000001.safetensors", data, size);
    cg_safetensors *file = NULL;
    cg_recipe recipe;
    uint64_t step;
    cg_classifier *net = NULL;
    cg_classifier_id id;
    if (cg_safetensors_read(&file, path) == CG_OK) {
        fuzz_need(cg_safetensors_is_whole(path), "what can be read looks whole");
        for (size_t i = 0; i < cg_safetensors_count(file); i++)
            use_tensor(file, cg_safetensors_at(file, i));
        cg_safetensors_metadata(file, "options");
    }
    cg_safetensors_release(file);
    if (cg_checkpoint_read(&file, &recipe, &step, path) == CG_OK)
        cg_safetensors_release(file);
    fuzz_need(cg_classifier_read(&net, &id, plain_runtime(), 1, path) != CG_OK,
              "an input is too small for a classifier");
}

/* The options in a checkpoint's metadata: what is read is written, and read again. */
void fuzz_options(const unsigned char *data, size_t size)
{
    cg_recipe recipe = {0}, again = {0};
    char *text = fuzz_text(data, size), *written = NULL;
    if (cg_checkpoint_read_options(&recipe, text) == CG_OK) {
        fuzz_need(cg_checkpoint_print_options(&written, &recipe) == CG_OK &&
                      cg_checkpoint_read_options(&again, written) == CG_OK,
                  "options that are written can be read");
        fuzz_need(memcmp(recipe.hypers, again.hypers, sizeof recipe.hypers) == 0 &&
                      recipe.batch == again.batch && strcmp(recipe.device, again.device) == 0,
                  "options stay as they are");
    }
    cJSON_free(written);
    free(text);
}

void fuzz_tuning(const unsigned char *data, size_t size)
{
    char text[CG_CHOICE_TEXT];
    const char *path = fuzz_put("tuning.json", data, size);
    setenv("CLGAN_TUNING", path, 1);
    bool found;
    if (cg_tuning_find(&found, text, plain_runtime()) == CG_OK && found)
        fuzz_need(cg_choice_is_usable(plain_runtime(), text), "a tuning serves");
    setenv("CLGAN_TUNING", "", 1);
    cg_tuning_probe(path);
}

/* A choice that can be parsed and serves is described, and parsed again. */
void fuzz_choice(const unsigned char *data, size_t size)
{
    cg_choice choice, again;
    char described[CG_CHOICE_TEXT];
    char *text = fuzz_text(data, size);
    cg_runtime *rt = plain_runtime();
    bool usable = cg_choice_is_usable(rt, text);
    bool parsed = cg_choice_parse(&choice, rt, text, false) == CG_OK;
    fuzz_need(parsed || !usable, "what is usable can be parsed");
    if (parsed && cg_choice_describe(described, rt, &choice) == CG_OK)
        fuzz_need(cg_choice_parse(&again, rt, described, false) == CG_OK,
                  "the description of a choice can be parsed");
    free(text);
}

void fuzz_device(const unsigned char *data, size_t size)
{
    static const cg_device_info infos[] = {
        {.id = "0:0",
         .name = "Intel(R) Arc(TM) A770",
         .platform = "Intel(R) OpenCL Graphics",
         .vendor = "Intel(R) Corporation",
         .type = CG_DEVICE_GPU},
        {.id = "1:0",
         .name = "cpu-haswell",
         .platform = "Portable Computing Language",
         .vendor = "GenuineIntel",
         .type = CG_DEVICE_CPU},
        {.id = "1:1", .name = "?", .platform = "rusticl", .type = CG_DEVICE_ACCELERATOR},
    };
    enum { COUNT = sizeof infos / sizeof infos[0] };
    bool selected[COUNT];
    size_t index;
    char *text = fuzz_text(data, size);
    if (cg_device_select(&index, infos, COUNT, text) == CG_OK)
        fuzz_need(index < COUNT, "a device that is there is selected");
    cg_device_select_all(selected, infos, COUNT, text);
    free(text);
}

static const char cache_key[] = "a program of clgan\n";

/* The file that cg_cache_put() writes is found by its name, which is that of the key. */
void fuzz_cache(const unsigned char *data, size_t size)
{
    static char *name;
    cg_cache cache = {.folder = (char *)(uintptr_t)fuzz_path("."), .limit_bytes = 1 << 28};
    void *found = NULL;
    size_t length = 0;
    if (!name) {
        char digest[33];
        cg_xxh3_128_hex(digest, cache_key, strlen(cache_key));
        name = malloc(64);
        fuzz_need(name != NULL, "there is memory for the test");
        snprintf(name, 64, "%s.program", digest);
    }
    fuzz_put(name, data, size);
    if (cg_cache_get(&cache, cache_key, &found, &length))
        fuzz_need(length <= size, "a program is within its file");
    free(found);
}

void fuzz_fixture(const unsigned char *data, size_t size)
{
    cg_fixture *fixture = NULL;
    cg_fixture_read(&fixture, fuzz_put("fixture.json", data, size));
    cg_fixture_release(fixture);
}
