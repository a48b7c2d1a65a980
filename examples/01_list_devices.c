/* Lists the OpenCL devices, and marks the one that a selector selects.
 *
 *     01_list_devices              marks the one that is used by default
 *     01_list_devices 'gpu,cpu'    a GPU, else a CPU: the grammar of --device (clgan/device.h)
 */
#include <clgan/device.h>
#include <stdio.h>

int main(int argc, char **argv)
{
    const char *selector = argc > 1 ? argv[1] : NULL; /* NULL: the best device */
    cg_devices *devices = NULL;
    size_t chosen = 0;

    /* A call that fails has said why on stderr; the status tells the program. */
    if (cg_devices_create(&devices) != CG_OK)
        return 1;
    size_t count = cg_devices_count(devices);
    cg_status status = cg_device_select(&chosen, cg_devices_info(devices, 0), count, selector);

    for (size_t i = 0; i < count && status == CG_OK; i++) {
        const cg_device_info *info = cg_devices_info(devices, i);
        printf("%s %s (%s, %s): %zu units, %.1f GiB\n", i == chosen ? "->" : "  ", info->name,
               cg_device_type_name(info->type), info->platform, info->compute_units,
               (double)info->global_mem_bytes / (1 << 30));
    }
    cg_devices_release(devices);
    return status == CG_OK ? 0 : 1;
}
