/* clgan report: runs are read, their newest checkpoints draw, and all of it becomes a page. */
#include <clgan/report.h>

#include "base/file.h"
#include "base/memory.h"
#include "base/try.h"
#include "figure/figure.h"
#include "report/page.h"

#include <stdlib.h>

static cg_status read_run(cg_report_data *e, size_t i, cg_report_sampler *sampler)
{
    cg_status status = CG_OK;
    cg_run_data *run = &e->runs.items[i];
    CG_TRY(cg_run_pictures_read(&e->pictures[i], run));
    CG_TRY(cg_run_samples_draw(&e->samples[i], sampler, run));
    status = run->notes.status;
done:
    return status;
}

/* All folders are looked at before anything is drawn: a wrong one is told at once. */
static cg_status read_runs(cg_report_data *e, const cg_report_options *o)
{
    cg_status status = CG_OK;
    cg_report_sampler *sampler = NULL;
    CG_TRY(cg_memory_create(&e->runs.items, o->run_count, sizeof *e->runs.items));
    CG_TRY(cg_memory_create(&e->pictures, o->run_count, sizeof *e->pictures));
    CG_TRY(cg_memory_create(&e->samples, o->run_count, sizeof *e->samples));
    for (e->runs.count = 0; e->runs.count < o->run_count;) {
        size_t i = e->runs.count++;
        CG_TRY(cg_run_data_read(&e->runs.items[i], o->runs[i]));
    }
    CG_TRY(cg_report_sampler_create(&sampler, o));
    for (size_t i = 0; i < o->run_count; i++)
        CG_TRY(read_run(e, i, sampler));
done:
    cg_report_sampler_release(sampler);
    return status;
}

static void deinit_data(cg_report_data *e)
{
    for (size_t i = 0; i < e->runs.count; i++) {
        cg_run_data_deinit(&e->runs.items[i]);
        cg_run_pictures_deinit(&e->pictures[i]);
        cg_run_samples_deinit(&e->samples[i]);
    }
    free(e->runs.items);
    free(e->pictures);
    free(e->samples);
}

cg_status cg_report(const cg_report_options *o)
{
    cg_status status = CG_OK;
    cg_report_data e = {0};
    cg_text page = {0}, png = {0};

    if (o->run_count < 1 || o->run_count > CG_REPORT_RUNS)
        return cg_fail(CG_ERR_ARGUMENT, "a report is of 1 to %d runs, not %zu", CG_REPORT_RUNS,
                       o->run_count);
    CG_TRY(cg_figure_check());
    CG_TRY(cg_file_probe_output("--out", o->out, ".html"));
    CG_TRY(cg_file_probe_output("--png", o->png, ".png"));
    CG_TRY(read_runs(&e, o));
    CG_TRY(cg_report_add_page(&page, &e));
    CG_TRY(o->png ? cg_figures_add_png(&png, &e.runs) : CG_OK);
    CG_TRY(cg_file_write(o->out, page.data, page.size));
    CG_TRY(o->png ? cg_file_write(o->png, png.data, png.size) : CG_OK);
done:
    cg_text_deinit(&page);
    cg_text_deinit(&png);
    deinit_data(&e);
    return status;
}
