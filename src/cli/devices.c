/* clgan devices: what there is. */
#include "cli/cli.h"
#include "cli/output.h"

#include <clgan/device.h>
#include <stdio.h>

static cg_status print_table(const cg_devices *devices, size_t best)
{
    for (size_t i = 0; i < cg_devices_count(devices); i++) {
        const cg_device_info *d = cg_devices_info(devices, i);
        char text[800];
        int at = printf("%c %zu  %-5s %-11s ", i == best ? '*' : ' ', i, d->id,
                        cg_device_type_name(d->type));
        snprintf(text, sizeof text, "%s (%s), driver %s, %zu units, %.1f GiB%s%s", d->name,
                 d->platform, d->driver, d->compute_units, (double)d->global_mem_bytes / (1 << 30),
                 d->unusable[0] ? "; unusable: " : "", d->unusable);
        cg_output_result(text, (size_t)at, 4);
    }
    return CG_OK;
}

/* False when there is no memory for a member. */
static bool add_device(cJSON *list, const cg_device_info *d, size_t index, bool is_default)
{
    cJSON *json = cJSON_CreateObject();
    if (!cJSON_AddItemToArray(list, json)) {
        cJSON_Delete(json);
        return false;
    }
    return cJSON_AddNumberToObject(json, "index", (double)index) &&
           cJSON_AddStringToObject(json, "id", d->id) &&
           cJSON_AddStringToObject(json, "name", d->name) &&
           cJSON_AddStringToObject(json, "platform", d->platform) &&
           cJSON_AddStringToObject(json, "vendor", d->vendor) &&
           cJSON_AddStringToObject(json, "type", cg_device_type_name(d->type)) &&
           cJSON_AddStringToObject(json, "driver", d->driver) &&
           cJSON_AddStringToObject(json, "version", d->version) &&
           cJSON_AddNumberToObject(json, "global_mem_bytes", (double)d->global_mem_bytes) &&
           cJSON_AddNumberToObject(json, "compute_units", (double)d->compute_units) &&
           (!d->unusable[0] || cJSON_AddStringToObject(json, "unusable", d->unusable)) &&
           cJSON_AddBoolToObject(json, "default", is_default);
}

static cg_status print_json(const cg_devices *devices, size_t best)
{
    cJSON *json = cJSON_CreateObject();
    cJSON *list = cJSON_AddArrayToObject(json, "devices");
    bool added = list != NULL;
    for (size_t i = 0; added && i < cg_devices_count(devices); i++)
        added = add_device(list, cg_devices_info(devices, i), i, i == best);
    cg_status status = cg_print_json(added ? json : NULL);
    cJSON_Delete(json);
    return status;
}

static int run_devices(const cg_command *command, int argc, char **argv)
{
    bool json = false, helped;
    const cg_option options[] = {
        {"json", CG_OPTION_FLAG, &json, NULL, 0, 0, NULL, "print JSON"},
    };
    cg_devices *devices = NULL;
    cg_status status = cg_options_parse(command, options, 1, argc, argv, &helped);
    if (status == CG_OK && !helped)
        status = cg_devices_create(&devices);
    if (status == CG_OK && !helped) {
        size_t count = cg_devices_count(devices), best = count;
        cg_status selected = cg_device_select(&best, cg_devices_info(devices, 0), count, NULL);
        if (json || count)
            status = (json ? print_json : print_table)(devices, selected == CG_OK ? best : count);
        if (status == CG_OK)
            status = selected;
    }
    cg_devices_release(devices);
    return cg_exit_status(status);
}

const cg_command cg_command_devices = {
    .name = "devices",
    .summary = "lists the OpenCL devices; * marks the default",
    .synopsis = "[--json]",
    .example = "clgan devices --json",
    .run = run_devices,
};
